// One playing of one stream: hls.js where Media Source Extensions exist, the browser's own HLS elsewhere (iPhones before 17.1).
import Hls from "hls.js";

import { PlaybackError } from "./api.js";
import { preferences } from "./preferences.js";
import { usesHlsJs } from "./session.js";
import { SignedUrls, signedLoader } from "./signed-urls.js";

const RECOVERIES = 3;
const SAVING_HEIGHT = 480;

const language = (code) => (code ?? "").split("-")[0];

function nativeTracks(list) {
  return Array.from(list ?? []).filter((track) => track.kind !== "metadata");
}

export class Stream extends EventTarget {
  // Events: "tracks" when a menu may have changed, "renewed" {answer}, "fatal" {error: PlaybackError}.
  constructor({ video, api, strings, viewerLanguage, saveData }) {
    super();
    Object.assign(this, { video, api, strings, viewerLanguage, saveData });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #fail(error) {
    if (this.failed) return;
    this.failed = true;
    this.hls?.stopLoad();
    this.#tell("fatal", { error });
  }

  open(answer, startSeconds) {
    this.answer = answer;
    this.failed = false;
    this.recoveries = 0;
    this.urls = new SignedUrls({
      ask: () => this.api.manifest(),
      onRenewed: (renewed) => this.#tell("renewed", { answer: renewed }),
      onRefused: (error) => this.#fail(error),
    });
    if (!answer.is_external) this.urls.use(answer);
    if (usesHlsJs) this.#openHls(answer, startSeconds);
    else this.#openNative(answer, startSeconds);
  }

  #openNative(answer, startSeconds) {
    const { video } = this;
    if (answer.is_external) video.removeAttribute("crossorigin");
    video.src = answer.manifest_url;
    video.addEventListener("loadedmetadata", () => {
      if (startSeconds) video.currentTime = startSeconds;
      const wanted = this.#subtitlesWith(this.audios()[this.audio]?.lang);
      this.chooseSubtitles(this.subtitles().find(({ lang }) => lang === wanted)?.value ?? null);
    }, { once: true });
    video.addEventListener("error", () => {
      const decode = video.error?.code === MediaError.MEDIA_ERR_DECODE;
      const code = decode ? "decode_failed" : navigator.onLine ? "stream_failed" : "network_lost";
      this.#fail(new PlaybackError(code, this.strings[code], video.error?.message));
    }, { once: true });
  }

  #openHls(answer, startSeconds) {
    const { audio, quality } = preferences();
    const soundIn = audio ?? this.viewerLanguage;
    const hls = new Hls({
      startPosition: startSeconds || -1,
      startFragPrefetch: true,
      backBufferLength: 60,
      maxBufferLength: this.saveData ? 15 : 40,
      audioPreference: { lang: soundIn },
      loader: answer.is_external ? Hls.DefaultConfig.loader : signedLoader(Hls.DefaultConfig.loader, this.urls),
    });
    this.hls = hls;
    hls.subtitleDisplay = false; // captions.js draws them
    hls.on(Hls.Events.MANIFEST_PARSED, (_event, { firstLevel }) => {
      if (this.saveData) hls.autoLevelCapping = this.#savingLevel();
      hls.startLevel = this.saveData ? Math.min(firstLevel, hls.autoLevelCapping) : firstLevel; // the server lists the rung to begin with first; without this hls.js trusts its estimate
      const sound = hls.allAudioTracks.find((track) => language(track.lang) === soundIn) ?? hls.allAudioTracks.find((track) => track.default);
      hls.config.subtitlePreference = { lang: this.#subtitlesWith(language(sound?.lang)) ?? "zxx" }; // no such language: none at first
      if (quality && !this.saveData) this.chooseQuality(quality); // last: it picks the tracks that go with the level
      this.#tell("tracks");
    });
    for (const event of [Hls.Events.SUBTITLE_TRACKS_UPDATED, Hls.Events.AUDIO_TRACKS_UPDATED, Hls.Events.AUDIO_TRACK_SWITCHED, Hls.Events.LEVEL_SWITCHED, Hls.Events.SUBTITLE_TRACK_SWITCH]) {
      hls.on(event, () => this.#tell("tracks"));
    }
    hls.on(Hls.Events.FRAG_BUFFERED, () => {
      this.recoveries = 0;
    });
    hls.on(Hls.Events.ERROR, (_event, data) => {
      if (data.fatal) this.#recover(data);
    });
    hls.attachMedia(this.video);
    hls.loadSource(answer.manifest_url);
  }

  #recover(data) {
    const status = data.response?.code ?? 0;
    const refused = status >= 400 && status < 500;
    this.recoveries += 1;
    if (this.recoveries <= RECOVERIES && data.type === Hls.ErrorTypes.MEDIA_ERROR) {
      if (this.recoveries === 2) this.hls.swapAudioCodec();
      this.hls.recoverMediaError();
      return;
    }
    if (this.recoveries <= RECOVERIES && data.type === Hls.ErrorTypes.NETWORK_ERROR && !refused && navigator.onLine) {
      setTimeout(() => this.hls?.startLoad(), 1000 * this.recoveries);
      return;
    }
    const code = {
      [Hls.ErrorTypes.MEDIA_ERROR]: "decode_failed",
      [Hls.ErrorTypes.NETWORK_ERROR]: status === 410 ? "stream_expired" : refused ? "stream_refused" : navigator.onLine ? "stream_failed" : "network_lost",
    }[data.type] ?? "stream_failed";
    this.#fail(new PlaybackError(code, this.strings[code], [data.details, status || ""].join(" ").trim()));
  }

  // Menus: each entry is {value, label, lang?}; the chosen value is null for "auto" or "off".
  qualities() {
    const best = new Map(); // one entry per height, the highest bitrate of it
    for (const level of this.hls?.levels ?? []) {
      const height = Math.min(level.width || Infinity, level.height);
      if (height && !(best.get(height)?.bitrate > level.bitrate)) best.set(height, level);
    }
    return [...best.keys()].sort((a, b) => b - a).map((height) => ({ value: height, label: `${height}p` }));
  }

  get playingQuality() {
    const level = this.hls?.levels[this.hls.currentLevel];
    return level ? Math.min(level.width || Infinity, level.height) : null;
  }

  // The best level that saves data, else the smallest; levels come by rising bitrate.
  #savingLevel() {
    return Math.max(0, this.hls.levels.findLastIndex((level) => Math.min(level.width || Infinity, level.height) <= SAVING_HEIGHT));
  }

  get quality() {
    const level = this.hls && !this.hls.autoLevelEnabled && this.hls.levels[this.hls.loadLevel];
    return level ? Math.min(level.width || Infinity, level.height) : null;
  }

  chooseQuality(height) {
    if (!this.hls) return;
    const levels = this.hls.levels.map((level, index) => ({ index, fits: Math.min(level.width || Infinity, level.height) === height, bitrate: level.bitrate }));
    const [best] = levels.filter((level) => level.fits).sort((a, b) => b.bitrate - a.bitrate);
    // nextLevel changes over at the next segment boundary without a gap.
    this.hls.nextLevel = best?.index ?? -1;
  }

  audios() {
    const tracks = this.hls ? this.hls.audioTracks : Array.from(this.video.audioTracks ?? []);
    return tracks.map((track, index) => ({ value: index, label: track.name || track.label || track.lang || track.language, lang: language(track.lang ?? track.language) }));
  }

  get audio() {
    return this.hls ? this.hls.audioTrack : Array.from(this.video.audioTracks ?? []).findIndex((track) => track.enabled);
  }

  chooseAudio(index) {
    if (this.hls) this.hls.audioTrack = index;
    else Array.from(this.video.audioTracks).forEach((track, each) => (track.enabled = each === index));
  }

  subtitles() {
    const tracks = this.hls ? this.hls.subtitleTracks : nativeTracks(this.video.textTracks);
    return tracks.map((track, index) => ({ value: index, label: track.name || track.label || track.lang || track.language, lang: language(track.lang ?? track.language) }));
  }

  get subtitle() {
    const index = this.hls ? this.hls.subtitleTrack : nativeTracks(this.video.textTracks).findIndex((track) => track.mode !== "disabled");
    return index < 0 ? null : index;
  }

  chooseSubtitles(index) {
    if (this.hls) this.hls.subtitleTrack = index ?? -1;
    else nativeTracks(this.video.textTracks).forEach((track, each) => (track.mode = each === index ? "hidden" : "disabled"));
    this.#tell("tracks");
  }

  // The language of the subtitles to begin with: the remembered one; without one, the viewer's when the sound speaks another.
  #subtitlesWith(spoken) {
    const { subtitles } = preferences();
    if (subtitles) return subtitles === "off" ? null : subtitles;
    return spoken && spoken !== "und" && spoken !== this.viewerLanguage ? this.viewerLanguage : null;
  }

  close() {
    this.urls?.stop();
    this.hls?.destroy();
    this.hls = null;
    if (!usesHlsJs) this.video.removeAttribute("src");
  }
}
