"""Migration 007 on a database that the release before has filled: every value keeps its name, nothing is
different for a recount, and days go on being counted. And a worker of before beside a newer release."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from functools import partial

import psycopg2
import pytest
from flask import current_app

import aggregator
from aggregator import JobContext, Ticker
from app import create_app
from database import Database, Unavailable
from stories.apps import Apps
from stories.config import Config
from stories.crashes import regrouping
from stories.operation import migrate
from stories.privacy.person_keys import PersonKey
from stories.rollups import fold, recount, schema
from stories.storage import partitions
from stories.storage.append import Appender
from stories.web.services import Services
from tests.rollup_tables import crash_row, event_row, midday, person, run, value, values
from tests.support import event

BEFORE = [path for path in schema.files() if path.stem < "007"]
_numbers = itertools.count(1)

# As the fold of that release left them: two people, one event and a crash, a session, and one label.
FILL = """
insert into daily_events (app_id, day, dim, value, event, n)
select 1, day, dim, value, 'transcription_failed', n
from (values (%(first)s::date, 203), (%(second)s, 1)) as days (day, n),
     (values ('none', ''), ('version', '1.0'), ('platform', 'darwin')) as dims (dim, value);
insert into daily_values (app_id, day, dim, value, event, property, label, n)
select 1, %(first)s, 'none', '', 'transcription_failed', 'error_type', 'e' || lpad(place::text, 3, '0'),
       1
from generate_series(1, 200) as place;
insert into daily_values (app_id, day, dim, value, event, property, label, n)
values (1, %(first)s, 'none', '', 'transcription_failed', 'error_type', 'other', 3);
insert into known_labels (app_id, event, property, label)
select 1, 'transcription_failed', 'error_type', 'e' || lpad(place::text, 3, '0')
from generate_series(1, 200) as place;
insert into sessions (app_id, user_id, session_id, started_at, ended_at, events, source)
values (2, %(person)s, 's', %(first)s, %(first)s, 1, 'direct');
insert into label_names
values (1, 'persona_id', 'x', 'Jane', now()), (4, 'persona_id', 'p', 'Persona', now());
insert into sealed_days values (1, %(second)s);
insert into tombstones values ('\\x00', '2026-01-01 12:00Z');
"""


@pytest.fixture
def filled(postgres: str, now) -> Iterator[Database]:
    name = f"test_upgrade_{next(_numbers)}"
    admin = psycopg2.connect(postgres)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"create database {name}")
    dsn = postgres.replace("/stories_analytics?", f"/{name}?")
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        for path in BEFORE:
            cursor.execute(path.read_text(encoding="utf-8"))
        days = {"first": midday(now, 3).date(), "second": midday(now, 9).date()}
        cursor.execute(FILL, {**days, "person": str(person(1))})
    connection.close()
    database = Database(dsn, 4)
    yield database
    database.close()
    with admin.cursor() as cursor:
        cursor.execute(f"drop database {name} with (force)")
    admin.close()


def test_what_the_release_before_has_counted_keeps_its_name(filled, now):
    assert migrate.migrate(filled)[0] == "007_bounded_fold"
    partitions.ensure_all(filled, 365)
    day = midday(now, 3).date()
    assert values(
        filled,
        "select property, value, n from kept_values where event = '' and day = %(day)s order by 1",
        day=day,
    ) == [("platform", "darwin", 203), ("version", "1.0", 203)]
    labels = "select count(*) from kept_values where property = 'error_type'"
    assert value(filled, labels) == 201, "the day is closed: 200 names and other"
    assert values(filled, "select label from label_names") == [("p",)]
    assert values(filled, "select carried from sealed_days") == [(False,)]
    erased = "select to_char(erased_at at time zone 'UTC', 'MM-DD HH24') from tombstones"
    assert value(filled, erased) == "01-02 12"

    apps, key = Apps(filled, 365), PersonKey(filled, "")
    rows = [
        event_row(
            person(2), midday(now, 3), "transcription_failed", properties={"error_type": text}
        )
        for text in ("e001", "new")
    ]
    assert Appender(filled, key, "events").append(rows).stored == 2
    assert fold.fold(filled, apps, key) == 2
    assert values(
        filled,
        "select label, n from daily_values where dim = 'none' and label in ('e001', 'new', 'other') "
        "order by 1",
    ) == [("e001", 2), ("other", 4)]


def test_a_session_of_the_release_before_takes_what_comes_late(filled, now):
    """Its source is taken to be of its first event, as that release did."""
    migrate.migrate(filled)
    partitions.ensure_all(filled, 365)
    apps, key = Apps(filled, 365), PersonKey(filled, "")
    started = value(filled, "select started_at from sessions")
    rows = [
        event_row(
            person(1),
            started + (midday(now, 0) - midday(now, 1)) * shift,
            "pageview",
            2,
            session_id="s",
            properties={"visit_source": source},
        )
        for shift, source in ((-1, "search"), (1, "mail"))
    ]
    Appender(filled, key, "events").append(rows[1:])
    fold.fold(filled, apps, key)
    assert values(filled, "select source, source_at from sessions") == [("direct", None)]
    Appender(filled, key, "events").append(rows[:1])
    fold.fold(filled, apps, key)
    assert values(filled, "select source, source_at from sessions") == [("search", None)]


def test_an_empty_database_of_the_release_before_is_checked_without_a_difference(filled, now):
    migrate.migrate(filled)
    partitions.ensure_all(filled, 365)
    run(filled, "delete from event_series; delete from value_series; delete from sessions")
    apps, key = Apps(filled, 365), PersonKey(filled, "")
    Appender(filled, key, "events").append([event_row(person(n), midday(now, n)) for n in range(9)])
    Appender(filled, key, "crashes").append([crash_row(person(1), midday(now, 1))])
    fold.fold(filled, apps, key)
    assert not any(recount.check(filled, apps)["differences"].values())
    assert value(filled, "select count(*) from issues") == 0
    assert regrouping.regroup(filled, apps, key, lambda note: None)["grouped"] == 1
    assert values(filled, "select because, n, people from issues") == [("seen", 1, 1)]
    assert not any(recount.check(filled, apps)["differences"].values())


# A worker of the release before, while a newer one has migrated ------------------------------------

NEWER = "insert into schema_migrations (name) values ('999_newer')"
SENTENCE = (
    "the database was migrated by a newer release (999_newer), so this server counts nothing any more: "
    "update it"
)


@pytest.fixture
def old(filled) -> Iterator[Services]:
    """What a worker has whose tables are its own, still."""
    migrate.migrate(filled)
    partitions.ensure_all(filled, 365)
    app = create_app(Config(run_jobs=False), filled.dsn)
    with app.app_context():
        yield app.extensions["stories"]
    app.extensions["stories"].database.close()


def track(**changes) -> int:
    sent = current_app.test_client().post("/track", json={"events": [event(**changes)]})
    return sent.status_code


def waiting(services) -> tuple[int, int]:
    """How much is in the outbox, and how much is set aside."""
    counts = "select (select count(*) from outbox), (select count(*) from set_aside)"
    return values(services.database, counts)[0]


def test_an_old_worker_stores_and_counts_nothing_and_says_so_once(old, caplog, monkeypatch):
    run(old.database, NEWER)
    # By this an old fold's rows are refused, so it would set them aside.
    run(old.database, "alter table users add column newer integer not null")
    assert track(id="a") == 200
    monkeypatch.setattr(aggregator, "FEW_SECONDS", 0.0)  # a single event is folded at once
    context = JobContext(old.config, old.database, old.apps, old.key)
    ticker = Ticker(context)
    for job in (*aggregator.JOBS, aggregator.JOBS[0]):
        if job.every:
            ticker._guarded(job.name, partial(aggregator.run_due, context, job))
        ticker._guarded("fold", ticker._tick)
    assert [line for line in caplog.messages if "newer" in line] == [
        f"fold failed and will be tried again: {SENTENCE}"
    ]
    with pytest.raises(schema.NewerSchema, match="counts nothing any more"):
        fold.return_set_aside(old.database)
    assert waiting(old) == (1, 0)
    assert values(old.database, "select name from jobs") == []

    monkeypatch.setattr(schema, "_OURS", [*schema._OURS, "999_newer"])
    run(old.database, "alter table users alter column newer set default 0")
    assert fold.fold(old.database, old.apps, old.key) == 1
    assert waiting(old) == (0, 0)


def test_an_old_worker_acknowledges_nothing_that_it_cannot_store(old):
    run(old.database, NEWER)
    run(old.database, "alter table events rename column platform to newer")
    assert track(id="a") == 503
    run(old.database, "alter table events rename column newer to platform")
    assert waiting(old) == (0, 0)
    assert track(id="a") == 200
    assert waiting(old) == (1, 0)


def test_nobody_counts_while_the_database_is_being_migrated(old):
    assert track() == 200
    with old.database.transaction() as migrating:
        fold.wait_for(migrating, schema.MIGRATION_LOCK)
        assert fold.fold(old.database, old.apps, old.key) == 0
        with pytest.raises(Unavailable, match="is being migrated"):
            fold.return_set_aside(old.database)
        assert migrate.migrate(old.database) == [], "who finds nothing to do needs no lock"
    assert waiting(old) == (1, 0)
    assert fold.fold(old.database, old.apps, old.key) == 1


def test_a_migration_waits_for_a_slice_that_is_being_folded(filled):
    migrated: list[list[str]] = []
    thread = threading.Thread(target=lambda: migrated.append(migrate.migrate(filled)))
    waits = (
        f"select count(*) from pg_locks where objid = {schema.MIGRATION_LOCK} and not granted "
        "and database = (select oid from pg_database where datname = current_database())"
    )
    with filled.transaction() as folding:
        assert fold.lock(folding)
        thread.start()
        while not value(filled, waits):
            assert thread.is_alive()
    thread.join(120)
    assert migrated[0][-1] == schema.files()[-1].stem
