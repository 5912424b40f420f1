// The screens of films in the admin: live progress, a player for staff, the subtitle editor.
const EVERY_MS = 2000;

async function refresh(element) {
  if (document.hidden) return true;
  const response = await fetch(element.dataset.progressUrl, { headers: { Accept: "application/json" } });
  if (!response.ok) return response.status >= 500;
  const { state, percent, words, workers, settled } = await response.json();
  element.querySelector("progress").value = state === "ready" ? 100 : percent;
  element.querySelector("[data-words]").textContent = words;
  element.querySelector("[data-workers]").textContent = workers;
  if (state !== element.dataset.state) location.reload();
  return !settled;
}

async function follow(element) {
  let more = true;
  while (more) {
    more = await refresh(element).catch(() => true);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

for (const element of document.querySelectorAll("[data-progress-url]")) {
  if (["uploaded", "encoding"].includes(element.dataset.state)) follow(element);
}

const video = document.querySelector("video[data-stream]");
if (video) import("./admin-media/preview.js").then(({ preview }) => preview(video));

const editor = document.querySelector("[data-editor]");
if (editor) import("./admin-media/cues.js").then(({ edit }) => edit(editor, video));
