// The player's menus: panels beside their buttons, sheets on phones. A <dialog> keeps the focus inside and closes with Escape.

// Wire every `[data-opens=<dialog id>]` button. While a panel is open the controls stay.
export function bindPanels(controller) {
  for (const button of controller.querySelectorAll("[data-opens]")) {
    const panel = document.getElementById(button.dataset.opens);
    button.addEventListener("click", () => {
      panel.showModal();
      button.setAttribute("aria-expanded", "true");
      controller.setAttribute("autohide", "-1");
      panel.querySelector("[aria-checked=true], [aria-current], button, a")?.focus();
    });
    panel.addEventListener("close", () => {
      button.setAttribute("aria-expanded", "false");
      controller.setAttribute("autohide", "3");
      controller.dispatchEvent(new PointerEvent("pointermove")); // the three seconds begin now
      button.focus();
    });
    // A press on the backdrop is a press on the dialog itself.
    panel.addEventListener("click", (event) => {
      if (event.target === panel || event.target.closest("[data-closes]")) panel.close();
    });
    panel.addEventListener("keydown", (event) => moveInMenu(panel, event));
  }
}

// Up and down move within a group, left and right between the groups that stand side by side.
function moveInMenu(panel, event) {
  const groups = Array.from(panel.querySelectorAll("[role=group]:not([hidden])"), (group) => Array.from(group.querySelectorAll("[role=menuitemradio]")));
  const column = groups.findIndex((items) => items.includes(document.activeElement));
  if (column < 0) return;
  const items = groups[column];
  const row = items.indexOf(document.activeElement);
  const beside = (step) => {
    const other = groups[(column + step + groups.length) % groups.length];
    return other.find((item) => item.ariaChecked === "true") ?? other[0];
  };
  const target = {
    ArrowDown: () => items[(row + 1) % items.length],
    ArrowUp: () => items[(row - 1 + items.length) % items.length],
    Home: () => items[0],
    End: () => items.at(-1),
    ArrowRight: () => beside(1),
    ArrowLeft: () => beside(-1),
  }[event.key]?.();
  if (!target) return;
  event.preventDefault();
  target.focus();
}

// Fill `group` with `items` ({value, label, lang?}); `choose(value)` is called on a press. Hidden while there is no choice.
export function fillMenu(group, { items, chosen, choose, least = 2 }) {
  group.hidden = items.length < least;
  const list = group.querySelector("[data-items]");
  const focused = list.contains(document.activeElement) ? Array.from(list.children).indexOf(document.activeElement) : -1;
  list.replaceChildren(
    ...items.map(({ value, label, lang }) => {
      const item = document.createElement("button");
      Object.assign(item, { type: "button", className: "player-choice", textContent: label, role: "menuitemradio", ariaChecked: String(value === chosen) });
      if (lang) item.lang = lang;
      item.dataset.value = value ?? "";
      item.addEventListener("click", () => choose(value));
      return item;
    }),
  );
  if (focused >= 0) list.children[focused]?.focus();
}
