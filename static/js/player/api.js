// Talks to /api/v1/stream/. Every refusal becomes a PlaybackError with the server's stable code and its words.

export class PlaybackError extends Error {
  constructor(code, message, detail = "") {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

// One id per tab: a new start from the same tab replaces its old session instead of taking a second stream slot.
function deviceId() {
  const key = "nikoflix.device";
  try {
    const known = sessionStorage.getItem(key);
    if (known) return known;
    const made = crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
    sessionStorage.setItem(key, made);
    return made;
  } catch {
    return "";
  }
}

export class PlaybackApi {
  constructor(config) {
    this.config = config;
    this.sessionId = null;
  }

  async #send(method, url, body, { keepalive = false } = {}) {
    const { strings, csrf_token } = this.config;
    let response;
    try {
      response = await fetch(url, {
        method,
        keepalive,
        credentials: "same-origin",
        headers: { Accept: "application/json", ...(body && { "Content-Type": "application/json", "X-CSRFToken": csrf_token }) },
        body: body && JSON.stringify(body),
      });
    } catch {
      throw new PlaybackError("network_lost", strings.network_lost);
    }
    const answer = await response.json().catch(() => null);
    if (response.ok && answer) return answer;
    const { code = "server_error", message = strings.server_error, request_id = "" } = answer?.error ?? {};
    throw new PlaybackError(code, message, request_id || `HTTP ${response.status}`);
  }

  #what() {
    const { content_id, episode_id, profile_id, trailer } = this.config;
    return { content_id, ...(episode_id && { episode_id }), ...(trailer && { trailer }), ...(profile_id && { profile_id }) };
  }

  async start(deviceType) {
    const body = { ...this.#what(), device_type: deviceType, device_id: deviceId() };
    const answer = await this.#send("POST", this.config.urls.start, body);
    this.sessionId = answer.session_id;
    return answer;
  }

  manifest() {
    const query = new URLSearchParams({ ...this.#what(), session_id: this.sessionId, format: "hls" });
    return this.#send("GET", `${this.config.urls.manifest}?${query}`);
  }

  position(report, options) {
    const body = { ...this.#what(), session_id: this.sessionId, recorded_at: new Date().toISOString(), ...report };
    return this.#send("PUT", this.config.urls.position, body, options);
  }

  complete(report) {
    return this.#send("POST", this.config.urls.complete, { ...this.#what(), session_id: this.sessionId, ...report });
  }
}
