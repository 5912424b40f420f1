// Keeps the page for when there is no network, and what it is made of. Nothing else: pages, answers of the API and films are
// private or change, so they always come from the site. BUILD is put before this by nikoflix/pages/installed.py.
const { version, pages, shell, fonts } = BUILD;
const PREFIX = "nikoflix-";
const CACHE = PREFIX + version;
const LANGUAGE = "/offline/language"; // not a page: under this key the language of the last page is noted

addEventListener("install", (event) => {
  event.waitUntil(keep());
  skipWaiting(); // nothing of an older version is left to disagree with: pages are never kept
});

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll([...shell, ...Object.values(pages).map((page) => new Request(page, { credentials: "omit", cache: "reload" }))]);
}

addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
      await registration.navigationPreload?.enable();
      await clients.claim();
    })(),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(navigate(event));
  else if (shell.includes(new URL(request.url).pathname) || Object.values(fonts).includes(new URL(request.url).pathname)) event.respondWith(ownOrNetwork(request));
});

async function navigate(event) {
  try {
    const answer = (await event.preloadResponse) ?? (await fetch(event.request));
    event.waitUntil(noteLanguage(answer.headers.get("Content-Language")));
    return answer;
  } catch {
    const cache = await caches.open(CACHE);
    const language = await (await cache.match(LANGUAGE))?.text();
    return (await cache.match(pages[language] ?? pages.en)) ?? Response.error();
  }
}

async function noteLanguage(language) {
  if (!(language in pages)) return;
  const cache = await caches.open(CACHE);
  if ((await (await cache.match(LANGUAGE))?.text()) === language) return;
  await cache.put(LANGUAGE, new Response(language));
  if (fonts[language]) await cache.add(fonts[language]);
}

async function ownOrNetwork(request) {
  return (await (await caches.open(CACHE)).match(request)) ?? fetch(request);
}
