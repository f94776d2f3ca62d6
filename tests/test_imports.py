"""Imports go one way, from what takes in and answers down to what knows nothing of anybody.

LAYERS is the list, the lowest first. A new module gets a place in it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from stories.config import ROOT

# A module may import what stands in a line above its own, and, in a room, its own room. A module
# named by itself, such as stories.privacy.erasure, stands in its own line and not in its room's.
LAYERS = (
    (
        "stories.errors",
        "stories.catalogue",
        "stories.prometheus",
        "stories.logs",
        "stories.chunk_readers",
        "stories.dedupe",
    ),
    ("stories.config",),
    ("database",),
    ("stories.privacy",),  # scrubbing, keys of people
    ("stories.crashes",),  # grouping, which knows nothing but text
    ("models",),
    ("stories.payloads",),
    ("stories.apps", "stories.accounts"),
    ("stories.reports",),
    ("stories.crashes.reading",),
    ("stories.rollups",),
    ("stories.crashes.states", "stories.crashes.moving", "stories.crashes.thinning"),
    ("stories.crashes.regrouping",),
    ("stories.storage",),
    ("stories.privacy.erasure",),
    ("stories.privacy.export",),
    ("stories.images", "stories.operation"),
    ("stories.symbols",),
    ("stories.alerts",),
    ("stories.web",),
    ("stories.intake",),
    ("stories.views", "aggregator"),
    ("app", "gunicorn.conf"),
)
# Around the server, never in it.
OUTSIDE = ("tests", "tools", "clients")
PLACES = {name: number for number, layer in enumerate(LAYERS) for name in layer}
FLASK = {"flask", "flask_cors", "flask_limiter", "limits", "werkzeug"}

FILES = sorted([*ROOT.glob("*.py"), *(ROOT / "stories").rglob("*.py")])


def module_of(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


OURS = {module_of(path): [path] for path in FILES}


def room_of(name: str) -> str | None:
    """The longest name in LAYERS that is the module's or that of a package around it."""
    parts = name.split(".")
    names = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((name for name in names if name in PLACES), None)


def imported(path: Path) -> Iterator[str]:
    """Every absolute import, those inside functions too: "package.module", and for
    `from package import module` both "package" and "package.module"."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            modules = [f"{node.module}.{name.name}" for name in node.names]
            inner = [name for name in modules if name in OURS]
            yield from inner or [node.module]


def test_every_module_has_a_place_in_the_layers():
    homeless = {name for name in OURS if room_of(name) is None}
    assert homeless <= {"stories"}
    assert {room_of(name) for name in OURS} - {None} == set(PLACES)


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_module_imports_only_what_stands_below_it(name):
    own = room_of(name)
    for path in OURS[name]:
        for other in imported(path):
            assert other.split(".")[0] not in OUTSIDE, f"{name} imports {other}"
            room = room_of(other)
            if room is not None and own is not None and room != own:
                assert PLACES[room] < PLACES[own], f"{name} imports {other}"


@pytest.mark.parametrize(
    ("packages", "allowed"),
    [
        (FLASK, {"stories.web", "stories.intake", "stories.views", "app"}),
        ({"psycopg2"}, {"database", "stories.operation"}),
    ],
    ids=["flask", "psycopg2"],
)
def test_a_library_stays_behind_its_door(packages, allowed):
    users = {
        room_of(name)
        for name, paths in OURS.items()
        for path in paths
        if not packages.isdisjoint(word.split(".")[0] for word in imported(path))
    }
    assert users == allowed
