"""migrations/*.sql: by the server, by hand, twice, at the same time, and half."""

from __future__ import annotations

import itertools
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from database import Database
from stories.errors import SetupError
from stories.operation import migrate
from stories.rollups import schema as of_release
from tests.support import require

NAMES = [path.stem for path in of_release.files()]
_numbers = itertools.count(1)


@pytest.fixture
def empty(postgres: str) -> Iterator[str]:
    """An empty database: nothing has been migrated."""
    name = f"test_empty_{next(_numbers)}"
    run(postgres, f"create database {name}")
    yield postgres.replace("/stories_analytics?", f"/{name}?")
    run(postgres, f"drop database {name} with (force)")


@pytest.fixture
def blank(empty: str) -> Iterator[Database]:
    found = Database(empty, 4)
    yield found
    found.close()


def run(dsn: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def schema(dsn: str) -> list[tuple[object, ...]]:
    """Every column, index and function, as it is defined."""
    return run(
        dsn,
        """
        select 'column', table_name || '.' || column_name, data_type || coalesce(column_default, '')
        from information_schema.columns where table_schema = 'public'
        union all
        select 'index', indexname, indexdef from pg_indexes where schemaname = 'public'
        union all
        select 'function', proname, case when prokind = 'a'
            then pg_get_function_arguments(pg_proc.oid) else pg_get_functiondef(pg_proc.oid) end
        from pg_proc where pronamespace = 'public'::regnamespace
        order by 1, 2, 3
        """,
    )


def by_hand(dsn: str, path: Path) -> subprocess.CompletedProcess[str]:
    """As the README of old clients says: psql "$DATABASE_URL" -f the file."""
    command = [require("psql"), dsn, "-v", "ON_ERROR_STOP=1", "-q", "-f", str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_numbers_of_the_files_are_in_order_and_taken_once():
    numbers = [name[:4] for name in NAMES]
    assert numbers == [f"{number:03d}_" for number in range(1, len(NAMES) + 1)]


def test_an_empty_database_gets_them_all_and_the_second_time_none(blank):
    assert migrate.migrate(blank) == NAMES
    assert migrate.migrate(blank) == []


def test_files_run_by_hand_are_not_run_again_and_leave_the_same_schema(blank, empty, dsn):
    for path in of_release.files():
        done = by_hand(empty, path)
        assert done.returncode == 0, done.stderr
    assert migrate.migrate(blank) == []
    own = [row for row in schema(dsn) if "_20" not in str(row[1])]  # months are no migration's
    assert schema(empty) == own


@pytest.mark.parametrize("path", of_release.files(), ids=lambda path: path.stem)
def test_the_server_goes_on_after_files_that_were_run_by_hand(path, blank, empty):
    for other in of_release.files():
        if other <= path:
            assert by_hand(empty, other).returncode == 0
    assert migrate.migrate(blank) == NAMES[NAMES.index(path.stem) + 1 :]


def test_a_file_run_twice_by_hand_fails_and_changes_nothing(blank, empty):
    migrate.migrate(blank)
    before = schema(empty)
    for path in of_release.files():
        assert by_hand(empty, path).returncode != 0
    assert schema(empty) == before


def test_a_file_that_fails_halfway_leaves_nothing(blank, empty, monkeypatch, tmp_path):
    (tmp_path / "001_good.sql").write_text(
        "begin; create table schema_migrations (name text primary key); create table good (n int);"
        "insert into schema_migrations (name) values ('001_good'); commit;"
    )
    (tmp_path / "002_bad.sql").write_text(
        "begin; create table half (n int); select 1 / 0;"
        "insert into schema_migrations (name) values ('002_bad'); commit;"
    )
    monkeypatch.setattr(of_release, "FOLDER", tmp_path)
    with pytest.raises(SetupError, match="002_bad failed and was rolled back") as failed:
        migrate.migrate(blank)
    assert "\n" not in str(failed.value)
    assert run(empty, "select to_regclass('good') is not null, to_regclass('half') is null") == [
        (True, True)
    ]
    (tmp_path / "002_bad.sql").write_text(
        "begin; create table half (n int);"
        "insert into schema_migrations (name) values ('002_bad'); commit;"
    )
    assert migrate.migrate(blank) == ["002_bad"]


def test_each_file_records_itself_in_its_last_statement():
    for path in of_release.files():
        last = path.read_text(encoding="utf-8").rstrip().splitlines()[-2:]
        assert last == [
            f"insert into schema_migrations (name) values ('{path.stem}');",
            "commit;",
        ]


def test_servers_that_start_at_once_migrate_once(empty):
    databases = [Database(empty, 2) for _ in range(4)]
    applied: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda one=one: applied.append(migrate.migrate(one)))
        for one in databases
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for one in databases:
        one.close()
    assert sorted(applied) == [[], [], [], NAMES]


def test_a_schema_of_a_newer_release_is_refused_in_one_sentence(blank, empty):
    migrate.migrate(blank)
    run(empty, "insert into schema_migrations (name) values ('999_from_the_future')")
    with pytest.raises(SetupError, match=r"newer release \(999_from_the_future\)") as refused:
        migrate.migrate(blank)
    assert "\n" not in str(refused.value)


def test_a_database_that_is_not_there_is_one_sentence(postgres):
    nowhere = Database(postgres.replace("/stories_analytics?", "/nowhere?"))
    with pytest.raises(SetupError, match="cannot be reached") as refused:
        migrate.migrate(nowhere, patience=0)
    assert "\n" not in str(refused.value)
