import codecs
from pathlib import Path

import pytest
import webvtt
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from playback.errors import MediaRejected
from playback.pipeline.subtitles import MAX_BYTES, MAX_CUES, to_webvtt
from tests.media.clips import REFERENCE

ONE = "1\n00:00:01,000 --> 00:00:02,500\n{}\n"


def converted(folder: Path, text: str | bytes, name: str = "film.srt") -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return to_webvtt(path)


def words(vtt: str) -> list[str]:
    import io

    return [cue.raw_text for cue in webvtt.from_buffer(io.StringIO(vtt), format="vtt").captions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello", "Hello"),
        ("नमस्ते\nदुनिया", "नमस्ते\nदुनिया"),
        ("<i>whisper</i> <b>shout</b> <u>line</u>", "<i>whisper</i> <b>shout</b> <u>line</u>"),
        ('<font color="red">red</font>', "red"),
        ("{\\an8}above", "{\\an8}above"),
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("<img src=x onerror=alert(1)>seen", "seen"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "alert(1)"),
        ("<i onmouseover=alert(1)>x</i>", "x</i>"),
        ("<b\nonclick=x>y", "&lt;b\nonclick=x&gt;y"),
        ("<c.x><00:00:01.500>karaoke</c>", "karaoke"),
    ],
)
def test_cues_hold_nothing_but_text_and_plain_styles(tmp_path: Path, text: str, expected: str) -> None:
    assert words(converted(tmp_path, ONE.format(text))) == [expected]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom"],
)
def test_encodings_with_a_mark_are_understood(tmp_path: Path, encoding: str) -> None:
    text = ONE.format("नमस्ते")
    data = {
        "utf-16-le-bom": codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        "utf-16-be-bom": codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    }.get(encoding) or text.encode(encoding)
    assert words(converted(tmp_path, data)) == ["नमस्ते"]


def test_old_western_encodings_are_guessed(tmp_path: Path) -> None:
    assert words(converted(tmp_path, ONE.format("déjà vu").encode("cp1252"))) == ["déjà vu"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_do_not_matter(tmp_path: Path, ending: str) -> None:
    text = (ONE.format("one") + "\n2\n00:00:03,000 --> 00:00:04,000\ntwo\n").replace("\n", ending)
    assert words(converted(tmp_path, text)) == ["one", "two"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("1\n00:00:01,000 --> soon\nx\n", 2),
        (ONE.format("fine") + "\n2\n00:00:0x,000 --> 00:00:05,000\nx\n", 6),
        (ONE.format("fine") + "\n2\n--> 00:00:05,000\nx\n", 6),
        (ONE.format("fine") + "\n2\n00:00:05,000 -->\nx\n", 6),
        (ONE.format("fine") + "\n2\n00:00:05,000 --> 00:00:03,000\nbackwards\n", 6),
        (ONE.format("fine") + "\n2\n00:00:04,000 -> 00:00:05,000\nx\n", 6),
    ],
)
def test_broken_times_are_refused_with_the_line(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(MediaRejected) as caught:
        converted(tmp_path, text)
    assert caught.value.code == "broken_subtitles"
    assert f"film.srt, line {line}:" in caught.value.message
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    "text", ["", "\n\n", "just words", "WEBVTT\n", "\x89PNG\r\n", "{\\rtf1 text}", "[Script Info]\nTitle: x"]
)
def test_what_are_no_subtitles_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(MediaRejected) as caught:
        converted(tmp_path, text)
    assert caught.value.code == "broken_subtitles"
    assert "film.srt" in caught.value.message


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.srt"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(MediaRejected, match="larger than 5 MB"):
        to_webvtt(path)


def test_too_many_cues_are_refused(tmp_path: Path) -> None:
    text = "\n".join(f"{number}\n00:00:01,000 --> 00:00:02,000\nx\n" for number in range(MAX_CUES + 1))
    with pytest.raises(MediaRejected, match="more than 50000"):
        converted(tmp_path, text)


def test_a_directory_or_nothing_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.srt"):
        with pytest.raises(MediaRejected) as caught:
            to_webvtt(path)
        assert caught.value.code == "subtitles_missing"


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200))
def test_any_words_come_out_as_one_cue_that_cannot_break_out(tmp_path: Path, text: str) -> None:
    spoken = " ".join(text.split()).replace("-->", "") or "x"
    spoken = "".join(each if each.isprintable() else "x" for each in spoken)
    try:
        vtt = converted(tmp_path, ONE.format("say " + spoken))
    except MediaRejected:
        return
    body = vtt.partition("\n\n")[2]
    assert body.count("-->") == 1
    assert body.count("\n\n") == 0
    assert not [tag for tag in ("<s", "<S", "<img", "<a") if tag in body]


@pytest.mark.parametrize("name", ["webvtt-py/sample.srt", "webvtt-py/sample.vtt", "elephantsdream/captions.en.vtt"])
def test_files_from_elsewhere_keep_every_cue(name: str) -> None:
    source = REFERENCE / "subtitles" / name
    if not source.exists():
        pytest.skip("the reference subtitles are not here")
    format_ = name.rpartition(".")[2]
    import io

    original = webvtt.from_buffer(io.StringIO(source.read_text()), format=format_)
    assert len(words(to_webvtt(source))) == len([cue for cue in original.captions if cue.text.strip()])
