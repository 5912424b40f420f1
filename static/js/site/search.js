// Suggestions while one types: a combobox with a list; without this script the form's Enter leads to the search page.
const DEBOUNCE_MS = 150;
// While a method of input composes, what stands in the field is half a word. It is asked for only after a rest: telephones
// compose every word, also English ones, until the next space.
const COMPOSING_MS = 800;

export function bindSearch() {
  for (const form of document.querySelectorAll("[data-search]")) bind(form);
}

function bind(form) {
  const input = form.querySelector("input");
  const list = form.querySelector("[role=listbox]");
  const status = form.querySelector("[data-search-status]");
  let timer = 0;
  let asking = null;
  let chosen = -1;

  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
    input.setAttribute(name, value);
  }

  const options = () => [...list.querySelectorAll("[role=option]")];

  const show = (open) => {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) choose(-1);
  };

  const choose = (index) => {
    chosen = index;
    for (const [place, option] of options().entries()) option.setAttribute("aria-selected", String(place === index));
    const option = options()[index];
    if (!option) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  const stop = () => {
    clearTimeout(timer);
    asking?.abort();
  };

  const ask = async () => {
    const query = input.value.trim();
    if (!query) return show(false);
    asking = new AbortController();
    try {
      const address = `${form.dataset.search}?${new URLSearchParams({ q: query })}`;
      const answer = await fetch(address, { signal: asking.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      list.replaceChildren(...fresh.querySelectorAll("[role=option]"));
      for (const [place, option] of options().entries()) option.id = `${list.id}-${place}`;
      status.textContent = fresh.querySelector("p")?.textContent ?? "";
      show(options().length > 0);
      choose(-1);
    } catch (error) {
      if (error.name !== "AbortError") show(false); // Enter still searches
    }
  };

  const askLater = ({ isComposing }) => {
    stop();
    timer = setTimeout(ask, isComposing ? COMPOSING_MS : DEBOUNCE_MS);
  };
  input.addEventListener("input", askLater);
  input.addEventListener("compositionend", () => askLater({ isComposing: false }));

  input.addEventListener("keydown", (event) => {
    const count = options().length;
    const { key } = event;
    if (event.isComposing || list.hidden || !count) return;
    if (key === "ArrowDown" || key === "ArrowUp") {
      // Before the first and after the last stands the field itself.
      const step = key === "ArrowDown" ? 1 : -1;
      choose(((chosen + 1 + step + count + 1) % (count + 1)) - 1);
    } else if (key === "Escape") {
      show(false);
    } else if (key === "Enter" && chosen >= 0) {
      options()[chosen].click();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });

  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus until the click
  list.addEventListener("click", () => {
    // The way back from a suggestion leads to what was typed, also where a form's fields are not kept.
    if (location.pathname === new URL(form.action).pathname) {
      history.replaceState(history.state, "", `?${new URLSearchParams({ q: input.value.trim() })}`);
    }
  });
  form.addEventListener("submit", stop);
  form.addEventListener("focusout", ({ relatedTarget }) => {
    if (form.contains(relatedTarget)) return;
    stop();
    show(false);
  });
}
