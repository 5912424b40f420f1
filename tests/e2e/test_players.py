"""Our stream in Chromium, through nginx: in our player while addresses run out, and in hls.js, shaka-player and dash.js as they come."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from tests.delivery.conftest import post
from tests.delivery.site import Site, running_site
from tests.e2e import waiting
from tests.e2e.product import ROOT
from tests.media import clips

SECONDS = 64  # three chunks
JOINT_S = 24  # where the second begins
LATENCY_MS = 1500  # of a poor network: on the loopback the whole film would be buffered before an address runs out
FPS = 25
TTL_S = 6
PATIENCE_S = 90
PREFIX = re.compile(r"/m/(\d+)/\d+/[0-9a-f-]{36}/[\w-]{22}/[0-9a-f-]{36}/(.+)")


@dataclass(frozen=True)
class Film:
    title_id: str
    watch_url: str


@dataclass
class Traffic:
    """What a page asked for: (expiry in the address, file, status)."""

    files: list[tuple[int, str, int]] = field(default_factory=list)

    def note(self, response: Response) -> None:
        if signed := PREFIX.search(response.url):
            self.files.append((int(signed[1]), signed[2], response.status))

    @property
    def swaps(self) -> int:
        """Return how often the prefix under which segments came changed."""
        return len({expires for expires, file, status in self.files if file.endswith(".m4s") and status == 200}) - 1

    @property
    def refused(self) -> bool:
        return any(status == 410 for _expires, _file, status in self.files)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(
        tmp_path_factory.mktemp("players"), STREAM_URL_TTL_SECONDS=str(TTL_S), RATE_STREAM="10000/min"
    ) as running:
        yield running


@pytest.fixture(scope="module")
def film(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Return a film of two rungs, two languages and two subtitles."""
    folder = tmp_path_factory.mktemp("words")
    options = ["--audio", f"hi:{clips.sound_only(SECONDS)}"]
    for language, word in {"en": "English line", "hi": "हिन्दी पंक्ति"}.items():
        cues = (f"{n + 1}\n00:{n // 6:02}:{n % 6}0,000 --> 00:{n // 6:02}:{n % 6}9,900\n{word} {n}\n" for n in range(6))
        (folder / f"{language}.srt").write_text("\n".join(cues), encoding="utf-8")
        options += ["--subtitles", f"{language}:{folder / language}.srt"]
    told = site.ingest(str(clips.plain(SECONDS, "426x240", str(FPS))), "--title", "Film", *options)
    return Film(told["title_id"], told["watch_url"])


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    fresh = browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 800}, locale="en-IN")
    yield fresh
    fresh.close()


@pytest.fixture
def page(visitor: BrowserContext) -> Page:
    fresh = visitor.new_page()
    fresh.set_default_timeout(PATIENCE_S * 1000)
    return fresh


@pytest.fixture
def traffic(page: Page) -> Traffic:
    noted = Traffic()
    page.on("response", noted.note)
    return noted


until = partial(waiting.until, seconds=PATIENCE_S)


def until_at(page: Page, seconds: float) -> None:
    until(page, f"document.querySelector('video').currentTime > {seconds}")


def watch(page: Page, film: Film) -> Callable[[bool], object]:
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
          const video = document.querySelector("video");
          window.waits = [];
          video?.addEventListener("playing", () =>
            video.addEventListener("waiting", () => window.waits.push(video.currentTime)), {once: true});
        });"""
    )
    cut = poor_network(page)
    page.goto(film.watch_url)
    until_at(page, 0.5)
    return cut


def poor_network(page: Page) -> Callable[[bool], object]:
    """Give the page a slow network and return what cuts it (True) and brings it back (False)."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def cut(offline: bool) -> object:
        limits = {"offline": offline, "latency": LATENCY_MS, "downloadThroughput": -1, "uploadThroughput": -1}
        return network.send("Network.emulateNetworkConditions", limits)

    cut(False)
    return cut


def test_our_player_swaps_addresses_while_it_plays(page: Page, traffic: Traffic, film: Film) -> None:
    watch(page, film)
    until(page, lambda: traffic.swaps >= 3)
    at = page.evaluate("document.querySelector('video').currentTime")
    until_at(page, at + 1)
    assert page.evaluate("window.waits") == []
    assert page.evaluate("document.querySelector('video').played.length") == 1
    assert {status for _expires, _file, status in traffic.files} == {200}
    expect(page.locator("[data-player=error]")).to_be_hidden()


def test_after_a_sleep_a_seek_asks_for_new_addresses_and_plays(page: Page, traffic: Traffic, film: Film) -> None:
    page.clock.install()
    cut = poor_network(page)
    page.goto(film.watch_url)
    until(page, "document.querySelector('video').readyState >= HTMLMediaElement.HAVE_FUTURE_DATA")
    with page.expect_response("**/manifest?*", timeout=PATIENCE_S * 1000):
        pass  # the next renewal by the clock is three seconds off
    # A machine that sleeps: no timer runs, and no network is there.
    page.clock.pause_at(page.evaluate("Date.now() / 1000 + 0.1"))
    cut(True)
    asleep = time.time()
    until(page, lambda: time.time() > asleep + TTL_S + 1)
    cut(False)
    swaps = traffic.swaps
    page.evaluate("document.querySelector('video').currentTime = 55")
    page.clock.run_for(1000)  # enough to begin to load, too little for a renewal that nothing asked for
    until(page, lambda: traffic.refused and traffic.swaps > swaps)
    page.clock.resume()
    until_at(page, 55.5)
    expect(page.locator("[data-player=error]")).to_be_hidden()


def test_a_network_that_is_away_for_a_moment_stops_nothing(page: Page, traffic: Traffic, film: Film) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    cut = watch(page, film)
    with page.expect_event("requestfailed", lambda request: "/manifest?" in request.url, timeout=PATIENCE_S * 1000):
        cut(True)
    cut(False)
    swaps = traffic.swaps
    until(page, lambda: traffic.swaps > swaps)
    expect(page.locator("[data-player=error]")).to_be_hidden()
    assert sum(url.endswith("/playback/start") for url in asked) == 1


def test_a_playback_that_was_ended_elsewhere_says_so(page: Page, site: Site, film: Film) -> None:
    watch(page, film)
    site.manage(
        "shell",
        "--no-imports",
        "-c",
        "from django.utils import timezone; from playback.models import PlaybackSession; "
        "PlaybackSession.objects.update(ended_at=timezone.now())",
    )
    card = page.locator("[data-player=error]")
    expect(card).to_be_visible(timeout=PATIENCE_S * 1000)
    expect(card).to_contain_text("This playback has ended")
    expect(card).to_contain_text("session_ended")
    card.get_by_role("button").first.click()
    expect(card).to_be_hidden()
    at = page.evaluate("document.querySelector('video').currentTime")
    until_at(page, at + 0.5)


def test_a_player_that_cannot_swap_gets_an_address_for_the_whole_film(
    page: Page, traffic: Traffic, site: Site, film: Film
) -> None:
    """Without Media Source Extensions the browser's own HLS plays; nobody can swap its addresses."""
    page.add_init_script(
        "delete window.MediaSource; delete window.ManagedMediaSource; delete window.WebKitMediaSource;"
    )
    page.goto(film.watch_url)
    until(page, "document.querySelector('video').currentSrc.endsWith('/master.m3u8')")
    source = PREFIX.search(page.evaluate("document.querySelector('video').currentSrc"))
    assert source
    assert int(source[1]) >= time.time() + SECONDS + 3000
    until_at(page, TTL_S + 3)
    until(page, lambda: any(file.endswith(".m4s") for _expires, file, _status in traffic.files))
    assert {expires for expires, _file, _status in traffic.files} == {int(source[1])}


# --- other players, as they come -------------------------------------------------------------------------------------

PAGE = """<!doctype html><meta charset="utf-8"><title>player</title><video muted playsinline width="640"></video>
<script src="library.js"></script><script>
const video = document.querySelector("video");
const words = () => Array.from(video.textTracks).filter((track) => track.mode !== "disabled")
  .flatMap((track) => Array.from(track.activeCues ?? [])).map((cue) => cue.text).join(" ");
window.faults = [];
%s
// Where the picture stands after a seek: the time of the frame that is shown.
async function frameAt(time) {
  const shown = new Promise((done) => video.requestVideoFrameCallback((_now, { mediaTime }) => done(mediaTime)));
  video.currentTime = time;
  return shown;
}
// Plays slowly from one time to another and returns the longest step between two frames that were shown.
async function longestStep(from, to) {
  video.pause();
  await frameAt(from);
  video.playbackRate = 0.25;
  let last = null, longest = 0;
  const note = (_now, { mediaTime }) => {
    if (last !== null) longest = Math.max(longest, mediaTime - last);
    last = mediaTime;
    if (mediaTime < to) video.requestVideoFrameCallback(note);
    else { video.pause(); video.playbackRate = 1; finish(longest); }
  };
  let finish;
  const finished = new Promise((done) => { finish = done; });
  video.requestVideoFrameCallback(note);
  await video.play();
  return finished;
}
</script>"""
HLS_JS = """
async function start(url) {
  window.hls = new Hls();
  hls.on(Hls.Events.ERROR, (_event, data) => data.fatal && faults.push(data.details));
  hls.subtitleDisplay = true;
  hls.attachMedia(video);
  hls.loadSource(url);
  await new Promise((done) => hls.once(Hls.Events.MANIFEST_PARSED, done));
  video.play();
}
const languages = () => [hls.audioTracks.map((track) => track.lang), hls.subtitleTracks.map((track) => track.lang)];
const hear = (lang) => { hls.audioTrack = hls.audioTracks.findIndex((track) => track.lang === lang); };
const read = (lang) => { hls.subtitleTrack = hls.subtitleTracks.findIndex((track) => track.lang === lang); };
const heights = () => hls.levels.map((level) => level.height);
"""
SHAKA = """
async function start(url) {
  shaka.polyfill.installAll();
  window.player = new shaka.Player();
  player.addEventListener("error", ({ detail }) => faults.push(`${detail.code} ${detail.data}`));
  await player.attach(video);
  await player.load(url);
  video.play();
}
const languages = () => [player.getAudioTracks().map((track) => track.language), player.getTextTracks().map((track) => track.language)];
const hear = (lang) => player.selectAudioTrack(player.getAudioTracks().find((track) => track.language === lang));
const read = (lang) => player.selectTextTrack(player.getTextTracks().find((track) => track.language === lang));
const heights = () => [...new Set(player.getVariantTracks().map((track) => track.height))];
"""
DASH_JS = """
async function start(url) {
  window.player = dashjs.MediaPlayer().create();
  player.updateSettings({ debug: { logLevel: 0 }, streaming: { text: { defaultEnabled: false } } });
  player.on("error", ({ error }) => faults.push(JSON.stringify(error)));
  player.initialize(video, url, true);
  await new Promise((done) => player.on("playbackPlaying", done));
}
const tracks = (kind) => player.getTracksFor(kind);
const languages = () => [tracks("audio").map((track) => track.lang), tracks("text").map((track) => track.lang)];
const hear = (lang) => player.setCurrentTrack(tracks("audio").find((track) => track.lang === lang));
const read = (lang) => { player.enableText(true); player.setTextTrack(tracks("text").findIndex((track) => track.lang === lang)); };
const heights = () => player.getRepresentationsByType("video").map((each) => each.height);
"""
LIBRARIES = {
    "hls.js": ("hls.js/dist/hls.min.js", HLS_JS),
    "shaka-player": ("shaka-player/dist/shaka-player.compiled.js", SHAKA),
    "dash.js": ("dashjs/dist/modern/umd/dash.all.min.js", DASH_JS),
}


class Pages(BaseHTTPRequestHandler):
    """Answers `/<library>/` with a page that holds this library and a video."""

    def do_GET(self) -> None:
        library, _slash, file = self.path.removeprefix("/").partition("/")
        if library not in LIBRARIES:  # the browser asks for an icon
            self.send_error(404)
            return
        path, script = LIBRARIES[library]
        body = (ROOT / "node_modules" / path).read_bytes() if file else (PAGE % script).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if file else "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """Serve the players' pages from another origin than the stream's, as somebody else's site would."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def native_start(site: Site, film: Film) -> dict[str, Any]:
    token = post(f"{site.url}/api/v1/auth/guest", {})["guest_token"]
    return post(
        f"{site.url}/api/v1/stream/playback/start",
        {"content_id": film.title_id, "device_type": "native"},
        Authorization=f"Guest {token}",
    )


@pytest.mark.parametrize(
    ("library", "manifest"),
    [
        ("hls.js", "manifest_url"),
        ("shaka-player", "manifest_url"),
        ("shaka-player", "dash_url"),
        ("dash.js", "dash_url"),
    ],
)
def test_the_same_segments_play_in_every_player(
    page: Page, traffic: Traffic, site: Site, film: Film, elsewhere: str, library: str, manifest: str
) -> None:
    started = native_start(site, film)
    hindi = next(track["url"] for track in started["audio_tracks"] if track["language"] == "hi").split("/")[-2]
    page.goto(f"{elsewhere}/{library}/")
    page.evaluate("(url) => { start(url).catch((error) => faults.push(String(error))); }", started[manifest])
    until_at(page, 0.5)
    spoken, written = page.evaluate("() => languages()")
    assert {"hi"} < set(spoken)
    assert sorted(written) == ["en", "hi"]
    assert sorted(page.evaluate("() => heights()")) == [144, 240]

    before = len(traffic.files)
    page.evaluate("() => { hear('hi'); }")
    until(page, lambda: any(file.startswith(f"{hindi}/0") for _expires, file, _status in traffic.files[before:]))
    page.evaluate("() => { read('hi'); }")
    until(page, "words().includes('हिन्दी पंक्ति')")
    page.evaluate("() => { read('en'); }")
    until(page, "words().includes('English line')")

    page.evaluate("() => video.pause()")
    for frame in range(JOINT_S * FPS - 4, JOINT_S * FPS + 5):
        shown = page.evaluate("(time) => frameAt(time)", (frame + 0.5) / FPS)
        assert shown == pytest.approx(frame / FPS, abs=1.01 / FPS)
    # A machine under load shows fewer frames than there are; a gap in the film shows in every try.
    steps = [page.evaluate("([from, to]) => longestStep(from, to)", [JOINT_S - 0.4, JOINT_S + 0.4])]
    while min(steps) > 2.01 / FPS and len(steps) < 4:
        steps.append(page.evaluate("([from, to]) => longestStep(from, to)", [JOINT_S - 0.4, JOINT_S + 0.4]))
    assert min(steps) <= 2.01 / FPS
    page.evaluate("() => { video.currentTime = 55; video.play(); }")
    until_at(page, 56)
    assert page.evaluate("() => faults") == []
    assert {status for _expires, _file, status in traffic.files} <= {200, 206}
