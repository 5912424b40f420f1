// A card grows into a preview when somebody lingers on it, with the pointer or the focus. Without this script it is a link.
const LINGER_MS = 450;
const MARGIN = 8;
const canHover = matchMedia("(hover: hover) and (pointer: fine) and (width >= 760px)");
const fetched = new Map();

let timer = 0;
let open = null; // { card, panel }

export function bindPreviews() {
  document.addEventListener("pointerover", ({ target }) => consider(target, "pointer"));
  document.addEventListener("focusin", ({ target }) => consider(target, "focus"));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !open) return;
    const { card, panel } = open;
    if (panel.contains(document.activeElement)) card.focus();
    close();
    event.preventDefault();
  });
  addEventListener("scroll", ({ target }) => target.matches?.(".slides") || close(), { passive: true, capture: true });
  addEventListener("resize", close);
}

function consider(target, how) {
  if (!canHover.matches || open?.panel.contains(target)) return;
  const card = target.closest?.("[data-preview]");
  if (card && card === open?.card) return;
  clearTimeout(timer);
  if (how === "focus" || !open?.panel.contains(document.activeElement)) close();
  if (!card || (how === "focus" && !card.matches(":focus-visible"))) return;
  timer = setTimeout(() => show(card), LINGER_MS);
}

async function show(card) {
  const wanted = timer;
  try {
    const html = await previewOf(card.dataset.preview);
    if (wanted !== timer || !card.isConnected) return;
    const panel = new DOMParser().parseFromString(html, "text/html").querySelector(".preview");
    if (!panel) return;
    card.after(panel);
    if (!place(panel, card)) return panel.remove();
    panel.addEventListener("pointerleave", () => panel.contains(document.activeElement) || close());
    panel.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !panel.contains(relatedTarget) && relatedTarget !== card && close());
    open = { card, panel };
  } catch {
    fetched.delete(card.dataset.preview); // the card stays a link
  }
}

// What was asked a moment ago is not asked again; lists may have changed later.
function previewOf(url) {
  if (!fetched.has(url)) {
    fetched.set(
      url,
      fetch(url, { headers: { Accept: "text/html" } }).then((answer) => {
        if (!answer.ok) throw new Error(answer.statusText);
        return answer.text();
      }),
    );
    setTimeout(() => fetched.delete(url), 5000);
  }
  return fetched.get(url);
}

// Over the card, within the window. False when it would lie on something else that has the focus.
function place(panel, card) {
  const art = card.querySelector(".card-art").getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const left = Math.min(Math.max(MARGIN, art.left + art.width / 2 - width / 2), document.documentElement.clientWidth - width - MARGIN);
  const top = Math.min(Math.max(MARGIN, art.top + art.height / 2 - height / 2), innerHeight - height - MARGIN);
  const focused = document.activeElement;
  if (focused !== card && focused.matches(":focus-visible")) {
    const box = focused.getBoundingClientRect();
    if (box.right + MARGIN > left && box.left - MARGIN < left + width && box.bottom + MARGIN > top && box.top - MARGIN < top + height) return false;
  }
  panel.style.left = `${left}px`;
  panel.style.top = `${top}px`;
  panel.classList.add("is-open");
  return true;
}

function close() {
  open?.panel.remove();
  open = null;
}
