from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.enums import Kind, Role, State, Tier
from catalog.importing import read_rows
from catalog.models import Credit, Genre, Person, SearchDocument, Title

pytestmark = pytest.mark.django_db

HEADER = "kind,title_en,title_hi,year,runtime_minutes,genres,language,cast,overview,source_id"
DANGAL = "movie,Dangal,दंगल,2016,161,Drama|Sports,hi,Aamir Khan|Fatima Sana Shaikh|,A father trains his daughters.,tt1"
REFERENCE = Path(__file__).parents[3] / "shared/reference/catalog/bilingual-catalogue-500.csv"

Load = Callable[..., str]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Return a function that imports text or bytes and returns what the command said, errors included."""

    def run(content: str | bytes, *options: str) -> str:
        file, said = tmp_path / "titles.csv", StringIO()
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            call_command("import_catalog", str(file), *options, stdout=said, stderr=said)
        except CommandError as error:
            said.write(f"refused: {error}")
        return said.getvalue()

    return run


def test_a_row_becomes_a_title_with_all_it_says(load: Load) -> None:
    assert "1 titles are new" in load(f"{HEADER}\n{DANGAL}\n", "--publish")

    title = Title.objects.get()
    assert (title.kind, title.title_en, title.title_hi, title.slug) == (Kind.MOVIE, "Dangal", "दंगल", "dangal")
    assert (title.state, title.release_date and title.release_date.year) == (State.PUBLISHED, 2016)
    assert title.playable.duration_ms == 161 * 60_000
    assert {genre.name_en for genre in title.genres.all()} == {"Drama", "Sports"}
    assert [str(credit.person) for credit in title.credits.all()] == ["Aamir Khan", "Fatima Sana Shaikh"]
    assert SearchDocument.objects.filter(title=title).exists()


def test_a_row_that_comes_again_changes_its_title_and_keeps_what_is_empty(load: Load) -> None:
    load(f"{HEADER}\n{DANGAL}\n")
    director = Person.objects.create(slug="nitesh", name_en="Nitesh")
    Credit.objects.create(title=Title.objects.get(), person=director, role=Role.DIRECTOR)

    said = load(f"{HEADER}\nmovie,Dangal!,,2016,,Biography,,Sakshi Tanwar|Aamir Khan|,,tt1\n")

    assert "0 titles are new, 1 were there" in said
    title = Title.objects.get()
    assert (title.title_en, title.title_hi, title.slug) == ("Dangal!", "दंगल", "dangal")
    assert [genre.name_en for genre in title.genres.all()] == ["Biography"]
    cast = title.credits.filter(role=Role.ACTOR)
    assert [str(credit.person) for credit in cast] == ["Sakshi Tanwar", "Aamir Khan"]
    assert title.credits.filter(person=director).exists()


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("film,A,,,,,,,,", "kind"),
        (",A,,,,,,,,", "kind"),
        ("movie,,अ,,,,,,,", "title_en"),
        (f"movie,{'A' * 501},,,,,,,,", "title_en"),
        ("movie,A,,soon,,,,,,", "year"),
        ("movie,A,,1066,,,,,,", "year"),
        ("movie,A,,٢٠٢٠,,,,,,", "year"),
        ("movie,A,,,-5,,,,,", "runtime_minutes"),
        ("movie,A,,,,,Hindi language,,,", "language"),
        (f"movie,A,,,,{'g' * 101},,,,", "genres"),
        ("movie,A,,,,,,,nul\0,", "overview"),
        ("movie,A,,,,,,,,,more", "–"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_written(load: Load, row: str, column: str) -> None:
    said = load(f"{HEADER}\n{DANGAL}\n{row}\n")

    assert f"Row 3, {column}: " in said
    assert "refused: 1 errors. Nothing was written." in said
    assert not Title.objects.exists()
    assert not Genre.objects.exists()


def test_every_error_is_told_at_once(load: Load) -> None:
    said = load(f"{HEADER}\nfilm,A,,,,,,,,\n{DANGAL}\nmovie,A,,x,,,,,,\n{DANGAL}\n")

    assert [line.partition(":")[0] for line in said.splitlines()[:3]] == [
        "Row 2, kind",
        "Row 4, year",
        "Row 5, source_id",
    ]
    assert "This is row 3 again." in said


def test_bad_rows_can_be_left_out(load: Load) -> None:
    said = load(f"{HEADER}\nfilm,A,,,,,,,,\n{DANGAL}\n", "--skip-bad")

    assert "1 titles are new, 0 were there; 1 rows left out." in said
    assert Title.objects.get().title_en == "Dangal"


def test_a_dry_run_writes_nothing(load: Load) -> None:
    assert "1 rows are right. Nothing was written." in load(f"{HEADER}\n{DANGAL}\n", "--dry-run")
    assert not Title.objects.exists()


def test_a_title_stays_of_its_kind(load: Load) -> None:
    load(f"{HEADER}\n{DANGAL}\n")

    assert "Row 2, kind: The title is there already, as another kind." in load(
        f"{HEADER}\n{DANGAL.replace('movie', 'series', 1)}\n"
    )


@pytest.mark.parametrize(
    "content",
    [
        f"\ufeff{HEADER}\r\n{DANGAL}\r\n",
        f"\ufeff{HEADER}\r\n{DANGAL}\r\n".replace(",", ";"),
        f"\ufeffsep=;\r\n{HEADER}\r\n{DANGAL}\r\n".replace(",", ";"),
        f"{HEADER}\n{DANGAL}".replace(",", "\t"),
        f"{HEADER.upper()}\n{DANGAL.replace('Dangal', chr(34) + 'Dangal' + chr(34), 1)}\n\n,,,,,,,,,\n",
    ],
)
def test_files_come_as_spreadsheets_save_them(content: str) -> None:
    rows, errors = read_rows(content.encode())

    assert errors == []
    assert [(row.fields["title_hi"], row.cast) for row in rows] == [("दंगल", ["Aamir Khan", "Fatima Sana Shaikh"])]


@pytest.mark.parametrize("formula", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", '"=HYPERLINK(""http://x"")"'])
def test_a_formula_is_a_text_like_any_other(load: Load, formula: str) -> None:
    load(f"{HEADER}\nmovie,{formula},,,,,,,,\n")

    assert Title.objects.get().title_en == formula.strip('"').replace('""', '"')


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "Row 1, kind: This column is missing."),
        ("kind,title_en,colour\nmovie,A,red\n", "Row 1, colour: There is no such column."),
        ((HEADER + "\nmovie,A,,,,,,,,\nmovie,\xe4").encode("latin-1"), "Row 3, –: This is not UTF-8 text."),
        (b"PK\x03\x04\xff\xfe", "Row 1, –: This is not UTF-8 text."),
        (f'{HEADER}\nmovie,"{"x" * 140_000}",,,,,,,,', "–: field larger than field limit"),
    ],
)
def test_what_is_no_such_file_is_refused(load: Load, content: str | bytes, said: str) -> None:
    assert said in load(content)
    assert not Title.objects.exists()


def test_a_missing_file_is_said() -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_catalog", "/nowhere.csv")


def test_tiers_prices_and_certificates_are_read(load: Load) -> None:
    columns = "kind,title_en,tier,price_minor,maturity,countries,release_date"
    load(f'{columns}\nmovie,A,unlock,9900,U/A,"IN,NP",2026-05-31\n')

    title = Title.objects.get()
    assert (title.tier, title.price_minor, title.maturity, title.countries) == (Tier.UNLOCK, 9900, "UA", "IN,NP")
    assert str(title.release_date) == "2026-05-31"
    assert "Row 2, price_minor: " in load("kind,title_en,tier\nmovie,B,unlock\n")
    assert "Row 2, countries: " in load("kind,title_en,countries\nmovie,B,India\n")
    assert "Row 2, release_date: " in load("kind,title_en,release_date\nmovie,B,31/05/2026\n")


def test_checking_three_rows_costs_as_many_queries_as_one() -> None:
    def cost(count: int) -> int:
        rows = "\n".join(DANGAL.replace("tt1", f"tt{number}") for number in range(count))
        with CaptureQueriesContext(connection) as queries:
            assert len(read_rows(f"{HEADER}\n{rows}\n".encode())[0]) == count
        return len(queries)

    assert cost(1) == cost(3) == 1


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference catalogue is not here")
def test_the_reference_catalogue_can_be_read(django_assert_num_queries: Any) -> None:
    rows, errors = read_rows(REFERENCE.read_bytes())

    assert (len(rows), errors) == (500, [])


# --- franchises ------------------------------------------------------------------------------------------------------

PARTS = """kind,title_en,year,source_id,anchor
movie,River Song 2,2022,r2,r1
movie,River Song,2019,r1,
movie,River Song 3,2025,r3,r2
"""


def group() -> dict[str, str | None]:
    return dict(Title.objects.values_list("title_en", "anchor__title_en"))


def test_rows_join_a_franchise_in_any_order_and_again(load: Load) -> None:
    for _round in range(2):
        load(PARTS)
        assert group() == {"River Song": None, "River Song 2": "River Song", "River Song 3": "River Song"}


def test_a_row_joins_a_title_that_is_there_by_its_slug(load: Load) -> None:
    load(PARTS)

    load("kind,title_en,year,anchor\nmovie,River Song Zero,2001,river-song-3\n")

    assert group()["River Song"] == "River Song Zero"
    assert group()["River Song Zero"] is None


def test_a_circle_of_rows_is_one_franchise(load: Load) -> None:
    load("kind,title_en,year,source_id,anchor\nmovie,One,2001,a,b\nmovie,Two,2002,b,a\n")

    assert group() == {"One": None, "Two": "One"}


@pytest.mark.parametrize("anchor", ["nobody", "a", "\u202enobody"])
def test_a_row_that_follows_nothing_or_itself_is_refused(load: Load, anchor: str) -> None:
    said = load(f"kind,title_en,source_id,anchor\nmovie,One,a,{anchor}\n")

    assert "Row 2, anchor: There is no other title" in said
    assert not Title.objects.exists()
