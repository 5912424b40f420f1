// Choosing a season swaps the list of episodes in place; without this script the form's button loads the page.
let newest = 0;

export function bindSeasons() {
  document.addEventListener("change", async ({ target }) => {
    const form = target.closest?.("[data-seasons]");
    if (!form) return;
    const mine = ++newest;
    const part = document.getElementById("episodes");
    part.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(target.selectedOptions[0].dataset.url, { headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("episodes");
      if (!answer.ok || !fresh) throw new Error(answer.statusText);
      if (mine !== newest) return; // another season was chosen meanwhile
      const held = document.activeElement === target;
      part.replaceWith(fresh);
      const url = new URL(location.href);
      url.searchParams.set("season", target.value);
      url.hash = "";
      history.replaceState(null, "", url);
      hideButtons();
      if (held) document.getElementById("season").focus();
    } catch {
      if (mine === newest) form.submit();
    }
  });
  hideButtons();
}

function hideButtons() {
  for (const button of document.querySelectorAll("[data-seasons] button")) button.hidden = true;
}
