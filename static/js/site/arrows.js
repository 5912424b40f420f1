// Arrow keys, as a remote control sends them, move to the nearest thing in that direction. Only from within [data-arrows], so
// that elsewhere they scroll as ever; on a television, where there is no pointer, also from nowhere.
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FOCUSABLE = "a[href], button:not([disabled], [tabindex='-1']), input:not([type=hidden]), select, summary, [tabindex='0']";
const hasNoPointer = matchMedia("(pointer: none)").matches;

// What lies in a closed menu has a size, but takes no focus. Safari tells since 17.4.
const isSeen = (element) => !element.closest("[inert]") && (element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetWidth > 0);
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

// A field needs some arrows itself. The others lead out of it, for a remote control has no Tab: there a menu opens by its middle key.
const keepsArrow = (field, [dx]) =>
  field.matches("textarea, [type=radio]") ||
  (dx && field.matches("input") && field.selectionEnd !== (dx > 0 ? field.value.length : 0)) ||
  (!hasNoPointer && field.matches("select"));

// A preview is a room of its own: arrows stay in it, and do not stray into it from elsewhere.
const isNear = (element, active) => element.closest(".preview") === active.closest(".preview");

function nearest(active, direction) {
  const from = active.getBoundingClientRect();
  let best = null;
  for (const element of document.querySelectorAll(FOCUSABLE)) {
    if (element === active || element.matches(".skip, .card-dismiss *") || !isNear(element, active)) continue;
    const box = element.getBoundingClientRect();
    if (direction[1] && (box.right <= 0 || box.left >= innerWidth)) continue;
    const far = distance(from, box, direction);
    if (far !== null && (!best || far < best.far) && isSeen(element)) best = { element, far };
  }
  return best?.element;
}

export function bindArrowKeys() {
  document.addEventListener("keydown", (event) => {
    if (hasNoPointer && event.key === "Enter" && event.target.matches("select")) event.target.showPicker?.();
    const direction = DIRECTIONS[event.key];
    if (!direction || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    const active = document.activeElement;
    if (!active || active === document.body) {
      const first = hasNoPointer && [".button-primary", FOCUSABLE].flatMap((wanted) => [...document.querySelectorAll(`main :is(${wanted})`)]).find(isSeen);
      if (first) {
        event.preventDefault();
        first.focus();
      }
      return;
    }
    if (!(hasNoPointer || active.closest("[data-arrows]")) || keepsArrow(active, direction)) return;
    const next = nearest(active, direction);
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (direction[1]) next.scrollIntoView({ block: next.closest(".spotlight, .title-hero") ? "end" : "center", inline: "nearest" });
  });
}
