// What every page has: the header that closes over content, menus, trays and the keys of a remote control.
import { bindArrowKeys } from "./site/arrows.js";
import { bindForms } from "./site/forms.js";
import { bindLists, bindRemovals } from "./site/lists.js";
import { bindPreviews } from "./site/preview.js";
import { bindSearch } from "./site/search.js";
import { bindSeasons } from "./site/seasons.js";
import { bindShare } from "./site/share.js";
import { bindSpotlight } from "./site/spotlight.js";
import { bindTimes } from "./site/times.js";
import { bindTrays } from "./site/trays.js";
import { startWorker } from "./site/worker.js";

const header = document.querySelector("[data-header]");
if (header) {
  const close = () => header.classList.toggle("is-scrolled", scrollY > 24);
  addEventListener("scroll", close, { passive: true });
  close();
}

document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) menu.open = menu.contains(target);
});
document.addEventListener("keydown", ({ key, target }) => {
  const opened = key === "Escape" && target.closest("details[open]");
  if (!opened) return;
  opened.open = false;
  opened.querySelector("summary").focus();
});

bindTrays();
bindPreviews();
bindSpotlight();
bindSeasons();
bindForms();
bindSearch();
bindLists();
bindRemovals();
bindShare();
bindTimes();
bindArrowKeys();
startWorker();
