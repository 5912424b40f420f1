// Dots and swipe; it never moves on by itself.
export function bindSpotlight() {
  const spotlight = document.querySelector("[data-spotlight]");
  const list = spotlight?.querySelector(".slides");
  const dots = [...(spotlight?.querySelectorAll(".dots a") ?? [])];
  if (dots.length < 2) return;
  const slides = [...list.children];
  const mark = (chosen) => dots.forEach((dot, index) => (index === chosen ? dot.setAttribute("aria-current", "true") : dot.removeAttribute("aria-current")));
  dots.forEach((dot, index) =>
    dot.addEventListener("click", (event) => {
      event.preventDefault();
      list.scrollTo({ left: slides[index].offsetLeft });
    }),
  );
  const seen = new IntersectionObserver(
    (entries) => entries.forEach(({ isIntersecting, target }) => isIntersecting && mark(slides.indexOf(target))),
    { root: list, threshold: 0.6 },
  );
  slides.forEach((slide) => seen.observe(slide));
}
