"""Stream files, in the embedded size. In production nginx or a CDN answers these addresses and only manifests come here."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.viewer import viewer_of
from nikoflix.lib.ranges import ranged
from playback import manifests
from playback.delivery import PRELOAD, Grant, verify_path
from playback.errors import StreamExpired, StreamFileNotFound, StreamRefused
from playback.models import AudioTrack, MediaAsset, PlaybackSession, Rendition
from playback.pipeline.store import IMMUTABLE, TYPES, store
from playback.queries import asset_with_tracks


@require_safe
def stream_file(request: HttpRequest, path: str) -> HttpResponseBase:
    """Answer a signed address: a segment as it lies on disk, a manifest as this playback may see it."""
    grant = verify_path(path, at=timezone.now())
    if grant.kind in {"m3u8", "mpd"}:
        response: HttpResponseBase = _manifest(request, grant)
        response["Cache-Control"] = "private, max-age=60"
    else:
        response = _file(request, grant)
    response["Access-Control-Allow-Origin"] = "*"  # the signature is the right to fetch, wherever the player runs
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _file(request: HttpRequest, grant: Grant) -> HttpResponseBase:
    """Send a stored file, or the client to where it fetches it by itself."""
    key = f"media/{grant.asset}/{grant.file}"
    left_s = int((grant.expires_at - timezone.now()).total_seconds())
    if address := store().address(key, until=grant.expires_at, method=str(request.method)):
        if left_s < 1:  # no address lives shorter than a second, and this one may not live that long
            raise StreamExpired
        redirect = HttpResponseRedirect(address)
        redirect["Cache-Control"] = f"private, max-age={left_s}"
        return redirect
    try:
        path = store().local(key)
        response = ranged(request, path.open("rb"), size=path.stat().st_size, content_type=TYPES[grant.kind])
    except OSError as error:
        raise StreamFileNotFound from error
    response["Cache-Control"] = IMMUTABLE
    return response


def _manifest(request: HttpRequest, grant: Grant) -> HttpResponse:
    asset = asset_with_tracks(UUID(grant.asset))
    if asset is None or grant.playback == PRELOAD:
        raise StreamFileNotFound
    session = PlaybackSession.objects.filter(pk=grant.playback, asset=asset).first()
    if session is None:
        raise StreamRefused
    language = viewer_of(request).language
    body = manifest_text(asset, grant, language)
    if body is None:
        raise StreamFileNotFound
    return HttpResponse(body, content_type=TYPES[grant.kind])


def manifest_text(asset: MediaAsset, grant: Grant, language: str) -> str | None:
    """Return the manifest or playlist that a grant names; None when there is none. No query if the tracks are loaded."""
    stream = manifests.Stream.of(asset, max_height=grant.max_height, language=language)
    if grant.file == "master.m3u8":
        return manifests.hls_master(stream)
    if grant.file == "manifest.mpd":
        return manifests.dash_mpd(stream)
    track_name, _slash, file = grant.file.partition("/")
    if file != "index.m3u8":
        return None
    tracks: dict[str, Rendition | AudioTrack] = {each.track: each for each in stream.renditions}
    tracks |= {each.track: each for each in stream.audio}
    if track_name in tracks:
        return manifests.hls_media(tracks[track_name])
    text = next((text for text in stream.subtitles if text.track == track_name), None)
    return manifests.hls_subtitles(text, stream.duration_s) if text else None
