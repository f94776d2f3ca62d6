"""Every file in stories/sql: its header tells its parameters and columns, and PostgreSQL agrees.

A file added later is covered by being there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import AsIs

from database import Inline, Transaction, sql
from stories.config import ROOT
from tests.test_imports import OURS

FOLDER = ROOT / "stories" / "sql"
FILES = sorted(FOLDER.glob("*/*.sql"))
# What a statement cannot do with a null: names that are put into it, a month to be made.
NAMES = {
    "rollup": "'daily_crashes'",
    "series": "'event_series'",
    "amount": "''",
    "setting": "'lock_timeout'",
    "parent": "'events'",
    "month": "'2026-11-01'",
}
# What must be there for a statement to make sense: its job's work tables.
WORK_TABLES = {
    "rollups/": "rollups/work_tables",
    "crashes/": "rollups/work_tables",
    "crashes/leaving_": "crashes/leaving_tables",
    "crashes/depart_": "crashes/leaving_tables",
    "crashes/delete_": "crashes/leaving_tables",
    "crashes/count_": "crashes/leaving_tables",
    "crashes/thin_": "crashes/thin_tables",
    "crashes/move": "rollups/work_tables rollups/share_tables crashes/move_tables",
    "rollups/recount_": "rollups/work_tables rollups/recount_tables",
    "rollups/share_": "rollups/work_tables rollups/share_tables",
    "rollups/count_back_": "rollups/work_tables rollups/share_tables",
    "rollups/segment_keep": "rollups/work_tables rollups/share_tables",
    "rollups/depart_": "rollups/leaving_table",
    "privacy/leaving_": "rollups/leaving_table",
    "rollups/hold_": "rollups/held_table",
    "rollups/index_held_events": "rollups/held_table",
    "storage/pack": "storage/packing_table",
    "storage/take_slice": "storage/packing_table",
    "storage/take_erased": "rollups/work_tables storage/packing_table",
    "storage/leaving_": "rollups/leaving_table",
    "storage/expire_left_": "rollups/leaving_table",
}
MAKES_WORK_TABLES = set(" ".join(WORK_TABLES.values()).split())


@dataclass(frozen=True)
class Header:
    purpose: str
    params: dict[str, str]
    columns: dict[str, str]


def name_of(path: Path) -> str:
    """As code names it: room/statement."""
    return path.relative_to(FOLDER).with_suffix("").as_posix()


def header(path: Path) -> Header:
    """What the comment lines at the top say: name and type of each parameter and column."""
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = [line[2:].strip() for line in lines if line.startswith("--")]
    text = " ".join(comments)
    purpose, _, rest = text.partition("params:")
    params, _, columns = rest.partition("columns:")
    return Header(purpose.strip(), typed(params), typed(columns))


def typed(text: str) -> dict[str, str]:
    """ "a text (a remark), b integer[]" as {"a": "text", "b": "integer[]"}; "none" as nothing."""
    while "(" in text:
        shorter = re.sub(r"\([^()]*\)", "", text)
        assert shorter != text, f"a parenthesis is not closed: {text}"
        text = shorter
    parts = [part.strip() for part in text.split(",") if part.strip()]
    pairs = [part.partition(" ")[::2] for part in parts if part != "none"]
    return {name: kind.strip() for name, kind in pairs}


def nulls(found: Header) -> dict[str, Any]:
    """Parameters of the types that the header says; so a type that does not fit fails here too."""
    return {
        name: AsIs("(select * from events)")
        if kind == "relation"
        else AsIs(f"{NAMES.get(name, 'null')}::{kind}")
        for name, kind in found.params.items()
    }


def is_script(path: Path) -> bool:
    return ";" in re.sub(r"'[^']*'", "", sql(name_of(path)))


@pytest.fixture(scope="module")
def connection(postgres: str) -> Iterator[Any]:
    """One empty database for the whole file: every test rolls back."""
    name = "test_sql_files"
    admin = psycopg2.connect(postgres)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"create database {name} template template_stories")
    found = psycopg2.connect(postgres.replace("/stories_analytics?", f"/{name}?"))
    yield found
    found.close()
    with admin.cursor() as cursor:
        cursor.execute(f"drop database {name} with (force)")
    admin.close()


@pytest.fixture
def cursor(connection: Any) -> Iterator[Any]:
    with connection.cursor() as found:
        yield found
    connection.rollback()


def prepare(cursor: Any, path: Path) -> None:
    """The work tables that the statement's job makes first."""
    longest = max((p for p in WORK_TABLES if name_of(path).startswith(p)), key=len, default=None)
    if longest is not None and name_of(path) not in MAKES_WORK_TABLES:
        for name in WORK_TABLES[longest].split():
            cursor.execute(sql(name))


def test_each_header_says_what_it_is_for_and_names_the_placeholders():
    for path in FILES:
        found, name = header(path), name_of(path)
        assert found.purpose.endswith((".", ")", ":")), f"a sentence says what {name} is for"
        assert "params:" in path.read_text(), name
        assert "columns:" in path.read_text(), name
        assert set(re.findall(r"%\((\w+)\)s", sql(name))) == set(found.params), name


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_it_runs_and_an_empty_database_gives_the_columns_that_the_header_names(path, cursor):
    prepare(cursor, path)
    found = header(path)
    if is_script(path):
        assert not found.params, "several statements take no parameters"
        cursor.execute(sql(name_of(path)))
        assert not found.columns
        return
    try:
        cursor.execute(sql(name_of(path)), nulls(found))
    except psycopg2.errors.NotNullViolation:
        assert sql(name_of(path)).split("*/ ")[1].startswith(("insert", "update"))
        return
    described = {column.name: column.type_code for column in cursor.description or ()}
    if not found.columns:  # a function called for its effect gives one column of nothing
        assert len(described) <= 1
        return
    assert list(described) == list(found.columns)
    cursor.execute(
        "select name, type::regtype::oid from unnest(%s, %s) as column_of (name, type)",
        (list(found.columns), list(found.columns.values())),
    )
    assert described == dict(cursor.fetchall())


def test_every_file_is_run_by_somebody():
    words = {
        node.value
        for paths in OURS.values()
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    # Some names are put together, as f"storage/expire_{table}" is.
    parts = [word for word in words if re.fullmatch(r"[a-z]+/([a-z_]+_)?", word)]
    for path in FILES:
        together = any(name_of(path).startswith(part) for part in parts)
        assert name_of(path) in words or together, f"nobody runs {path.name}"


def test_text_is_a_statement_only_where_it_says_so(connection):
    tx = Transaction(connection)
    assert tx.value(Inline("/* test */ select 7")) == 7
    for text in ("select 7", "/* test */ select 7"):
        with pytest.raises(FileNotFoundError):
            tx.value(text)
    connection.rollback()
