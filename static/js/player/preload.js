// P10: the title page fetches the first segments while the viewer still reads, and the player takes them from the HTTP cache.
// `warmUp` runs on the title page, `takePreloaded` on the watch page; sessionStorage carries the addresses across.
const KEY = "nikoflix.preloaded";
const FILE = /\/m\/(\d+)\/\d+\/[\w-]+\/[\w-]+\/([0-9a-f-]{36})\/([^?#]*)/;

let warmed = false;

// Fetch what the watch page will need first. `modules` are addresses of its scripts and style sheet, `watchUrl` the page's own,
// and `preloadUrl` answers {"urls": […]} with signed addresses of the first segments. Does nothing on save-data or a second call.
export async function warmUp({ modules = [], watchUrl, preloadUrl }) {
  if (warmed || navigator.connection?.saveData) return;
  warmed = true;
  for (const href of [...modules, watchUrl].filter(Boolean)) {
    const link = document.createElement("link");
    const isScript = new URL(href, location.href).pathname.endsWith(".js");
    Object.assign(link, isScript ? { rel: "modulepreload", href } : { rel: "prefetch", href });
    document.head.append(link);
  }
  if (!preloadUrl) return;
  try {
    const { urls } = await (await fetch(preloadUrl, { credentials: "same-origin" })).json();
    const fetched = await Promise.all(
      urls.map(async (url) => {
        const response = await fetch(url, { priority: "low" });
        await response.arrayBuffer();
        return response.ok && new URL(url, location.href).href;
      }),
    );
    sessionStorage.setItem(KEY, JSON.stringify(fetched.filter(Boolean)));
  } catch {
    // Only a head start is lost; the player fetches for itself.
    warmed = false;
  }
}

// Return Map(file → address) of the asset's preloaded files whose addresses hold for another minute at least.
export function takePreloaded(asset) {
  const files = new Map();
  try {
    for (const url of JSON.parse(sessionStorage.getItem(KEY)) ?? []) {
      const [, expires, owner, file] = FILE.exec(url) ?? [];
      if (owner && owner === asset && Number(expires) > Date.now() / 1000 + 60) files.set(file, url);
    }
  } catch {
    return files;
  }
  return files;
}
