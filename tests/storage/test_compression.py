"""Compression changes nothing but the room that events take: whatever is sent, late or again, and
whatever is packed, unpacked, erased, expired and counted again, all is as it would be without."""

from __future__ import annotations

import itertools
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stories.privacy import erasure
from stories.reports import windows
from stories.rollups import count_back, recount
from stories.storage import append, compression, expiry
from tests.clock import NOW
from tests.rollup_tables import (
    differences,
    fold_all,
    new_app,
    person,
    run,
    set_app,
    value,
    values,
)
from tests.storage.packed_events import OLDEST, counted_sessions, pack, row, sessions
from tests.support import whole_database

AUTH = ("admin", "admin")
EVENTS = (
    "timestamp, received_at, user_id, app_id, event, app_version, platform, country, session_id, "
    "properties, channel"
)
ZONE = ZoneInfo("America/New_York")


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Chunks and slices of a few events, so that a few events make many."""
    monkeypatch.setattr(compression, "CHUNK", 4)
    monkeypatch.setattr(compression, "SLICE", 9)
    monkeypatch.setattr(compression, "LEAST", 2)
    monkeypatch.setattr(windows, "CHUNKS", 2)


@pytest.fixture
def dsn(fresh_dsn):
    return fresh_dsn


def everything(services, app) -> list[Any]:
    """An app's events, wherever they lie, without what differs between apps."""
    rows = values(
        services.database,
        "select timestamp, user_id, dedupe_key / 100, event, app_version, platform, country, "
        "session_id, properties, channel from events_between(%(app_id)s::smallint, null, null)",
        app_id=app.app_id,
    )
    return sorted(rows, key=str)


def asked(client, path: str) -> Any:
    answer = client.get(path, auth=AUTH)
    assert answer.status_code in (200, 404), (path, answer.text)
    return answer.text if answer.mimetype != "application/json" else answer.get_json()


def shown(client, app, path: str) -> str:
    """An answer without what differs between two apps that hold the same."""
    text = json.dumps(asked(client, path.format(app=app.slug)), sort_keys=True, default=str)
    return text.replace(app.slug, "APP")


PAGES = (
    "/events?app={app}&limit=5",
    "/events?app={app}&limit=5&event_type=recording_completed",
    "/events?app={app}&limit=3&user_id=" + str(person(1)),
    "/events?app={app}&limit=7&app_version=1.0",
    "/dashboard/api/search?app={app}&limit=4&search=xx",
)

SPAN = "from=2026-08-25&to=2026-11-20"
ANSWERS = (
    f"/stats/usage?app={{app}}&{SPAN}&filter=event:not:app_opened",
    f"/explore?app={{app}}&{SPAN}&measure=sessions&interval=month&filter=event:not:app_opened",
    f"/funnels?app={{app}}&{SPAN}&steps=app_opened,recording_completed",
)


def walked(client, app, path: str) -> list[Any]:
    """All pages of a list, and of each row what does not differ between the apps."""
    rows, cursor = [], ""
    for _ in range(200):
        page = asked(client, path.format(app=app.slug) + cursor)
        rows += [
            {k: v for k, v in each.items() if k not in ("app", "event_key", "received_at")}
            for each in page["events"]
        ]
        if page["next_cursor"] is None:
            return rows
        cursor = f"&cursor={page['next_cursor']}"
    raise AssertionError("the pages do not end")


def exported(services, app, who: int) -> list[Any]:
    return values(
        services.database,
        "select timestamp, event, session_id from events_of(%(person)s::uuid, %(app_id)s::smallint) "
        "order by timestamp, dedupe_key",
        person=str(person(who)),
        app_id=app.app_id,
    )


def latest(services, app, most: int) -> list[Any]:
    return [
        at
        for (at,) in values(
            services.database,
            "select timestamp from latest_events(%(app_id)s::smallint, %(most)s)",
            app_id=app.app_id,
            most=most,
        )
    ]


people = st.integers(0, 3)
moments = st.integers(0, (OLDEST - 1) * 24 * 60)
sent = st.tuples(st.just("send"), people, moments, st.integers(0, 23))
burst = st.tuples(st.just("burst"), people, moments, st.integers(1, 25))
again = st.tuples(st.just("again"), st.integers(0, 10**6), st.integers(1, 4))
steps = st.lists(
    st.one_of(
        sent,
        burst,
        burst,
        again,
        again,
        st.tuples(st.just("pack"), st.sampled_from([8, 8, 30, 50])),
        st.tuples(st.just("pack"), st.just(8)),
        st.tuples(st.just("unpack"), st.integers(10, OLDEST)),
        st.tuples(st.just("fold")),
        st.tuples(st.just("erase"), people),
        st.tuples(st.just("rebuild")),
        st.tuples(st.just("count back"), st.integers(9, OLDEST)),
    ),
    min_size=4,
    max_size=25,
)
slugs = (f"twin-{number}" for number in itertools.count())
examples = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def perform(services, apps, step: tuple[Any, ...], stored: list[tuple[Any, ...]]) -> None:
    """A step, with both apps alike; only the second one's events are ever packed."""
    kind, *of = step
    packed = apps[1]
    if kind in ("send", "burst"):
        who, minutes, number = of
        first = len(stored)
        if kind == "send":
            stored.append((first, who, minutes, number))
        else:
            stored += [
                (first + n, (who + n // 5) % 4, (minutes + n * 7) % ((OLDEST - 1) * 1440), n)
                for n in range(number)
            ]
        outcomes = [
            services.events.append([row(app.app_id, *item) for item in stored[first:]])
            for app in apps
        ]
        assert outcomes[0] == outcomes[1]
    elif kind == "again" and stored:
        place, number = of[0] % len(stored), of[1]
        outcomes = [
            services.events.append(
                [row(app.app_id, *item) for item in stored[place : place + number]]
            )
            for app in apps
        ]
        assert outcomes[0] == outcomes[1]
        assert outcomes[1].stored == 0
    elif kind == "pack":
        pack(services, packed, of[0])
    elif kind == "unpack":
        day = (NOW - timedelta(days=of[0])).date()
        compression.decompress(services.database, day, day + timedelta(days=3))
    elif kind == "fold":
        fold_all(services)
    elif kind == "erase":
        for app in apps:
            erasure.erase(services.database, services.apps, services.key, person(of[0]), app, NOW)
    elif kind == "rebuild":
        fold_all(services)
        assert not any(recount.rebuild(services.database, services.apps)["differences"].values())
    elif kind == "count back":
        for app in apps:
            run(
                services.database,
                "insert into counting_back (app_id, first_day, last_day, next_day) "
                "values (%(app)s, %(day)s, %(last)s, %(last)s) on conflict do nothing",
                app=app.app_id,
                day=(NOW - timedelta(days=of[0])).date(),
                last=(NOW - timedelta(days=of[0] - 3)).date(),
            )
        count_back.count_back(services.database, services.apps, services.key)


@examples
@given(steps, st.integers(10, OLDEST))
def test_all_is_as_it_would_be_without_compression(services, client, now, steps, retention):
    slug = next(slugs)
    apps = [new_app(services, f"{slug}-{name}", str(ZONE)) for name in ("plain", "packed")]
    stored: list[tuple[Any, ...]] = []
    for step in steps:
        perform(services, apps, step, stored)
    plain, packed = apps
    alike(services, client, plain, packed)

    pack(services, packed)
    fold_all(services)
    assert differences(services) == {}
    alike(services, client, plain, packed)

    for app in apps:
        set_app(services, app.slug, retention_days=retention)
    services.apps.forget()
    expiry.expire(services.database, services.apps, services.key, NOW)
    assert differences(services) == {}
    alike(services, client, plain, packed)

    compression.decompress(services.database)
    assert value(services.database, "select count(*) from event_chunks") == 0
    alike(services, client, plain, packed)
    for app in apps:  # the next example is checked and expired without these
        for table in ("events", "crashes"):
            run(services.database, f"delete from {table} where app_id = %(app)s", app=app.app_id)
        run(
            services.database,
            "update apps set whole_since = 'infinity' where app_id = %(app)s",
            app=app.app_id,
        )
    services.apps.forget()


def alike(services, client, plain, packed) -> None:
    assert everything(services, packed) == everything(services, plain)
    for who in range(4):
        assert exported(services, packed, who) == exported(services, plain, who)
        assert sessions(services, packed, who) == sessions(services, plain, who)
    assert counted_sessions(services, packed) == counted_sessions(services, plain)
    for path in ANSWERS:
        assert shown(client, packed, path) == shown(client, plain, path), path
    for most in (1, 3, 10, 1000):
        assert latest(services, packed, most) == latest(services, plain, most)
    for path in PAGES:
        assert walked(client, packed, path) == walked(client, plain, path), path


def test_events_come_out_as_they_went_in_to_the_last_bit(services, now):
    app = new_app(services, "bits")
    for number in range(24):
        services.events.append([row(app.app_id, number, number % 3, number * 400, number)])
    fold_all(services)
    before = sorted(values(services.database, f"select {EVENTS}, dedupe_key from events"), key=str)
    pack(services, app)
    assert value(services.database, "select sum(n) from event_chunks") == 18
    assert values(services.database, "select distinct event from events") == [("error_handled",)]
    packed = values(
        services.database,
        f"select {EVENTS}, dedupe_key from events_between({app.app_id}::smallint, null, null)",
    )
    assert sorted(packed, key=str) == before
    compression.decompress(services.database)
    after = values(services.database, f"select {EVENTS}, dedupe_key from events")
    assert sorted(after, key=str) == before


def test_what_is_not_counted_yet_stays_rows(services, now):
    app = new_app(services, "pending")
    for number in range(12):
        services.events.append([row(app.app_id, number, number % 3, number * 400, 0)])
    pack(services, app)
    assert value(services.database, "select count(*) from event_chunks") == 0
    fold_all(services)
    pack(services, app)
    assert value(services.database, "select sum(n) from event_chunks") == 12


def test_a_late_repeat_of_a_compressed_event_is_not_stored_while_another_packs(services, now):
    """Packing and appending the same events over and over, at once."""
    app = new_app(services, "race")
    items = [(number, number % 3, number * 400, 0) for number in range(40)]
    services.events.append([row(app.app_id, *item) for item in items])
    fold_all(services)
    stored, failures = [], []

    def send() -> None:
        try:
            for _ in range(25):
                stored.append(services.events.append([row(app.app_id, *i) for i in items]).stored)
        except Exception as error:
            failures.append(error)

    senders = [threading.Thread(target=send) for _ in range(2)]
    for sender in senders:
        sender.start()
    while any(sender.is_alive() for sender in senders):
        pack(services, app)
        compression.decompress(services.database)
    for sender in senders:
        sender.join()
    assert failures == []
    assert sum(stored) == 0
    assert len(everything(services, app)) == 40
    assert value(services.database, "select count(*) from outbox") == 0


def test_an_erased_person_leaves_no_trace_in_chunks_and_stays_out(services, database, now):
    app = new_app(services, "erased")
    items = [(number, number % 3, number * 400, 0) for number in range(30)]
    services.events.append([row(app.app_id, *item) for item in items])
    fold_all(services)
    pack(services, app)
    assert str(person(1)) in str(whole_database(database)["event_chunks"])
    gone = erasure.erase(services.database, services.apps, services.key, person(1), None, NOW)
    assert gone["events"] == 10
    assert str(person(1)) not in str(whole_database(database))
    again = services.events.append([row(app.app_id, *item) for item in items])
    assert again.stored == 0
    assert len(everything(services, app)) == 20


def test_a_statement_looks_up_a_bounded_number_of_late_rows(services, monkeypatch, now):
    sizes = []
    run_statement = append.Appender._run

    def counted(self, rows):
        sizes.append(len(rows))
        return run_statement(self, rows)

    monkeypatch.setattr(append.Appender, "_run", counted)
    monkeypatch.setattr(append, "MOST_LATE", 5)
    app = new_app(services, "bounded")
    items = [row(app.app_id, number, 0, number, 0) for number in range(12)]
    assert services.events.append(items).stored == 12
    assert sum(sizes) == 12
    assert max(sizes) <= 5


def test_a_bot_s_late_event_is_stored_once_with_what_was_said(client, services, database, now):
    def send(*numbers: int) -> Any:
        events = [
            {
                "client_id": "asker",
                "event_name": "user_message",
                "message": f"message {number}",
                "id": f"id-{number}",
                "created_at": (NOW - timedelta(days=40 + number)).isoformat(),
            }
            for number in numbers
        ]
        return client.post("/api/bot/events", json=events, auth=AUTH)

    assert send(*range(8)).status_code in (200, 201)
    fold_all(services)
    compression.compress(services.database, services.apps, services.key, NOW, 8)
    assert value(database, "select sum(n) from event_chunks") == 8
    assert send(3, 4, 20).status_code in (200, 201)
    assert value(database, "select count(*) from events") == 1
    assert value(database, "select count(*) from contents") == 9
    assert value(database, "select sum(n) from outbox") == 1
    page = asked(client, "/api/analytics/users/asker/events")
    assert len(page["events"]) == 9


def test_what_is_younger_than_a_week_is_never_compressed(services, database):
    app = new_app(services, "young")
    today = datetime.now(UTC)
    young = [
        msgspec.structs.replace(
            row(app.app_id, number, 0, 0, 0), timestamp=today - timedelta(days=number)
        )
        for number in range(1, 7)
    ]
    services.events.append(young)
    fold_all(services)
    compression.compress_app(
        services.database, app, today + timedelta(days=100), 7, compression.Compressed()
    )
    assert value(database, "select count(*) from event_chunks") == 0


def test_the_latest_days_wait_until_they_fill_a_chunk(now):
    cutoff = datetime(2026, 11, 1, tzinfo=UTC)
    waits = {"events": 3, "until": cutoff, "is_month_over": False}
    assert not compression.is_worth_it(waits, cutoff)
    assert compression.is_worth_it({**waits, "events": 4}, cutoff)
    assert compression.is_worth_it({**waits, "is_month_over": True}, cutoff)
    assert not compression.is_worth_it({**waits, "is_month_over": True, "events": 1}, cutoff)
