import codecs
from pathlib import Path

import pytest
import webvtt
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from playback.errors import MediaRejected
from playback.pipeline.subtitles import LATEST_MS, MAX_BYTES, MAX_CUES, cues_of, retimed, to_webvtt
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
        ("{\\an8}above", "above"),
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


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["नमस्ते दुनिया", "Hello"])
def test_utf_16_without_a_mark_is_understood(tmp_path: Path, encoding: str, text: str) -> None:
    assert words(converted(tmp_path, ONE.format(text).encode(encoding))) == [text]


@pytest.mark.parametrize(
    ("language", "encoding", "text"),
    [
        ("", "cp1252", "déjà vu"),
        ("fr", "cp1252", "Où êtes-vous ? L’été, ça va…"),
        ("de", "iso8859_15", "Schöne Grüße für 5 €"),
        ("es", "iso8859_1", "¿Qué pasó, señor?"),
        ("ru", "cp1251", "Привет, мир"),
        ("ru", "koi8_r", "Привет, как дела?"),
        ("uk", "iso8859_5", "Привіт, як справи?"),
        ("", "cp1251", "Привет, как дела?"),
        ("pl", "cp1250", "Żółw, źródło, łąka, ćma, śnieg"),
        ("pl", "iso8859_2", "Żółw, źródło, łąka, ćma, śnieg"),
        ("cs", "cp1250", "Příliš žluťoučký kůň"),
        ("cs-CZ", "iso8859_2", "Příliš žluťoučký kůň"),
        ("el", "iso8859_7", "Καλημέρα, τι κάνεις;"),
        ("tr", "cp1254", "Günaydın, şimdi İstanbul’a gidiyorum"),
        ("ar", "cp1256", "مرحبا كيف حالك"),
        ("ja", "cp932", "こんにちは、お元気ですか。"),
        ("zh-TW", "big5", "你好，你昨天晚上在哪裡？"),
        ("hi", "utf-8", "नमस्ते"),
    ],
)
def test_old_encodings_are_told_by_the_language(tmp_path: Path, language: str, encoding: str, text: str) -> None:
    path = tmp_path / "film.srt"
    path.write_bytes(ONE.format(text).encode(encoding))

    assert words(to_webvtt(path, language=language)) == [text]


@pytest.mark.parametrize("language", ["hi", "ta-IN"])
def test_an_indian_language_in_a_font_of_its_own_is_refused(tmp_path: Path, language: str) -> None:
    path = tmp_path / "film.srt"
    path.write_bytes(ONE.format("").encode() + bytes([0xC6, 0xCC, 0xD7, 0xE8, 0xC2, 0xE1]))  # namaste in ISCII

    with pytest.raises(MediaRejected, match=r"mine\.srt is not in Unicode.*UTF-8"):
        to_webvtt(path, language=language, name="mine.srt")


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1\n00:00:01,000 --> 00:00:02,000\nfirst\n\nstill first\n\n2\n00:00:03,000 --> 00:00:04,000\nsecond",
         ["first\nstill first", "second"]),
        ("1\n00:00:01,000 --> 00:00:02,000\nfirst\n2\n00:00:03,000 --> 00:00:04,000\nsecond", ["first", "second"]),
        ("00:01,000 --> 00:02,000\nIn the year\n1984\n\n00:03,000 --> 00:04,000\nit rained", ["In the year\n1984", "it rained"]),
        ("7\n00:00:01,000 --> 00:00:02,000\n\n8\n00:00:03,000 --> 00:00:04,000\nnot empty", ["not empty"]),
        ("1\n0:0:1,5 --> 0:0:2,25  X1:100 X2:200\nold player", ["old player"]),
    ],
)  # fmt: skip
def test_srt_made_by_hand_is_read(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert words(converted(tmp_path, text)) == expected


def test_webvtt_notes_styles_regions_and_names_of_cues_are_left_out(tmp_path: Path) -> None:
    text = (
        "WEBVTT - a film\nKind: captions\n\nNOTE made\nby hand\n\nSTYLE\n::cue { background: url(http://x) }\n\n"
        "REGION\nid:fred\n\nintro\n00:01.000 --> 00:02.500 line:0 align:start\n<v Asha>Come!</v>\n\nNOTE over\n"
    )
    assert converted(tmp_path, text, "film.vtt") == "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nCome!\n"


def test_cues_are_put_in_order_once_and_slips_of_the_hand_are_mended(tmp_path: Path) -> None:
    lines = [("5,000", "7,100", "late"), ("1,000", "3,000", "one"), ("1,000", "3,000", "one"), ("2,900", "4,000", "two"),
             ("3,000", "6,000", "both speak"), ("8,000", "8,000", "never seen")]  # fmt: skip
    text = "\n".join(f"{n}\n00:00:0{a} --> 00:00:0{b}\n{t}\n" for n, (a, b, t) in enumerate(lines, start=1))

    made = [line for line in converted(tmp_path, text).splitlines() if "-->" in line]

    assert made == [
        "00:00:01.000 --> 00:00:02.900",
        "00:00:02.900 --> 00:00:04.000",
        "00:00:03.000 --> 00:00:06.000",
        "00:00:05.000 --> 00:00:07.100",
    ]


ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname
Style: Default,Arial

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,not shown
Dialogue: 0,{},Default,,0,0,0,,{}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, world", "Hello, world"),
        (r"नमस्ते\Nदुनिया", "नमस्ते\nदुनिया"),
        (r"{\i1}soft{\i0} and {\b700}loud", "<i>soft</i> and <b>loud</b>"),
        (r"{\an8\pos(10,20)\c&HFF0000&}up{\k20}per", "upper"),
        (r"{\p1}m 0 0 l 100 0{\p0}seen", "seen"),
        (r"<script>x</script> a\hb", "x a b"),
    ],
)
def test_ass_dialogue_keeps_words_and_plain_styles(tmp_path: Path, text: str, expected: str) -> None:
    script = ASS.format("0:00:01.00,0:00:02.50", text)
    assert converted(tmp_path, script, "film.ass") == f"WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n{expected}\n"


@pytest.mark.parametrize("times", ["0:00:01.00,soon", "0:00:02.00,0:00:01.00", "0:00:01.00"])
def test_broken_ass_is_refused_with_the_line(tmp_path: Path, times: str) -> None:
    with pytest.raises(MediaRejected, match=r"film\.ssa, line 11: "):
        converted(tmp_path, ASS.format(times, "x"), "film.ssa")


TTML = """<?xml version="1.0" encoding="{encoding}"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling"
    xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001" ttp:tickRate="10000000">
<head><styling><style xml:id="soft" tts:fontStyle="italic"/></styling></head>
<body><div begin="10s">
{p}
</div></body></tt>
"""


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ('<p begin="00:00:01.000" end="00:00:02.500">Hello</p>', "00:00:11.000 --> 00:00:12.500\nHello"),
        ('<p begin="1s" dur="500ms">नमस्ते<br/>\n  दुनिया</p>', "00:00:11.000 --> 00:00:11.500\nनमस्ते\nदुनिया"),
        ('<p begin="00:00:01:12" end="00:00:02:00">frames</p>', "00:00:11.500 --> 00:00:12.000\nframes"),
        ('<p begin="10000000t" end="25000000t">ticks</p>', "00:00:11.000 --> 00:00:12.500\nticks"),
        ('<p begin="1s" end="2s" style="soft">a <span tts:fontWeight="bold">b</span></p>',
         "00:00:11.000 --> 00:00:12.000\n<i>a <b>b</b></i>"),
        ('<p begin="1s" end="2s">1 &lt; 2 &lt;script&gt;x</p>', "00:00:11.000 --> 00:00:12.000\n1 &lt; 2 x"),
        ('<p><span begin="1s" end="2s">one </span><span begin="2s" end="3s">two</span></p>',
         "00:00:11.000 --> 00:00:13.000\none two"),
    ],
)  # fmt: skip
def test_ttml_is_read_with_its_times_and_plain_styles(tmp_path: Path, p: str, expected: str) -> None:
    vtt = converted(tmp_path, TTML.format(encoding="UTF-8", p=p), "film.ttml")
    assert vtt == f"WEBVTT\n\n{expected}\n"


def test_ttml_in_the_encoding_that_it_names(tmp_path: Path) -> None:
    text = TTML.format(encoding="windows-1251", p='<p begin="1s" end="2s">Привет</p>')
    assert words(converted(tmp_path, text.encode("cp1251"), "film.xml")) == ["Привет"]


BOMB = """<!DOCTYPE tt [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1s" end="2s">&b;</p></div></body></tt>"""
OUTSIDE = """<!DOCTYPE tt [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1s" end="2s">&x;</p></div></body></tt>"""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BOMB, "line 1: document types"),
        (OUTSIDE, "line 1: document types"),
        ("<html><body>no</body></html>", "not TTML"),
        ("<tt><body><p begin='1s' end='2s'>x</body></tt>", "line 1: is not well-formed"),
        (TTML.format(encoding="UTF-8", p='<p begin="soon" end="2s">x</p>'), "line 6: the times cannot be read"),
        (TTML.format(encoding="UTF-8", p='<p begin="5s" end="2s">x</p>'), "line 6: it ends before"),
        (TTML.format(encoding="UTF-8", p='<p begin="5s">x</p>'), "line 6: it has no end"),
        (TTML.format(encoding="UTF-8", p='<p begin="1s" end="999999999h">x</p>'), "line 6: no film"),
        ('<tt xmlns:p="x" p:frameRate="1e999999999"><body/></tt>', "line 1: the frame rate"),
        ('<tt xmlns:p="x" p:frameRateMultiplier="1 0"><body/></tt>', "line 1: the frame rate"),
        ("<tt><body/></tt>", "has no subtitles"),
    ],
)
def test_hostile_and_broken_ttml_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(MediaRejected) as caught:
        converted(tmp_path, text, "film.ttml")
    assert why in caught.value.message
    assert "root:" not in caught.value.message


def test_times_are_moved_and_what_would_be_lost_is_refused() -> None:
    cues = cues_of("00:05.000 --> 00:07.000\none\n\n01:00.000 --> 01:02.000\ntwo", name="film.srt")

    later = retimed(cues, lambda at: at + 1500, name="film.srt")
    faster = retimed(cues, lambda at: at * 24 // 25, name="film.srt")
    cut = retimed(cues, lambda at: at - 6000, name="film.srt")

    assert [(cue.start_ms, cue.end_ms) for cue in later] == [(6500, 8500), (61_500, 63_500)]
    assert [(cue.start_ms, cue.end_ms) for cue in faster] == [(4800, 6720), (57_600, 59_520)]
    assert (cut[0].start_ms, cut[0].end_ms) == (0, 1000)
    for lost in (lambda at: at - 7000, lambda at: at + LATEST_MS):
        with pytest.raises(MediaRejected):
            retimed(cues, lost, name="film.srt")


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
