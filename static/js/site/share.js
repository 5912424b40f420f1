// A phone shows its own sheet; elsewhere the link is copied. Without this script the address can be read and copied by hand.
export function bindShare() {
  document.addEventListener("click", async (event) => {
    const share = event.target.closest?.("[data-share] > summary")?.parentElement;
    if (!share) return;
    const { shareUrl: url, shareTitle: title, shareCopied } = share.dataset;
    const said = share.querySelector("[data-share-said]");
    if (share.open) return;
    if (navigator.share && matchMedia("(pointer: coarse)").matches) {
      event.preventDefault();
      try {
        await navigator.share({ title, url });
      } catch (error) {
        if (error.name !== "AbortError") share.open = true;
      }
      return;
    }
    try {
      await navigator.clipboard.writeText(url);
      said.textContent = shareCopied;
    } catch {
      share.querySelector("input").select();
    }
  });
}
