// The arrows beside a tray's heading scroll by what is in sight. They are for the mouse alone: keys move from card to card.
function bindTray(tray) {
  const list = tray.querySelector(".tray-list, [data-tray-list]");
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

export function bindTrays() {
  document.querySelectorAll("[data-tray]").forEach(bindTray);
  bindMore();
}

// Further trays come when somebody nears the end of the page; until then, and without this script, a link stands there.
function bindMore() {
  const more = document.querySelector("[data-more-trays]");
  if (!more) return;
  const near = new IntersectionObserver(
    async ([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      near.disconnect();
      try {
        const answer = await fetch(more.dataset.moreTrays, { headers: { Accept: "text/html" } });
        if (!answer.ok) return; // the link stays
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        const trays = [...fresh.querySelectorAll("[data-tray]")];
        more.before(...trays);
        trays.forEach(bindTray);
      } catch {
        near.observe(more); // offline: the next time it comes into sight
      }
    },
    { rootMargin: "1200px" },
  );
  near.observe(more);
}
