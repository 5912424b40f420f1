// The chosen tab comes into sight, buttons of lists flip in place and rows go without a new page; without this script the form's answer leads back to it.
export function bindLists() {
  document.querySelector(".me-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  whenSent("[data-lists]", (form, button, { pressed, said }) => {
    for (const twin of twins(form, button.value)) {
      twin.setAttribute("aria-pressed", String(pressed));
      twin.name = pressed ? "drop" : "put";
    }
    form.querySelector("[data-lists-status]").textContent = said;
  });
}

export function bindRemovals() {
  whenSent("[data-removes]", (form, _button, { said }) => {
    const row = form.closest("[data-row]");
    const rows = [...document.querySelectorAll("[data-row]")];
    const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
    if (!next) return location.reload(); // the empty room is the server's to furnish
    next.querySelector("a").focus();
    const group = row.closest("[data-rows]");
    row.remove();
    if (group && !group.querySelector("[data-row]")) group.remove();
    const status = document.querySelector("[data-removals-status]");
    if (status) status.textContent = said;
  });
}

function whenSent(selector, show) {
  document.addEventListener("submit", async (event) => {
    const { target: form, submitter: button } = event;
    if (!button || !form.matches(selector) || form.dataset.plain) return;
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    try {
      const data = new URLSearchParams(new FormData(form));
      if (button.name) data.set(button.name, button.value);
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Requested-With": "fetch" } });
      const body = await answer.json();
      if (body.go) return location.assign(body.go);
      if (!answer.ok) throw new Error(answer.statusText);
      show(form, button, body);
    } catch {
      form.dataset.plain = "yes"; // the page that follows says what is wrong
      form.requestSubmit(button);
      delete form.dataset.plain;
    } finally {
      form.removeAttribute("aria-busy");
    }
  });
}

// The same title may stand in several trays.
function twins(form, list) {
  const title = form.elements.title.value;
  return [...document.querySelectorAll("[data-lists]")]
    .filter((each) => each.elements.title.value === title)
    .flatMap((each) => [...each.querySelectorAll(`button[value="${list}"]`)]);
}
