// Arrow keys, as a remote control sends them, move to the nearest thing in that direction. Only from within [data-arrows], so
// that elsewhere they scroll as ever; on a television, where there is no pointer, also from nowhere.
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FOCUSABLE = "a[href], button:not([disabled], [tabindex='-1']), select, summary, [tabindex='0']";
const hasNoPointer = matchMedia("(pointer: none)").matches;

const middle = ({ left, right, top, bottom }) => [(left + right) / 2, (top + bottom) / 2];

// Distance along the direction, with a step aside counting three times; null for what lies elsewhere.
function distance(from, to, [dx, dy]) {
  const [fromX, fromY] = middle(from);
  const [toX, toY] = middle(to);
  if (dx && (to.bottom <= from.top || to.top >= from.bottom)) return null;
  const along = dx ? (toX - fromX) * dx : (dy > 0 ? to.top - from.bottom : from.top - to.bottom) + 4;
  if (along <= 0) return null;
  const inLine = Math.max(0, Math.max(from.left, to.left) - Math.min(from.right, to.right));
  return dx ? along + Math.abs(toY - fromY) * 3 : along * 3 + inLine + Math.abs(to.left - from.left) / 4;
}

// A preview is a room of its own: arrows stay in it, and do not stray into it from elsewhere.
const isNear = (element, active) => element.closest(".preview") === active.closest(".preview");

function nearest(active, direction) {
  const from = active.getBoundingClientRect();
  let best = null;
  for (const element of document.querySelectorAll(FOCUSABLE)) {
    if (element === active || element.closest("[hidden], [inert]") || element.matches(".skip, .card-dismiss *")) continue;
    if (!isNear(element, active)) continue;
    const box = element.getBoundingClientRect();
    if (!box.width || (direction[1] && (box.right <= 0 || box.left >= innerWidth))) continue;
    const far = distance(from, box, direction);
    if (far !== null && (!best || far < best.far)) best = { element, far };
  }
  return best?.element;
}

export function bindArrowKeys() {
  document.addEventListener("keydown", (event) => {
    const direction = DIRECTIONS[event.key];
    if (!direction || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    const active = document.activeElement;
    if (!active || active === document.body) {
      const first = hasNoPointer && document.querySelector(".button-primary, .card");
      if (first) {
        event.preventDefault();
        first.focus();
      }
      return;
    }
    if (active.matches("input, textarea, select") || !(hasNoPointer || active.closest("[data-arrows]"))) return;
    const next = nearest(active, direction);
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (direction[1]) next.scrollIntoView({ block: next.closest(".spotlight, .title-hero") ? "end" : "center", inline: "nearest" });
  });
}
