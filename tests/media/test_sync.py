"""A flash and a beep that belong together, through the whole pipeline: nobody may notice that they were ever apart."""

from pathlib import Path

import pytest

from playback import ladder
from playback.ladder import Plan
from tests.media import clips
from tests.media.ingest import ingest, ready
from tests.media.test_streams import joined, loud_moments, sound, white_moments

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]
NOTICED_S = 0.08
EVERY_S = 3
SECONDS = 14

SOURCES = {
    "ntsc.ts": ("30000/1001", "", ""),
    "film.mkv": ("24000/1001", "", ""),
    "pictures-late.ts": ("25", ",trim=start=1", ""),
    "sound-late.ts": ("25", "", ",atrim=start=1"),
    "sound-a-little-early.mp4": ("25", ",trim=start=0.3", ""),
    "program.mpg": ("25", "", ""),
}


def flashing(name: str) -> Path:
    rate, pictures, tone = SOURCES[name]
    on = f"between(mod(t,{EVERY_S}),2,2.1)"
    return clips.render(
        name,
        *("-f", "lavfi", "-i", f"color=black:size=256x144:rate={rate}:duration={SECONDS}"),
        *("-f", "lavfi", "-i", f"aevalsrc='{on}*0.8*sin(2*PI*1000*t)':sample_rate=48000:duration={SECONDS}"),
        *("-vf", f"drawbox=color=white:t=fill:enable='{on}',noise=alls=10:allf=t{pictures}", "-af", f"anull{tone}"),
        *("-fps_mode", "passthrough", "-b:v", "3M", "-c:a", "mp2" if name.endswith("mpg") else "aac"),
    )


@pytest.mark.parametrize("name", SOURCES)
def test_flash_and_beep_stay_together(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "CHUNK_S", 4)
    monkeypatch.setattr(ladder, "MIN_TAIL_S", 1)
    asset = ready(ingest(flashing(name)))
    assert len(Plan.from_json(asset.plan or {}).chunks) >= 3
    flashes = white_moments(joined(asset, "v144"))
    beeps = loud_moments(sound(joined(asset, "a-0")))
    assert len(flashes) == len(beeps) == 4
    assert max(abs(flash - beep) for flash, beep in zip(flashes, beeps, strict=True)) < NOTICED_S
