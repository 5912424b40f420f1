// The arrows beside a tray's heading scroll by what is in sight. They are for the mouse alone: keys move from card to card.
export function bindTrays() {
  for (const tray of document.querySelectorAll("[data-tray]")) {
    const list = tray.querySelector(".tray-list");
    const arrows = tray.querySelector(".tray-arrows");
    const [back, on] = arrows.querySelectorAll("button");
    const page = (direction) => list.scrollBy({ left: direction * list.clientWidth * 0.85 });
    const update = () => {
      arrows.hidden = list.scrollWidth <= list.clientWidth + 1;
      back.disabled = list.scrollLeft < 4;
      on.disabled = list.scrollLeft + list.clientWidth > list.scrollWidth - 4;
    };
    back.addEventListener("click", () => page(-1));
    on.addEventListener("click", () => page(1));
    list.addEventListener("scroll", update, { passive: true });
    new ResizeObserver(update).observe(list);
  }
}
