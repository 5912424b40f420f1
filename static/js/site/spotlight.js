// Dots, swipe, and on its own to the next slide after a while; a short silent film behind the words where there is one.
const HOLD_MS = 9000;
const AMBIENT_AFTER_MS = 2500;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const desktop = matchMedia("(hover: hover) and (pointer: fine) and (width >= 1024px)");

export function bindSpotlight() {
  const spotlight = document.querySelector("[data-spotlight]");
  if (!spotlight) return;
  const list = spotlight.querySelector(".slides");
  const slides = [...list.children];
  const dots = [...spotlight.querySelectorAll(".dots a")];
  const pause = spotlight.querySelector("[data-pause]");
  const moves = () => !calm.matches && !navigator.connection?.saveData && !("still" in spotlight.dataset);
  let shown = 0;
  let held = false;
  let timer = 0;
  let film = null;
  let inView = true;

  const slide = (index) => [...slides[index].querySelectorAll(".actions :is(a, button)")];
  const isBusy = () => held || document.hidden || spotlight.matches(":hover") || spotlight.contains(document.activeElement) || scrollY > spotlight.offsetHeight / 2;
  const go = (index) => list.scrollTo({ left: slides[index].offsetLeft });
  const wait = () => {
    clearTimeout(timer);
    if (slides.length < 2 || !moves()) return;
    timer = setTimeout(() => {
      if (!isBusy()) go((shown + 1) % slides.length);
      wait();
    }, HOLD_MS);
  };

  const rest = () => {
    clearTimeout(film?.timer);
    film?.video.pause();
    film?.video.classList.remove("is-playing");
    film = null;
  };
  // Never before the picture is there: the film lies over it, in the same frame.
  const stir = () => {
    rest();
    const video = slides[shown].querySelector("[data-ambient]");
    const picture = slides[shown].querySelector("picture img");
    if (!video || !desktop.matches || !moves() || held || !inView) return;
    const mine = (film = { video, timer: 0 });
    const begin = () => {
      if (film !== mine) return;
      mine.timer = setTimeout(() => {
        video.src ||= video.dataset.ambient;
        video.play().then(() => film === mine && video.classList.add("is-playing"), () => {});
      }, AMBIENT_AFTER_MS);
    };
    if (!picture || picture.complete) begin();
    else picture.addEventListener("load", begin, { once: true });
  };

  const choose = (index) => {
    const hadFocus = index !== shown && slides[shown].contains(document.activeElement);
    shown = index;
    dots.forEach((dot, place) => (place === index ? dot.setAttribute("aria-current", "true") : dot.removeAttribute("aria-current")));
    // What lies aside is neither read nor reached by keys until it is shown.
    slides.forEach((slide, place) => (slide.inert = place !== index));
    if (hadFocus) (slide(index).find((each) => each.matches(".button-primary")) ?? slide(index)[0])?.focus({ preventScroll: true });
    stir();
    wait();
  };

  // The arrows of a remote control go on to the neighbour from the name and from the first and the last button.
  list.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const buttons = slide(shown);
    const isInside = buttons.includes(document.activeElement) && document.activeElement !== buttons.at(step > 0 ? -1 : 0);
    if (!step || !slides[shown + step] || isInside) return;
    event.preventDefault();
    go(shown + step);
  });

  dots.forEach((dot, index) =>
    dot.addEventListener("click", (event) => {
      event.preventDefault();
      go(index);
    }),
  );
  if (moves() && (slides.length > 1 || spotlight.querySelector("[data-ambient]"))) {
    pause.hidden = false;
    pause.addEventListener("click", () => {
      held = !held;
      pause.setAttribute("aria-pressed", String(held));
      held ? rest() : stir();
    });
  }
  const seen = new IntersectionObserver(
    (entries) => entries.forEach(({ isIntersecting, target }) => isIntersecting && choose(slides.indexOf(target))),
    { root: list, threshold: 0.6 },
  );
  slides.forEach((slide) => seen.observe(slide));
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : stir()));
  // Nobody sees the film while the page is scrolled past it.
  new IntersectionObserver((entries) => {
    const isSeen = entries.at(-1).isIntersecting;
    if (isSeen === inView) return;
    inView = isSeen;
    inView ? stir() : rest();
  }).observe(spotlight);
}
