"""Imports go one way, from what takes in and answers down to what knows nothing of anybody.

LAYERS is the list, the lowest first. A new module gets a place in it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import ROOT

# A module may import what stands in a line above its own, and, in a package, its own package.
LAYERS = (
    ("errors",),
    ("config", "homepaths", "jsonitems", "catalogue", "logs", "browsers", "export", "metrics"),
    ("scrub",),
    ("models",),
    ("payloads",),
    ("database", "local_postgres"),
    ("apps", "partitions", "migrate", "people", "ledger", "testers"),
    ("append", "fold", "images"),
    ("expire", "recount"),
    ("aggregator", "reports"),  # they meet in tables
    ("operation", "funnels"),
    ("cli",),
    ("web",),
    ("intake",),
    ("views",),
    ("app", "gunicorn.conf"),
)
# Around the server, never in it.
TOOLS = {"benchmarks", "clients", "demo", "drills", "examples", "fuzz", "tests", "traffic"}
KNOWN = {name: number for number, layer in enumerate(LAYERS) for name in layer}
FLASK = {"flask", "flask_cors", "flask_limiter", "limits", "werkzeug"}


def top_level() -> dict[str, list[Path]]:
    """The files of every module and package at the top of the repository."""
    found = {path.stem: [path] for path in ROOT.glob("*.py")}
    for folder in ROOT.iterdir():
        if folder.is_dir() and not folder.name.startswith(".") and any(folder.rglob("*.py")):
            found[folder.name] = sorted(folder.rglob("*.py"))
    return found


def imported(path: Path) -> Iterator[str]:
    """The first part of every absolute import, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


OURS = {name: paths for name, paths in top_level().items() if name not in TOOLS}


def test_every_module_has_a_place_in_the_layers():
    assert set(OURS) == set(KNOWN)


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_module_imports_only_what_stands_below_it(name):
    below = {other for other, place in KNOWN.items() if place < KNOWN.get(name, -1)}
    for path in OURS[name]:
        wrong = {
            other
            for other in imported(path)
            if other != name and other in KNOWN.keys() | TOOLS and other not in below
        }
        assert not wrong, f"{path.relative_to(ROOT)} imports {', '.join(sorted(wrong))}"


@pytest.mark.parametrize(
    ("packages", "allowed"),
    [
        (FLASK, {"web", "intake", "views", "app"}),
        ({"psycopg2"}, {"database", "local_postgres"}),
    ],
    ids=["flask", "psycopg2"],
)
def test_a_library_stays_behind_its_door(packages, allowed):
    users = {
        name
        for name, paths in OURS.items()
        for path in paths
        if not packages.isdisjoint(imported(path))
    }
    assert users == allowed
