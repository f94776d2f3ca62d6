"""What a connection keeps from one fold to the next, work tables and plans, and what may happen to it
meanwhile."""

from __future__ import annotations

import pytest

import database as database_module
from database import Database, Inline
from stories.rollups import fold, work_tables
from tests.rollup_tables import differences, event_row, midday, person, values

KEPT = "select count(*)::int from pg_prepared_statements"
WORK_TABLE = "select 'pg_temp.new_days'::regclass::oid::bigint"


@pytest.fixture
def one(dsn):
    """A folder with one connection."""
    database = Database(dsn, 1)
    yield database
    database.close()


def fold_some(services, database, now, many=3):
    services.events.append([event_row(person(n), midday(now, n % 3)) for n in range(many)])
    assert fold.fold(database, services.apps, services.key) == many


def test_a_connection_keeps_its_work_tables_and_plans(services, one, now):
    fold_some(services, one, now)
    tables, plans = values(one, WORK_TABLE), values(one, KEPT)
    assert plans > [(20,)]
    fold_some(services, one, now)
    assert (values(one, WORK_TABLE), values(one, KEPT)) == (tables, plans)
    assert not differences(services)


def test_more_events_are_folded_by_plans_made_for_them(services, one, now):
    fold_some(services, one, now, many=1_001)
    assert values(one, KEPT) == [(0,)]
    assert not differences(services)


@pytest.mark.parametrize(
    "happens",
    [
        "discard all",
        "deallocate all",
        "drop table pg_temp.slice_keys",
        # The work tables of another release, which PgBouncer's connection outlives.
        "comment on table pg_temp.slice_keys is 'another release'; "
        "alter table pg_temp.slice drop column segments, add column more text",
    ],
)
def test_a_connection_that_lost_some_of_it_folds_as_ever(services, one, now, happens):
    fold_some(services, one, now)
    with one.transaction(autocommit=True) as tx:
        tx.script(happens)
    fold_some(services, one, now)
    assert not differences(services)


def test_a_connection_keeps_so_many_plans_and_no_more(services, one, now, monkeypatch):
    """Each day that is counted for a new segment makes another statement of rollups/slice."""
    fold_some(services, one, now)
    [(few,)] = values(one, KEPT)
    monkeypatch.setattr(database_module, "MOST_PLANS", few + 3)
    for most in range(201, 211):
        services.apps.values_per_day = most
        fold_some(services, one, now)
        assert values(one, KEPT) <= [(few + 4,)]
    assert not differences(services)


def test_each_fold_may_meet_another_connection(services, dsn, now):
    """As behind PgBouncer."""
    two = [Database(dsn, 1) for _ in range(2)]
    for turn in range(4):
        fold_some(services, two[turn % 2], now)
    assert not differences(services)
    for each in two:
        each.close()


def test_a_fold_that_broke_leaves_nothing_in_the_work_tables(services, one, now, monkeypatch):
    real = fold.add_slice

    def broken(tx, defined):
        real(tx, defined)
        raise RuntimeError

    monkeypatch.setattr(fold, "add_slice", broken)
    with pytest.raises(RuntimeError):
        fold_some(services, one, now)
    monkeypatch.setattr(fold, "add_slice", real)
    assert fold.fold(one, services.apps, services.key) == 3
    assert not differences(services)


def test_a_job_finds_the_work_tables_of_a_fold_empty(services, one, now):
    fold_some(services, one, now)
    with one.transaction() as tx:
        work_tables.make(tx)
        for table in work_tables.TABLES.split(", "):
            assert not tx.value(Inline(f"/* test */ select count(*) from {table}")), table


def test_a_pool_folds_on_one_connection(services, dsn, now):
    """Each that folds keeps 14 MB of plans."""
    pool = Database(dsn, 4)
    with pool.transaction(), pool.transaction(), pool.transaction():
        pass
    for _ in range(3):
        fold_some(services, pool, now)
        with pool.transaction(), pool.transaction():
            pass
    assert [connection.keeps_plans for connection in pool._idle] == [True, False, False]
    pool.close()


def test_a_connection_is_closed_after_an_hour(dsn, monkeypatch):
    database = Database(dsn, 2)
    with database.transaction() as first, database.transaction() as second:
        pids = {tx.value(Inline("/* test */ select pg_backend_pid()")) for tx in (first, second)}
    with database.transaction() as tx:
        assert tx.value(Inline("/* test */ select pg_backend_pid()")) in pids
    for connection in database._idle:
        connection.opened_at -= database_module.CONNECTION_SECONDS
    with database.transaction():
        pass
    assert not database._idle
    database.close()
