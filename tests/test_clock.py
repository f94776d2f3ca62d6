"""No test takes the time where it is imported, for it may run on another day; none begins as an hour
ends."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from stories.config import ROOT
from tests.clock import LONGEST_TEST, wait_for_room

CLOCKS = {"datetime.now", "datetime.today", "date.today", "time.time", "time.time_ns"}
FILES = sorted(
    path
    for folder in ("tests", "clients/python/tests", "clients/javascript/tests")
    for path in (ROOT / folder).rglob("*.py")
)


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when a module is imported: of functions the decorators and defaults."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        inner = [*node.decorator_list, node.args]
    elif isinstance(node, ast.Lambda):
        inner = [node.args]
    else:
        inner = list(ast.iter_child_nodes(node))
    for child in inner:
        yield child
        yield from at_import(child)


def clocks_read(source: str) -> list[int]:
    """The lines that read the clock on import."""
    return [
        node.lineno
        for node in at_import(ast.parse(source))
        if isinstance(node, ast.Call) and ".".join(ast.unparse(node.func).split(".")[-2:]) in CLOCKS
    ]


def test_no_module_of_tests_takes_the_time_when_it_is_imported():
    found = {
        str(path.relative_to(ROOT)): lines
        for path in FILES
        if (lines := clocks_read(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "NOW = datetime.now(UTC)",
        "class A:\n    day = datetime.date.today()",
        "def f(at=time.time()): pass",
        "@mark(datetime.now(UTC) - DAY)\ndef f(): pass",
    ],
)
def test_reading_the_clock_on_import_is_seen(source):
    assert len(clocks_read(source)) == 1


def test_reading_it_in_a_test_is_allowed():
    assert (
        clocks_read("def test():\n    now = datetime.now(UTC)\nlater = lambda: time.time()") == []
    )


@pytest.mark.parametrize(
    ("moment", "waited"),
    [("23:30:00", []), ("23:59:39", []), ("23:59:41", [19.1]), ("10:59:59", [1.1])],
)
def test_a_test_that_would_begin_as_an_hour_ends_begins_in_the_next(monkeypatch, moment, waited):
    assert LONGEST_TEST == 20
    slept: list[float] = []
    at = datetime.fromisoformat(f"2026-11-28T{moment}").replace(tzinfo=UTC)
    monkeypatch.setattr(time, "time", at.timestamp)
    monkeypatch.setattr(time, "sleep", slept.append)
    wait_for_room()
    assert slept == pytest.approx(waited)
