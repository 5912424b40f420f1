// What lies over the picture: the short word after a key press, the error card, "skip intro", "start over", the next episode.
const NOTICE_MS = 900;
const RESUME_CHIP_MS = 9000;
const NEXT_CARD_S = 12;

const part = (name) => document.querySelector(`[data-player="${name}"]`);

// Return say(text, icon): shows a bubble for a moment; screen readers hear the text.
export function noticeBoard() {
  const notice = part("notice");
  let timer;
  return (text, icon) => {
    notice.querySelector("use").setAttribute("href", `#icon-${icon}`);
    notice.querySelector("[role=status]").textContent = text;
    notice.dataset.side = { back: "left", forward: "right" }[icon] ?? "centre";
    notice.hidden = false;
    notice.getAnimations().forEach((animation) => {
      animation.cancel();
      animation.play();
    });
    clearTimeout(timer);
    timer = setTimeout(() => {
      notice.hidden = true;
    }, NOTICE_MS);
  };
}

// Return {show(error), hide()}; `retry()` is called by the button, and by itself when the network comes back.
export function errorCard({ strings, retry }) {
  const card = part("error");
  let code = null;
  const hide = () => {
    code = null;
    card.hidden = true;
  };
  const again = () => {
    hide();
    retry();
  };
  part("error-retry").addEventListener("click", again);
  addEventListener("online", () => code === "network_lost" && again());
  return {
    hide,
    show(error) {
      code = error.code;
      part("error-title").textContent = strings.error_titles[error.code] ?? strings.error_titles.other;
      part("error-message").textContent = error.message;
      part("error-code").textContent = [error.code, error.detail].filter(Boolean).join(" · ");
      card.hidden = false;
      part("error-retry").focus();
    },
  };
}

export function skipIntro({ video, intro }) {
  const button = part("skip-intro");
  if (!intro) return;
  const inside = () => video.currentTime >= intro.start_seconds && video.currentTime < intro.end_seconds - 0.5;
  video.addEventListener("timeupdate", () => {
    button.hidden = !inside();
  });
  button.addEventListener("click", () => {
    video.currentTime = intro.end_seconds;
    button.hidden = true;
    part("play").focus();
  });
}

// "Resumed at 12:34 – start over", for a few seconds of playing.
export function resumeChip({ video, strings, seconds, clock }) {
  const chip = part("resume");
  chip.hidden = !seconds;
  if (!seconds) return;
  part("resume-text").textContent = strings.resumed_at.replace("{time}", clock(seconds));
  const hide = () => {
    chip.hidden = true;
  };
  video.addEventListener("playing", () => setTimeout(hide, RESUME_CHIP_MS), { once: true });
  part("start-over").addEventListener("click", () => {
    video.currentTime = 0;
    hide();
    video.play().catch(() => {});
    part("play").focus();
  }, { once: true });
}

// The card near the end: the next episode with a countdown that can be cancelled, and at the end whatever can be done next.
export function nextCard({ video, strings, next, autoplay, leave }) {
  const card = part("next");
  const count = part("next-count");
  const go = part("next-go");
  const cancel = part("next-cancel");
  const again = part("next-again");
  const back = part("next-back");
  let cancelled = false;

  if (next) {
    part("next-title").textContent = next.title;
    part("next-label").textContent = strings.next_episode;
    const picture = part("next-picture");
    picture.hidden = !next.thumbnail_url;
    if (next.thumbnail_url) picture.src = next.thumbnail_url;
    go.href = next.watch_url;
  }
  go.hidden = !next;

  function show({ ended }) {
    cancel.hidden = !next || ended;
    again.hidden = back.hidden = !ended;
    part("next-title").hidden = !next;
    if (!next) {
      part("next-label").textContent = strings.the_end;
      part("next-picture").hidden = true;
    }
    card.hidden = false;
  }

  video.addEventListener("timeupdate", () => {
    const left = video.duration - video.currentTime;
    if (video.ended || !(left >= 0)) return;
    if (!next || !autoplay || cancelled || left > NEXT_CARD_S) {
      card.hidden = true;
      return;
    }
    if (card.hidden) show({ ended: false });
    count.textContent = strings.next_in.replace("{seconds}", Math.ceil(left / video.playbackRate));
  });
  video.addEventListener("ended", () => {
    if (next && autoplay && !cancelled) {
      leave(next.watch_url);
      return;
    }
    count.textContent = "";
    show({ ended: true });
    (next ? go : again).focus();
  });
  cancel.addEventListener("click", () => {
    cancelled = true;
    card.hidden = true;
    part("play").focus();
  });
  again.addEventListener("click", () => {
    cancelled = false;
    video.currentTime = 0;
    video.play().catch(() => {});
    card.hidden = true;
    part("play").focus();
  });
}
