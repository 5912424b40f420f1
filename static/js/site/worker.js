// The worker that has a page to show when there is no network; after everything else, for nobody waits for it.
export function startWorker() {
  if (!("serviceWorker" in navigator)) return;
  const start = () => navigator.serviceWorker.register("/service-worker.js").catch(() => {}); // a browser may forbid it
  if (document.readyState === "complete") start();
  else addEventListener("load", start, { once: true });
}
