"""Sessions of compressed days leave, and are told by their events from then on."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from stories.privacy import erasure
from stories.reports import windows
from stories.rollups import recount
from stories.storage import compression, expiry
from tests.clock import NOW
from tests.rollup_tables import differences, fold_all, new_app, person, run, set_app, value, values
from tests.storage.packed_events import UUIDS, counted_sessions, pack, row, sessions


@pytest.fixture
def dsn(fresh_dsn):
    return fresh_dsn


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
    monkeypatch.setattr(compression, "LEAST", 2)
    monkeypatch.setattr(windows, "CHUNKS", 2)


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
