// Draws the chosen subtitles itself, because ::cue can neither give Devanagari its line height nor move out of the controls' way.

const isSubtitle = (track) => track.kind === "subtitles" || track.kind === "captions";

export function drawCaptions({ video, layer }) {
  let watched = null;

  function draw() {
    const lines = Array.from(watched?.activeCues ?? []).sort((a, b) => a.startTime - b.startTime).map((cue) => {
      const line = document.createElement("p");
      line.append(cue.getCueAsHTML());
      return line;
    });
    layer.lang = watched?.language || "";
    layer.replaceChildren(...lines);
  }

  function follow() {
    const chosen = Array.from(video.textTracks).find((track) => isSubtitle(track) && track.mode !== "disabled") ?? null;
    // An iPhone in its own full screen shows only what the browser draws.
    if (chosen?.mode === "showing" && !video.webkitDisplayingFullscreen) chosen.mode = "hidden";
    if (chosen !== watched) {
      watched?.removeEventListener("cuechange", draw);
      watched = chosen;
      watched?.addEventListener("cuechange", draw);
    }
    draw();
  }

  for (const event of ["change", "addtrack", "removetrack"]) video.textTracks.addEventListener(event, follow);
  video.addEventListener("webkitbeginfullscreen", () => watched && (watched.mode = "showing"));
  video.addEventListener("webkitendfullscreen", follow);
  follow();
}
