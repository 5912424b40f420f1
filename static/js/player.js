// The watch page. Reads its configuration from the page, opens a playback, and wires the player's pieces together.
import "./player/style-nonce.js";

import "media-chrome/dist/media-controller.js";
import "media-chrome/dist/media-fullscreen-button.js";
import "media-chrome/dist/media-loading-indicator.js";
import "media-chrome/dist/media-mute-button.js";
import "media-chrome/dist/media-pip-button.js";
import "media-chrome/dist/media-play-button.js";
import "media-chrome/dist/media-seek-backward-button.js";
import "media-chrome/dist/media-seek-forward-button.js";
import "media-chrome/dist/media-time-display.js";
import "media-chrome/dist/media-time-range.js";
import "media-chrome/dist/media-volume-range.js";
import { formatTime } from "media-chrome/dist/utils/time.js";
import { addTranslation } from "media-chrome/dist/utils/i18n.js";

import { drawCaptions } from "./player/captions.js";
import { bindKeys, seekBy } from "./player/keys.js";
import { bindPanels, fillMenu } from "./player/menus.js";
import { errorCard, nextCard, noticeBoard, resumeChip, skipIntro } from "./player/overlays.js";
import { prefer, preferences } from "./player/preferences.js";
import { Reports } from "./player/reports.js";
import { api, config, open, opened } from "./player/session.js";
import { Stream } from "./player/stream.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

if (config) watch();

function watch() {
  const { strings } = config;
  const controller = document.getElementById("player");
  const video = controller.querySelector("video");
  addTranslation(config.language, strings.media_chrome);
  controller.setAttribute("lang", config.language);

  const say = noticeBoard();
  const stream = new Stream({ video, api, strings, viewerLanguage: config.language, saveData: config.data_saver });
  const errors = errorCard({ strings, retry: () => begin(video.currentTime) });
  const fail = (error) => {
    reports.stop();
    stream.close();
    video.pause();
    errors.show(error);
  };
  const reports = new Reports({ video, api, quality: () => stream.playingQuality, onEnded: fail });

  bindPanels(controller);
  bindMenus({ stream, video, strings });
  drawCaptions({ video, layer: controller.querySelector(".player-captions") });
  bindKeys({ video, controller, say, strings, toggleSubtitles: () => toggleSubtitles({ stream, say, strings }) });
  stream.addEventListener("renewed", ({ detail }) => setStoryboard(video, detail.answer.storyboard_url));
  stream.addEventListener("fatal", ({ detail }) => fail(detail.error));
  // A page that comes back from the browser's memory gave its session away when it left.
  addEventListener("pageshow", (event) => event.persisted && begin(video.currentTime));

  let furnished = false;
  async function begin(from, answering = open()) {
    try {
      stream.close();
      const answer = await answering;
      const resume = from ?? (answer.completed ? 0 : answer.resume_position);
      setStoryboard(video, answer.storyboard_url);
      stream.open(answer, resume);
      reports.begin();
      if (!furnished) {
        furnished = true;
        video.defaultPlaybackRate = video.playbackRate = preferences().speed ?? 1;
        resumeChip({ video, strings, seconds: resume, clock: formatTime });
        skipIntro({ video, intro: answer.intro });
        if (config.trailer) video.addEventListener("ended", () => location.replace(config.urls.title));
        else nextCard({ video, strings, next: answer.next_episode, autoplay: config.autoplay, leave: (url) => location.assign(url) });
        describeMedia({ video, next: answer.next_episode });
      }
      // Refused without a gesture: the big button waits for one.
      await video.play().catch((error) => error.name === "NotAllowedError" || error.name === "AbortError" || Promise.reject(error));
    } catch (error) {
      fail(error.code ? error : Object.assign(error, { code: "player_failed", message: strings.player_failed, detail: error.name }));
    }
  }
  begin(undefined, opened);
}

function setStoryboard(video, url) {
  video.querySelector("track[label=thumbnails]")?.remove();
  if (!url) return;
  const track = document.createElement("track");
  Object.assign(track, { kind: "metadata", label: "thumbnails", src: url, default: true });
  video.append(track);
  track.track.mode = "hidden";
}

function bindMenus({ stream, video, strings }) {
  const group = (name) => document.querySelector(`[data-menu="${name}"]`);

  function qualities() {
    const playing = stream.playingQuality;
    const automatic = stream.quality === null && playing ? `${strings.automatic} (${playing}p)` : strings.automatic;
    const items = [{ value: null, label: automatic }, ...stream.qualities()];
    fillMenu(group("quality"), { items, chosen: stream.quality, choose: chooseQuality, least: 3 });
  }
  function chooseQuality(height) {
    stream.chooseQuality(height);
    prefer({ quality: height });
    qualities();
  }
  function audios() {
    const choose = (index) => {
      stream.chooseAudio(index);
      prefer({ audio: stream.audios()[index].lang });
      audios();
    };
    fillMenu(group("audio"), { items: stream.audios(), chosen: stream.audio, choose });
  }
  function subtitles() {
    const choose = (index) => {
      stream.chooseSubtitles(index);
      prefer({ subtitles: index === null ? "off" : stream.subtitles()[index].lang });
    };
    fillMenu(group("subtitles"), { items: [{ value: null, label: strings.off }, ...stream.subtitles()], chosen: stream.subtitle, choose });
  }
  function speeds() {
    const choose = (rate) => {
      video.defaultPlaybackRate = video.playbackRate = rate;
      prefer({ speed: rate });
    };
    const items = SPEEDS.map((rate) => ({ value: rate, label: rate === 1 ? strings.normal_speed : `${rate}×` }));
    fillMenu(group("speed"), { items, chosen: video.playbackRate, choose });
  }

  stream.addEventListener("tracks", () => {
    qualities();
    audios();
    subtitles();
    document.querySelector("[data-opens=player-languages]").hidden = group("audio").hidden && group("subtitles").hidden;
  });
  video.addEventListener("ratechange", speeds);
  speeds();
}

function toggleSubtitles({ stream, say, strings }) {
  const choices = stream.subtitles();
  if (!choices.length) {
    say(strings.no_subtitles, "subtitles");
    return;
  }
  const { last_subtitles: last } = preferences();
  const wanted = stream.subtitle === null ? (choices.find(({ lang }) => lang === last) ?? choices[0]) : null;
  if (!wanted) prefer({ last_subtitles: choices[stream.subtitle].lang });
  stream.chooseSubtitles(wanted?.value ?? null);
  prefer({ subtitles: wanted?.lang ?? "off" });
  say(wanted?.label ?? strings.subtitles_off, "subtitles");
}

function describeMedia({ video, next }) {
  const session = navigator.mediaSession;
  if (!session) return;
  session.metadata = new MediaMetadata({
    title: config.heading,
    artist: config.subheading || "NIKOFLIX",
    artwork: config.poster_url ? [{ src: config.poster_url }] : [],
  });
  session.setActionHandler("seekbackward", ({ seekOffset = 10 }) => seekBy(video, -seekOffset));
  session.setActionHandler("seekforward", ({ seekOffset = 10 }) => seekBy(video, seekOffset));
  if (next) session.setActionHandler("nexttrack", () => location.assign(next.watch_url));
}
