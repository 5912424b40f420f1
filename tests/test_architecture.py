"""Rules of the house that import-linter cannot see."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from nikoflix.celery import app as celery_app

ROOT = Path(__file__).resolve().parents[1]
APPS = ("accounts", "catalog", "billing", "playback", "ads", "engagement", "cms")
WRITES = {"create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "update", "delete"}
LONGEST_FILE = 500
LONGEST_FUNCTION = 60
DRAWINGS = "cms/demo/scenes_"  # one function per picture, straight lines of coordinates
# A related manager or a queryset that a template would evaluate; loops' own counters are fine.
QUERY_IN_TEMPLATE = re.compile(r"(?<!forloop)\.(?:all|count|exists|filter|iterator|objects|order_by|values)\b|_set\b")


UNCHECKED = re.compile(
    r"# (?:noqa: [A-Z0-9]+(?:, [A-Z0-9]+)*(?P<reason> -- \S)?|type: ignore\[[a-z, -]+\](?P<why> *# \S)?)"
)


def passes_by_in_silence(line: str) -> bool:
    """Tell whether a line asks a checker to look away without a reason."""
    found = UNCHECKED.search(line)
    return found is not None and not (found["reason"] or found["why"])


def numbered(path: Path) -> Iterator[tuple[int, str]]:
    return enumerate(path.read_text().splitlines(), start=1)


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts)


PRODUCT = [*modules("nikoflix", *APPS)]


def models_imported(tree: ast.Module) -> dict[str, str]:
    """Return, for every name imported from an app's models, the app."""
    return {
        alias.asname or alias.name: node.module.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[1:2] == ["models"]
        for alias in node.names
    }


def written_models(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Find `Model.objects….create(…)` and its kind; yields the model's name and the line."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES):
            continue
        inner: ast.expr = node.func.value
        while isinstance(inner, ast.Call | ast.Attribute):
            if isinstance(inner, ast.Attribute) and inner.attr == "objects" and isinstance(inner.value, ast.Name):
                yield inner.value.id, node.lineno
            inner = inner.func if isinstance(inner, ast.Call) else inner.value


def test_only_the_owner_writes_its_tables() -> None:
    foreign = []
    for path in PRODUCT:
        tree = ast.parse(path.read_text())
        owners = models_imported(tree)
        here = path.relative_to(ROOT).parts[0]
        foreign += [
            f"{path.relative_to(ROOT)}:{line} writes {owners[name]}.{name}"
            for name, line in written_models(tree)
            if owners.get(name, here) != here
        ]

    assert foreign == []


def test_the_rule_about_writes_bites() -> None:
    tree = ast.parse("from catalog.models import Title\nTitle.objects.filter(pk=1).update(views=2)")

    assert list(written_models(tree)) == [("Title", 2)]
    assert models_imported(tree) == {"Title": "catalog"}


def test_templates_run_no_query() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {tag}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for tag in re.findall(r"{[{%].*?[%}]}", path.read_text(), re.DOTALL)
        if QUERY_IN_TEMPLATE.search(tag)
    ]

    assert found == []


@pytest.mark.parametrize(
    ("tag", "queries"),
    [
        ("{% for credit in title.credits.all %}", True),
        ("{{ title.episode_set.count }}", True),
        ("{% if forloop.counter == 2 %}", False),
        ("{{ page.title.view_count }}", False),
        ("{{ page.valueset }}", False),
    ],
)
def test_the_rule_about_templates_bites(tag: str, queries: bool) -> None:
    assert bool(QUERY_IN_TEMPLATE.search(tag)) is queries


def test_every_task_that_is_rung_for_exists() -> None:
    celery_app.loader.import_default_modules()
    rung: set[object] = set()
    unreadable = []
    for path in PRODUCT:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "enqueue":
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant):
                    rung.add(first.value)
                else:
                    unreadable.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    rung |= {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert unreadable == []
    assert rung - set(celery_app.tasks) == set()
    assert "playback.tasks.ring" in rung


def test_files_stay_readable_in_one_sitting() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in [*PRODUCT, *modules("tests", "bin", "benchmarks")]
        if (lines := path.read_text().count("\n")) > LONGEST_FILE
    }

    assert long == {}


def test_functions_stay_readable_at_one_glance() -> None:
    long = {
        f"{path.relative_to(ROOT)}: {node.name}": lines
        for path in [*PRODUCT, *modules("bin", "benchmarks")]
        if not str(path.relative_to(ROOT)).startswith(DRAWINGS)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }

    assert long == {}


@pytest.mark.django_db
def test_who_passes_a_check_by_says_why() -> None:
    everything = [*PRODUCT, *modules("tests", "benchmarks", "bin")]
    lines = {f"{path.relative_to(ROOT)}:{number}": line for path in everything for number, line in numbered(path)}

    assert [place for place, line in lines.items() if passes_by_in_silence(line)] == []


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        ("noqa: F401", True),
        ("noqa: F401, PLC0415 -- connects it", False),
        ("type: ignore[attr-defined]", True),
        ("type: ignore[attr-defined] # read by the middleware", False),
    ],
)
def test_the_rule_about_reasons_bites(comment: str, silent: bool) -> None:
    assert passes_by_in_silence(f"x = 1  # {comment}") == silent


def test_migrations_of_each_app_form_one_line() -> None:
    graph = MigrationLoader(None).graph
    for app in APPS:
        own = [key for key in graph.nodes if key[0] == app]
        assert len(graph.leaf_nodes(app)) == bool(own)
        for key in own:
            assert len([child for child in graph.node_map[key].children if child.key[0] == app]) <= 1
            assert len([parent for parent in graph.node_map[key].parents if parent.key[0] == app]) <= 1
