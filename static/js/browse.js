// Choosing a filter swaps the parts of the list in place; without this script links and the form's button load the page.
const PARTS = ["browse-heading", "browse-kinds", "browse-genres", "browse-fields", "browse-open", "browse-show", "browse-total", "browse-results"];
const page = document.querySelector("[data-browse]");
const form = document.getElementById("browse-filters");
let shown = location.pathname + location.search;
let asking = null;

// What will be where the focus is now: the same control, or the link that leads to the same list.
function keeper() {
  const { activeElement: active } = document;
  const part = active?.closest(".chips, .filters, .browse-results");
  if (!part) return () => {};
  const [id, href] = [active.id, active.getAttribute("href")];
  return () => {
    if (active.isConnected) return;
    const same = id ? document.getElementById(id) : [...document.querySelectorAll(`#${part.id} a`)].find((link) => link.getAttribute("href") === href);
    (same ?? document.getElementById("browse-heading")).focus({ preventScroll: true });
  };
}

function swap(fresh) {
  const focus = keeper();
  for (const id of PARTS) {
    const [old, made] = [document.getElementById(id), fresh.getElementById(id)];
    const scrolled = old.firstElementChild?.scrollLeft;
    old.replaceChildren(...made.childNodes); // the element itself stays: a status is read out only where it was before
    if (scrolled) old.firstElementChild.scrollLeft = scrolled;
  }
  document.querySelector(".nav").replaceWith(fresh.querySelector(".nav"));
  document.title = fresh.title;
  focus();
}

async function show(url, { isNew }) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const results = document.getElementById("browse-results");
  results.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { signal, headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || !fresh.querySelector("[data-browse]")) throw new Error(answer.statusText);
    const { pathname, search } = new URL(answer.url); // after the redirect to the address of this list
    if (isNew) history.pushState(null, "", pathname + search);
    shown = pathname + search;
    swap(fresh);
    results.removeAttribute("aria-busy");
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url);
  }
}

page.classList.add("is-live");
page.addEventListener("click", (event) => {
  const link = event.target.closest("[data-in-place] a");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(link.href, { isNew: true });
});
form.addEventListener("change", () => show(`${form.action}?${new URLSearchParams(new FormData(form))}`, { isNew: true }));
form.addEventListener("submit", (event) => {
  event.preventDefault(); // every change was answered already
  form.hidePopover?.();
});
addEventListener("popstate", () => {
  if (location.pathname + location.search !== shown) show(location.href, { isNew: false });
});
