"""Rollups that have grown are rebuilt, with the same rows; nothing waits long for it."""

from __future__ import annotations

import logging

import psycopg2
import pytest

from database import Unavailable
from stories.storage import compaction, table_locks
from tests.rollup_tables import differences, fold_all, run, send, value, values

FILES = "select relfilenode from pg_class where relname = %(name)s"


@pytest.fixture
def dsn(fresh_dsn):
    return fresh_dsn


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(compaction, "LEAST_BYTES", 32 * 1024)
    monkeypatch.setattr(compaction, "WHOLE_SECONDS", 0)  # no limit, however busy the machine is


@pytest.fixture
def filled(app, services, database, now):
    send(app, now, people=80, days=60, events=800)
    fold_all(services)
    run(database, "analyze")
    return services


def grow(database):
    """What many folds do to the index of a table and to its pages."""
    for _ in range(4):
        run(database, "update person_days set app_id = -app_id")
    run(database, "analyze person_days")


def test_a_rollup_is_rebuilt_when_it_takes_a_quarter_more_a_row(filled, database):
    assert compaction.compact(database) > 1, "never rebuilt before"
    assert compaction.compact(database) == 0
    before = value(database, "select pg_total_relation_size('person_days')")
    grow(database)
    assert value(database, "select pg_total_relation_size('person_days')") > 1.5 * before
    assert compaction.compact(database) == 1
    assert value(database, "select pg_total_relation_size('person_days')") <= before
    assert differences(filled) == {}


@pytest.mark.parametrize(("limit", "least"), [("WHOLE_BYTES", 0), ("WHOLE_SECONDS", 0.001)])
def test_of_one_that_is_large_or_takes_long_only_the_indexes_are_rebuilt(
    filled, database, monkeypatch, limit, least
):
    monkeypatch.setattr(compaction, limit, least)
    grow(database)
    table, index = (
        value(database, FILES, name=name) for name in ("person_days", "person_days_pkey")
    )
    assert compaction.compact(database) > 0
    assert value(database, FILES, name="person_days") == table
    assert value(database, FILES, name="person_days_pkey") != index
    assert differences(filled) == {}


def test_nothing_is_rebuilt_beside_a_transaction_that_stays_open(filled, database, monkeypatch):
    monkeypatch.setattr(compaction, "OPEN_SECONDS", 0)
    reader = psycopg2.connect(database.dsn)
    try:
        with reader.cursor() as cursor:
            cursor.execute("select")  # a backup reads for an hour
        assert compaction.compact(database) == 0
        reader.rollback()
        assert compaction.compact(database) > 0
    finally:
        reader.close()


@pytest.mark.parametrize("whole_bytes", [0, 2**30])
def test_what_is_in_use_is_left_for_the_next_run(
    filled, database, monkeypatch, caplog, whole_bytes
):
    monkeypatch.setattr(compaction, "WHOLE_BYTES", whole_bytes)
    monkeypatch.setattr(compaction, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(table_locks, "SECONDS", 0.5)
    reader = psycopg2.connect(database.dsn)
    try:
        reader.set_session(isolation_level="REPEATABLE READ")
        with reader.cursor() as cursor:
            for (name,) in values(
                database,
                "select relname::text from pg_class where relkind = 'r' "
                "and relnamespace = 'public'::regnamespace and not relispartition",
            ):
                cursor.execute(f"select count(*) from {name}")
        with caplog.at_level(logging.WARNING):
            assert compaction.compact(database) == 0
        assert "in use, and left for the next run" in caplog.text
    finally:
        reader.close()
    assert compaction.compact(database) > 0
    assert value(database, "select count(*) from pg_index where not indisvalid") == 0


def test_a_table_in_use_holds_up_no_other(monkeypatch):
    monkeypatch.setattr(table_locks, "SECONDS", 0.5)
    done = []

    def work(name):
        if name == "busy":
            raise Unavailable("the table is in use")
        done.append(name)

    assert table_locks.with_each(["busy", "first", "second"], work) == ["busy"]
    assert done == ["first", "second"]
