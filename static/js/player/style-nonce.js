// media-chrome writes <style> into its shadow roots as text, which a strict style-src refuses. The watch page's policy names a
// nonce instead of 'unsafe-inline'; this hands the nonce on. It must run before media-chrome is evaluated.
// docs/adr/0020-player-styles-carry-a-nonce.md
const nonce = document.querySelector("script[nonce]")?.nonce;
const root = ShadowRoot.prototype;
const withNonce = (html) => String(html).replaceAll("<style", `<style nonce="${nonce}"`);

if (nonce) {
  const { get, set } = Object.getOwnPropertyDescriptor(root, "innerHTML");
  Object.defineProperty(root, "innerHTML", {
    configurable: true,
    enumerable: true,
    get,
    set(html) {
      set.call(this, withNonce(html));
    },
  });
  const { setHTMLUnsafe } = root;
  if (setHTMLUnsafe) {
    root.setHTMLUnsafe = function setHTMLUnsafeWithNonce(html, options) {
      setHTMLUnsafe.call(this, withNonce(html), options);
    };
  }
}
