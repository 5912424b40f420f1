// Tells the server how far the film is: every 10 s while playing, every 30 s while paused (it keeps the stream slot), on pause,
// after a seek, and on leaving; and once that it was seen to its end.
const PLAYING_MS = 10_000;
const PAUSED_MS = 30_000;
const COMPLETED_SHARE = 0.9;

export class Reports {
  // `onEnded(error)` is called when the server says that this session is over.
  constructor({ video, api, quality, onEnded }) {
    Object.assign(this, { video, api, quality, onEnded, active: false, sentAt: 0, completed: false });
    setInterval(() => this.#tick(), 1000);
    video.addEventListener("pause", () => !video.ended && this.send());
    video.addEventListener("seeked", () => this.send());
    video.addEventListener("timeupdate", () => this.#complete());
    video.addEventListener("ended", () => this.#complete());
    document.addEventListener("visibilitychange", () => document.hidden && this.send({ keepalive: true }));
    addEventListener("pagehide", () => this.send({ leaving: true, keepalive: true }));
  }

  // Begin with a new session; `completed` when the viewer has already seen it to the end in this one.
  begin() {
    this.active = true;
    this.completed = false;
    this.sentAt = performance.now();
  }

  stop() {
    this.active = false;
  }

  #tick() {
    const due = this.video.paused ? PAUSED_MS : PLAYING_MS;
    if (performance.now() - this.sentAt >= due - 500) this.send();
  }

  async send({ leaving = false, keepalive = false } = {}) {
    const { video } = this;
    if (!this.active || !Number.isFinite(video.duration)) return;
    this.sentAt = performance.now();
    if (leaving) this.active = false;
    const quality = this.quality();
    const report = {
      position_seconds: video.currentTime,
      duration_seconds: video.duration,
      paused: video.paused,
      ...(quality && { quality: `${quality}p` }),
      ...(leaving && { leaving }),
    };
    try {
      await this.api.position(report, { keepalive });
    } catch (error) {
      // Anything else is tried again with the next report.
      if (!leaving && (error.code === "session_ended" || error.code === "session_not_found")) {
        this.active = false;
        this.onEnded(error);
      }
    }
  }

  async #complete() {
    const { video } = this;
    const share = video.currentTime / video.duration;
    if (!this.active || this.completed || !(share >= COMPLETED_SHARE)) return;
    this.completed = true;
    try {
      await this.api.complete({ watch_duration_seconds: video.currentTime, completion_rate: share });
    } catch {
      this.completed = false;
    }
  }
}
