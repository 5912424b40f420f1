// Play a film for staff. Little more than the first picture is fetched until somebody presses play.
// Another file of the same library than the player bundles: shared, it would become a chunk that viewers wait for.
import Hls from "hls.js/dist/hls.mjs?for-staff";

export function preview(video) {
  if (!Hls.isSupported()) {
    video.src = video.dataset.stream;
    return;
  }
  const hls = new Hls({ startLevel: 0, maxBufferLength: 1, maxMaxBufferLength: 2, renderTextTracksNatively: !("ownTexts" in video.dataset) });
  hls.loadSource(video.dataset.stream);
  hls.attachMedia(video);
  const more = () => Object.assign(hls.config, { maxBufferLength: 20, maxMaxBufferLength: 60 });
  for (const event of ["play", "seeking"]) video.addEventListener(event, more, { once: true });
}
