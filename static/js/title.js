// The title page fetches what the watch page will need first, once the page itself is quiet.
import { warmUp } from "./player/preload.js";

const page = document.querySelector("[data-preload-url]");
const whenQuiet = window.requestIdleCallback ?? ((work) => setTimeout(work, 200));
const begin = () => warmUp({ modules: page.dataset.preloadModules.split(" "), preloadUrl: page.dataset.preloadUrl });

if (page) {
  if (document.readyState === "complete") whenQuiet(begin);
  else addEventListener("load", () => whenQuiet(begin), { once: true });
  page.querySelector("[data-play]")?.addEventListener("pointerenter", begin, { once: true });
}
