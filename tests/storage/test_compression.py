"""Compression changes nothing but the room that events take: whatever is sent, late or again, and
whatever is packed, unpacked, erased, expired and counted again, all is as it would be without."""

from __future__ import annotations

import itertools
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from models import EventRow
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
from tests.support import whole_database

AUTH = ("admin", "admin")
EVENTS = (
    "timestamp, received_at, user_id, app_id, event, app_version, platform, country, session_id, "
    "properties, channel"
)
ZONE = ZoneInfo("America/New_York")
OLDEST = 75  # days before NOW: three months, and a change of the clocks
UUIDS = ("0b5f8e6e-6a4f-4d52-9d2c-7b9f0d0f1a11", "0b5f8e6e-6a4f-4d52-9d2c-7b9f0d0f1a12")
SESSIONS = (None, None, *UUIDS, "one", UUIDS[0].upper(), "its own", "its own text")
SESSION_MINUTES = 180  # an id of its own is used as long


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


def row(app_id: int, number: int, who: int, minutes: int, what: int) -> EventRow:
    """One of the events of two apps that have the same ones; `number` tells them apart."""
    properties: Any = (None, {"success": False}, {"name": "x" * (what * 7), "_": [what]})[what % 3]
    return EventRow(
        app_id=app_id,
        user_id=person(who),
        timestamp=NOW - timedelta(days=OLDEST) + timedelta(minutes=minutes),
        dedupe_key=number * 100 + app_id,
        event=("app_opened", "recording_completed", "error_handled", "transcription_completed")[
            what % 4
        ],
        app_version=(None, "1.0", "1.1")[what % 3],
        platform=("darwin", None)[what % 2],
        country=(None, "DE")[what % 2],
        session_id=session_id(what, minutes),
        properties=properties,
        channel=(None, None, "debug", "beta")[what % 4],
    )


def session_id(what: int, minutes: int) -> str | None:
    """Some ids come again for weeks, as no id does; the others are of some hours."""
    session, turn = SESSIONS[what % len(SESSIONS)], minutes // SESSION_MINUTES
    if session == "its own":
        return str(UUID(int=turn, version=4))
    return f"turn {turn}" if session == "its own text" else session


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


def pack(services, app, days: int = 8) -> None:
    done = compression.Compressed()
    compression.compress_app(services.database, app, NOW, days, done)
    compression.leave_sessions(services.database, done)


def sessions(services, app, who: int) -> list[Any]:
    """A person's sessions as a copy of them has them."""
    with services.database.transaction(read_only=True) as tx:
        rows = tx.rows("privacy/sessions", user_id=person(who), app_id=app.app_id)
    return sorted((tuple(row.values())[1:] for row in rows), key=str)


def counted_sessions(services, app) -> list[Any]:
    return [
        values(
            services.database,
            f"select day, sessions, seconds from {table} where app_id = %(app_id)s and sessions <> 0 "
            "order by day",
            app_id=app.app_id,
        )
        for table in ("daily_sessions", "departed_daily_sessions")
    ]


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


def visits(services, app, *visits: tuple[int, int, str | None]) -> None:
    """Each of (person, day before NOW, session id): three events within ten minutes."""
    with_rows = [
        msgspec.structs.replace(
            row(app.app_id, next(numbers), who, 0, 0),
            timestamp=NOW - timedelta(days=day) + timedelta(minutes=5 * place),
            session_id=session,
        )
        for who, day, session in visits
        for place in range(3)
    ]
    services.events.append(with_rows)
    fold_all(services)


numbers = itertools.count(10**6)
THREE = ((0, 40, UUIDS[0]), (1, 40, "one"), (2, 40, None))


@pytest.fixture
def whole_chunks(monkeypatch):
    monkeypatch.setattr(compression, "CHUNK", 16)
    monkeypatch.setattr(compression, "SLICE", 48)


def held_sessions(services) -> int:
    return int(value(services.database, "select count(*) from sessions"))


def everybodys_sessions(services, app) -> list[Any]:
    return [sessions(services, app, who) for who in range(4)]


def test_sessions_of_a_chunk_leave_and_are_told_by_its_events(services, now, whole_chunks):
    app = new_app(services, "leaving")
    visits(services, app, *THREE, (3, 2, UUIDS[1]))
    before = everybodys_sessions(services, app)
    rows = values(services.database, "select * from sessions order by user_id")
    pack(services, app)
    assert held_sessions(services) == 1, "the one of days that are not compressed"
    assert everybodys_sessions(services, app) == before
    assert differences(services) == {}
    compression.decompress(services.database)
    assert values(services.database, "select * from sessions order by user_id") == rows


def test_sessions_leave_that_a_release_before_has_left_beside_its_chunks(
    services, now, whole_chunks
):
    app = new_app(services, "upgraded")
    visits(services, app, *THREE)
    compression.compress_app(services.database, app, NOW, 8, compression.Compressed())
    assert held_sessions(services) == 3
    assert differences(services) == {}
    done = compression.compress(services.database, services.apps, services.key, NOW, 8)
    assert (done.events, done.sessions, held_sessions(services)) == (0, 3, 0)
    assert differences(services) == {}


def test_a_session_with_an_event_outside_of_its_chunk_stays(services, now, whole_chunks):
    """Handled errors are never packed."""
    app = new_app(services, "outside")
    visits(services, app, *THREE)
    error = msgspec.structs.replace(
        row(app.app_id, next(numbers), 0, 0, 2),
        timestamp=NOW - timedelta(days=40) + timedelta(minutes=7),
        session_id=UUIDS[0],
        channel=None,
    )
    services.events.append([error])
    fold_all(services)
    pack(services, app)
    assert [len(each) for each in everybodys_sessions(services, app)] == [1, 1, 1, 0]
    assert values(services.database, "select events from sessions") == [(4,)]


@pytest.mark.parametrize("place", range(3))
def test_a_late_event_finds_the_session_that_has_left(services, now, whole_chunks, place):
    app = new_app(services, "late")
    visits(services, app, *THREE)
    counted = counted_sessions(services, app)[0]
    pack(services, app)
    assert held_sessions(services) == 0
    who, day, session = THREE[place]
    late = msgspec.structs.replace(
        row(app.app_id, next(numbers), who, 0, 0),
        timestamp=NOW - timedelta(days=day, minutes=20),
        session_id=session,
    )
    services.events.append([late])
    fold_all(services)
    [(at, number, seconds)] = counted
    assert counted_sessions(services, app)[0] == [(at, number, seconds + 20 * 60)]
    assert values(services.database, "select events from sessions") == [(4,)]
    assert differences(services) == {}


@pytest.mark.parametrize("is_rebuilt", [False, True])
def test_an_id_that_comes_again_after_weeks_is_the_session_that_has_left(
    services, now, whole_chunks, is_rebuilt
):
    app = new_app(services, "again")
    visits(services, app, *THREE)
    pack(services, app)
    if is_rebuilt:  # which finds out by itself which sessions have left
        run(services.database, "delete from session_marks")
        recount.rebuild(services.database, services.apps)
        assert held_sessions(services) == 0
    visits(services, app, (0, 1, UUIDS[0]), (1, 1, "two"))
    assert [len(each) for each in everybodys_sessions(services, app)] == [1, 2, 1, 0]
    assert values(services.database, "select events from sessions order by events") == [(3,), (6,)]
    assert differences(services) == {}


def test_an_erasure_takes_what_has_left_out_of_the_copy_and_keeps_it_counted(
    services, now, whole_chunks
):
    app = new_app(services, "departed")
    visits(services, app, *THREE)
    counted = counted_sessions(services, app)[0]
    pack(services, app)
    gone = erasure.erase(services.database, services.apps, services.key, person(1), None, NOW)
    assert gone["sessions"] == 1
    assert [len(each) for each in everybodys_sessions(services, app)] == [1, 0, 1, 0]
    [(_, number, _)] = counted_sessions(services, app)[1]
    assert (counted_sessions(services, app)[0], number) == (counted, 1)
    assert held_sessions(services) == 0
    assert differences(services) == {}


def test_a_website_s_sessions_stay_for_its_pages(services, now, whole_chunks):
    app = new_app(services, "pages")
    set_app(services, "pages", kind="website")
    visits(services, app, *THREE)
    pack(services, app)
    assert value(services.database, "select sum(n) from event_chunks") == 9
    assert held_sessions(services) == 3
    assert differences(services) == {}


def test_marks_of_sessions_go_with_the_months_that_nobody_keeps(services, now, whole_chunks):
    app = new_app(services, "marks")
    visits(services, app, (0, 70, UUIDS[0]), (1, 25, UUIDS[1]))
    pack(services, app)
    marks = "select count(*) from session_marks cross join unnest(marks)"
    assert value(services.database, marks) == 2
    run(services.database, "update apps set retention_days = 30")
    services.apps.forget()
    expiry.expire(services.database, services.apps, services.key, NOW)
    assert value(services.database, marks) == 1
