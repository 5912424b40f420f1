// Keep the progress of films in the admin alive: every element with data-progress-url is asked again until it has settled.
const EVERY_MS = 2000;

async function refresh(element) {
  if (document.hidden) return true;
  const response = await fetch(element.dataset.progressUrl, { headers: { Accept: "application/json" } });
  if (!response.ok) return response.status >= 500;
  const { state, percent, words, settled } = await response.json();
  element.querySelector("progress").value = settled && state !== "ready" ? percent : state === "ready" ? 100 : percent;
  element.querySelector("[data-words]").textContent = words;
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
