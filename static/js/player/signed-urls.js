// The addresses of a stream expire (15 minutes). All files of one asset share a signed prefix, /m/…/<asset>/; this keeps the
// newest prefix, asks for another in time, and rewrites the addresses hls.js still remembers.
import { takePreloaded } from "./preload.js";

const SIGNED = /^(.*\/m\/\d+\/\d+\/[\w-]+\/[\w-]+\/([0-9a-f-]{36})\/)([^?#]*)/;
const AHEAD_S = 60;
const AGAIN_S = 5;
const PASSING = new Set(["network_lost", "server_error", "rate_limited"]);

export class SignedUrls {
  // For one opening of a stream. `ask()` resolves to a fresh stream answer; `onRenewed(answer)` is told about each;
  // `onRefused(error)` when there is none.
  constructor({ ask, onRenewed, onRefused }) {
    Object.assign(this, { ask, onRenewed, onRefused });
  }

  use(answer) {
    const [, prefix, asset] = SIGNED.exec(new URL(answer.manifest_url, location.href).href) ?? [];
    this.prefix = prefix;
    this.asset = asset;
    this.preloaded ??= takePreloaded(asset);
    clearTimeout(this.timer);
    if (!prefix || !answer.expires_at) return;
    const left = (Date.parse(answer.expires_at) - Date.now()) / 1000;
    this.#renewIn(Math.max(1, left - AHEAD_S, left / 2));
  }

  // While the old addresses hold there is time to ask again, when a train leaves its tunnel or a laptop finds its network.
  #renewIn(seconds) {
    this.timer = setTimeout(async () => {
      try {
        await this.renew();
      } catch (error) {
        if (this.stopped) return;
        if (PASSING.has(error.code)) this.#renewIn(AGAIN_S);
        else this.onRefused(error);
      }
    }, seconds * 1000);
  }

  // Where to fetch `url` from now: what the title page already put in the cache, else under the newest prefix.
  fresh(url) {
    const [, , asset, file] = SIGNED.exec(url) ?? [];
    if (!file || asset !== this.asset) return url;
    const ready = this.preloaded?.get(file);
    this.preloaded?.delete(file);
    return ready ?? this.prefix + file;
  }

  renew() {
    this.renewing ??= this.ask()
      .then((answer) => {
        if (this.stopped) return;
        this.use(answer);
        this.onRenewed(answer);
      })
      .finally(() => {
        this.renewing = null;
      });
    return this.renewing;
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}

// An hls.js loader class that fetches through `urls` and, on 410, renews the prefix and tries once more.
export function signedLoader(Loader, urls) {
  return class SignedLoader {
    constructor(config) {
      this.config = config;
      this.inner = new Loader(config);
    }

    get stats() {
      return this.inner.stats;
    }

    get context() {
      return this.inner.context;
    }

    load(context, policy, callbacks) {
      const wanted = context.url;
      const again = async (failed, details, stats) => {
        try {
          await urls.renew();
        } catch (refused) {
          if (this.ended) return;
          urls.onRefused(refused);
          callbacks.onError(failed, context, details, stats);
          return;
        }
        if (this.ended) return;
        this.inner.destroy();
        this.inner = new Loader(this.config);
        context.url = urls.fresh(wanted);
        this.inner.load(context, policy, callbacks);
      };
      context.url = urls.fresh(wanted);
      this.inner.load(context, policy, {
        ...callbacks,
        onError: (failed, _context, details, stats) =>
          failed.code === 410 ? again(failed, details, stats) : callbacks.onError(failed, context, details, stats),
      });
    }

    abort() {
      this.ended = true;
      this.inner.abort();
    }

    destroy() {
      this.ended = true;
      this.inner.destroy();
    }

    getCacheAge() {
      return this.inner.getCacheAge?.() ?? null;
    }

    getResponseHeader(name) {
      return this.inner.getResponseHeader?.(name) ?? null;
    }
  };
}
