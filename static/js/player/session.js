// Opens the playback as early as possible: this module is small and evaluated before hls.js and media-chrome have arrived.
import { PlaybackApi } from "./api.js";

const element = document.getElementById("player-config");
const Mse = globalThis.ManagedMediaSource ?? globalThis.MediaSource;

export const config = element && JSON.parse(element.textContent);
export const isTelevision = /\bTV\b|Tizen|Web0S|webOS|BRAVIA|AFT[A-Z]|CrKey|SmartTV/i.test(navigator.userAgent);
// hls.js first: Chromium claims native HLS too, but fails on parts of it. Native is for iPhones before 17.1.
export const usesHlsJs = Boolean(Mse?.isTypeSupported('video/mp4; codecs="avc1.42E01E,mp4a.40.2"'));
export const api = config && new PlaybackApi(config);

function deviceType() {
  if (isTelevision) return "tv";
  if (!usesHlsJs) return "native";
  return matchMedia("(hover: none) and (pointer: coarse)").matches ? "mobile" : "web";
}

export const open = () => api.start(deviceType());

// The first opening, already under way; whoever awaits it meets its error.
export const opened = config && open();
opened?.then(
  ({ manifest_url, is_external }) => is_external || fetch(manifest_url).catch(() => {}), // into the cache, for hls.js
  () => {},
);
