// Play a film for staff. Nothing is fetched but the playlists until somebody presses play.
// Another file of the same library than the player bundles: shared, it would become a chunk that viewers wait for.
import Hls from "hls.js/dist/hls.mjs?for-staff";

export function preview(video) {
  if (!Hls.isSupported()) {
    video.src = video.dataset.stream;
    return;
  }
  const hls = new Hls({ autoStartLoad: false, maxBufferLength: 20, renderTextTracksNatively: !("ownTexts" in video.dataset) });
  hls.loadSource(video.dataset.stream);
  hls.attachMedia(video);
  const start = () => hls.startLoad();
  video.addEventListener("play", start, { once: true });
  video.addEventListener("seeking", start, { once: true });
}
