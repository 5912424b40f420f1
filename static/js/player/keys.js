// The keyboard of FR-VP-003, double taps on touch screens, and the remote control of a television.
import { isTelevision } from "./session.js";

const STEP_S = 10;
const STEP_VOLUME = 0.1;
const DOUBLE_TAP_MS = 300;
const TYPING = "input:not([type=range]), textarea, select, [contenteditable], dialog[open]";

export function seekBy(video, seconds) {
  const end = Number.isFinite(video.duration) ? video.duration - 0.5 : Infinity;
  video.currentTime = Math.min(Math.max(0, video.currentTime + seconds), end);
}

export function bindKeys({ video, controller, say, strings, toggleSubtitles }) {
  const volume = (change) => {
    video.muted = false;
    video.volume = Math.min(1, Math.max(0, Math.round((video.volume + change) * 10) / 10));
    say(`${Math.round(video.volume * 100)} %`, change > 0 ? "louder" : "softer");
  };
  const playPause = () => {
    say(video.paused ? strings.play : strings.pause, video.paused ? "play" : "pause");
    if (video.paused) video.play().catch(() => {});
    else video.pause();
  };
  const seek = (direction) => {
    seekBy(video, direction * STEP_S);
    say(`${direction > 0 ? "+" : "−"}${STEP_S} s`, direction > 0 ? "forward" : "back");
  };
  const actions = {
    " ": playPause,
    k: playPause,
    arrowleft: () => seek(-1),
    arrowright: () => seek(1),
    arrowup: () => volume(STEP_VOLUME),
    arrowdown: () => volume(-STEP_VOLUME),
    m: () => {
      video.muted = !video.muted;
      say(video.muted ? strings.muted : strings.unmuted, video.muted ? "muted" : "louder");
    },
    f: () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else controller.querySelector("media-fullscreen-button").click();
    },
    c: toggleSubtitles,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    const onControl = event.target.closest?.("button, a, media-controller [role=button], media-volume-range");
    // A focused control keeps its own keys: Space presses it, arrows slide the volume, and a remote moves between controls.
    if (key === " " && onControl) return;
    if (key.startsWith("arrow") && (event.target.closest?.("media-volume-range") || (isTelevision && moveFocus(controller, key)))) {
      if (isTelevision) event.preventDefault();
      return;
    }
    const action = actions[key];
    if (!action || (event.repeat && !key.startsWith("arrow"))) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }, { capture: true });

  let lastTap = { at: 0, side: 0 };
  controller.addEventListener("pointerup", (event) => {
    if (event.pointerType !== "touch" || event.target.closest("button, a, dialog, .player-controls")) return;
    const box = controller.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width;
    const side = across < 0.4 ? -1 : across > 0.6 ? 1 : 0;
    const again = side !== 0 && side === lastTap.side && event.timeStamp - lastTap.at < DOUBLE_TAP_MS;
    lastTap = { at: event.timeStamp, side };
    if (again) seek(side);
  });
  controller.addEventListener("dblclick", (event) => {
    if (matchMedia("(hover: hover)").matches && !event.target.closest("button, a, dialog, .player-controls")) actions.f();
  });
}

// Move the focus to the nearest control in the arrow's direction. False when the arrow should seek: nothing is focused yet, or
// the seek bar is.
function moveFocus(controller, key) {
  const focused = document.activeElement;
  const [dx, dy] = { arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, -1], arrowdown: [0, 1] }[key];
  if (dx && (focused === document.body || focused.matches("media-time-range, video, media-controller"))) return false;
  const centre = (element) => {
    const box = element.getBoundingClientRect();
    return { element, x: box.x + box.width / 2, y: box.y + box.height / 2, seen: box.width > 0 };
  };
  const from = focused === document.body ? { x: innerWidth / 2, y: innerHeight / 2 } : centre(focused);
  const [nearest] = Array.from(controller.querySelectorAll("button, a[href], [role=button], media-time-range"), centre)
    .filter((to) => to.seen && to.element !== focused && (to.x - from.x) * dx + (to.y - from.y) * dy > 4)
    .map((to) => ({ ...to, cost: Math.abs(to.x - from.x) * (dx ? 1 : 0.3) + Math.abs(to.y - from.y) * (dy ? 1 : 8) }))
    .sort((a, b) => a.cost - b.cost);
  (nearest?.element.range ?? nearest?.element)?.focus(); // a range holds its input inside
  return true;
}
