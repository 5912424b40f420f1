"""Simulated viewers for `python -m benchmarks.pipeline viewers`: each begins to watch, fetches segment after segment in time and
says every ten seconds where it is."""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

SEGMENT_S = 4
SEGMENT_BYTES = 2_500_000 * SEGMENT_S // 8
REPORT_S = 10
AHEAD = 3  # segments a viewer has before it plays, and keeps
WITHIN_S = 60


def lay_out_film(data: Path, seconds: int) -> UUID:
    """Publish a film of `seconds` whose one rendition runs at 2.5 Mbit/s; its bytes are noise, for nobody decodes them."""
    from django.utils import timezone

    from catalog.actions import create_title, mark_playable_ready, publish_title
    from playback.models import MediaAsset, Rendition

    title = create_title(kind="movie", title_en="Benchmark", maturity="U")
    count = seconds // SEGMENT_S + AHEAD
    asset = MediaAsset.objects.create(
        playable=title.playable, state="ready", source_name="x", source_bytes=1, source_sha256="0" * 64, certificate={},
        plan={"fps": [25, 1]},
    )  # fmt: skip
    Rendition.objects.create(
        asset=asset, height=720, pixel_width=1280, pixel_height=720, codecs="avc1.64001f", timescale=1000,
        bandwidth=2_500_000, average_bandwidth=2_500_000, segments=[[SEGMENT_S * 1000, SEGMENT_BYTES]] * count,
    )  # fmt: skip
    folder = data / "media" / str(asset.pk) / "v720"
    folder.mkdir(parents=True)
    for number in range(1, count + 1):
        (folder / f"{number:05d}.m4s").write_bytes(os.urandom(SEGMENT_BYTES))
    mark_playable_ready(title.playable, duration_ms=count * SEGMENT_S * 1000, at=timezone.now())
    publish_title(title, at=timezone.now())
    return title.pk


@dataclass
class Watched:
    session: str
    last_ms: int = 0
    segments_ms: list[float] = field(default_factory=list)
    reports_ms: list[float] = field(default_factory=list)
    late: int = 0


class Connection:
    """One kept-alive HTTP connection that reads what it asks for and forgets large bodies."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: object = None, *, token: str = "", keep: bool = True) -> bytes:
        """Return the body. Raises RuntimeError for any answer but 200 and 201."""
        async with asyncio.timeout(WITHIN_S):
            if self.reader is None or self.writer is None:
                self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
            sent = json.dumps(body).encode() if body is not None else b""
            head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Length: {len(sent)}\r\n"
            head += "Content-Type: application/json\r\n" + (f"Authorization: Guest {token}\r\n" if token else "")
            self.writer.write(head.encode() + b"\r\n" + sent)
            status, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
            answer = await self._body(self.reader, headers, keep=keep)
            if status.split()[1] not in {"200", "201"}:
                raise RuntimeError(f"{method} {path}: {status} {answer[:300]!r}")
            return answer

    async def _body(self, reader: asyncio.StreamReader, headers: dict[str, str], *, keep: bool) -> bytes:
        if headers.get("transfer-encoding") == "chunked":
            found = b""
            while size := int(await reader.readline(), 16):
                found += (await reader.readexactly(size + 2))[:-2]
            await reader.readline()
            return found
        left, pieces = int(headers["content-length"]), []
        while left:
            piece = await reader.read(min(left, 1 << 17))
            if not piece:
                raise RuntimeError("The answer ended before its end.")
            left -= len(piece)
            if keep:
                pieces.append(piece)
        return b"".join(pieces)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


async def watch(port: int, title: str, *, seconds: int, begins_in: float) -> Watched:
    """Watch for so long; a segment is late when it is not there at the moment it is to be shown."""
    await asyncio.sleep(begins_in)
    api, films = Connection(port), Connection(port)
    try:
        token = json.loads(await api.ask("POST", "/api/v1/auth/guest", {}))["guest_token"]
        start = json.loads(await api.ask("POST", "/api/v1/stream/playback/start", {"content_id": title}, token=token))
        prefix = "/m/" + start["manifest_url"].partition("/m/")[2].removesuffix("master.m3u8")
        await films.ask("GET", prefix + "master.m3u8")
        await films.ask("GET", prefix + "v720/index.m3u8")
        watched = Watched(start["session_id"])
        shown_at = 0.0  # when the film began to play

        async def fetch() -> None:
            nonlocal shown_at
            for number in range(1, seconds // SEGMENT_S + 1):
                if number > AHEAD:
                    await asyncio.sleep(shown_at + (number - 1 - AHEAD) * SEGMENT_S - time.monotonic())
                began = time.monotonic()
                await films.ask("GET", f"{prefix}v720/{number:05d}.m4s", keep=False)
                watched.segments_ms.append((time.monotonic() - began) * 1000)
                if number == AHEAD:
                    shown_at = time.monotonic()
                watched.late += bool(shown_at) and time.monotonic() > shown_at + (number - 1) * SEGMENT_S + 0.001

        async def tell() -> None:
            for report in range(1, seconds // REPORT_S + 1):
                await asyncio.sleep(REPORT_S)
                position = {"content_id": title, "session_id": watched.session, "position_seconds": report * REPORT_S}
                began = time.monotonic()
                await api.ask("PUT", "/api/v1/stream/playback/position", position, token=token)
                watched.reports_ms.append((time.monotonic() - began) * 1000)
                watched.last_ms = report * REPORT_S * 1000

        await asyncio.gather(fetch(), tell())
        return watched
    finally:
        api.close()
        films.close()


async def watch_all(port: int, title: str, *, count: int, seconds: int) -> list[Watched]:
    """Let so many viewers begin within the first ten seconds and watch for `seconds`."""
    each = [watch(port, title, seconds=seconds, begins_in=REPORT_S * number / count) for number in range(count)]
    return await asyncio.gather(*each)


def report(watched: list[Watched], *, table_line: Callable[[str], Any]) -> None:
    from playback.models import PlaybackSession, Progress

    segments = sorted(value for each in watched for value in each.segments_ms)
    reports = sorted(value for each in watched for value in each.reports_ms)
    owners = dict(PlaybackSession.objects.values_list("pk", "identity"))
    stored = dict(Progress.objects.values_list("identity", "position_ms"))
    lost = sum(stored.get(owners[UUID(each.session)]) != each.last_ms for each in watched)

    def line(name: str, value: float, aim: str) -> None:
        table_line(f"{name:<40}{value:>12.1f}   aim {aim}")

    line("viewers", len(watched), "200")
    line("segments", len(segments), "")
    line("segment, median ms", statistics.median(segments), "")
    line("segment, p99 ms", segments[int(len(segments) * 0.99)], "≤ 500")
    line("late segments", sum(each.late for each in watched), "0")
    line("position, p99 ms", reports[int(len(reports) * 0.99)], "")
    line("last positions not stored", lost, "0")
