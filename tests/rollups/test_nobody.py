"""Sessions of which no person is known, and what is nobody's: counted, and never as people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from stories.privacy import erasure, ids
from stories.rollups import recount
from stories.storage import expiry
from tests.crashes.crash_rows import crash, issues
from tests.rollup_tables import (
    WITHOUT_PEOPLE,
    differences,
    dump,
    fold_all,
    midday,
    person,
    set_app,
    value,
    values,
)
from tests.support import event

AUTH = ("admin", "admin")

PEOPLE = (
    "users",
    "person_days",
    "active_gaps",
    "lifetimes",
    "cohort_weeks",
    "people_now",
    "group_people",
)


def session(number: int) -> UUID:
    return UUID(int=ids.NOBODY.int + number)


@pytest.fixture
def track(client):
    def send(who: UUID, when: datetime, name: str = "app_opened", **more) -> None:
        item = event(
            user_id=str(who), event=name, timestamp=when.isoformat(), **{"country": None, **more}
        )
        assert client.post("/track", json={"events": [item]}).get_json()["events_stored"] == 1

    return send


def test_a_key_makes_ids_that_the_database_takes_for_nobody(services, database):
    app = services.apps.by_slug("desktop")
    nobodies = [ids.nobody(app, text, b"key") for text in ("", "s1", "s1", "s2")]
    assert nobodies[0] == ids.NOBODY
    assert nobodies[1] == nobodies[2] != nobodies[3]
    people = [ids.person_id(app, text, b"key") for text in ("ann", "f" * 32)]
    asked = values(
        database,
        "select is_person(who), has_session(who) from unnest(%(ids)s::uuid[]) with ordinality "
        "as each (who, place) order by place",
        ids=[*nobodies, *people],
    )
    assert asked == [(False, False), *[(False, True)] * 3, *[(True, True)] * 2]


def test_their_events_crashes_and_sessions_count_and_no_people(services, database, track, now):
    for minutes in (0, 5):
        when = midday(now, 2) + timedelta(minutes=minutes)
        track(session(1), when, session_id="a", app_version="1.0.0", country="DE")
        track(ids.NOBODY, when, app_version="1.0.0")
    track(session(2), midday(now, 2), "feature_toggled", platform="linux")
    for who in (session(1), ids.NOBODY):
        crash(services, "cart", midday(now, 2), who=who)
    fold_all(services)
    assert value(database, "select sum(n) from daily_events where dim = 'none'") == 5
    assert value(database, "select sum(n) from daily_events where dim = 'country'") == 2
    assert value(database, "select sum(n) from daily_crashes where dim = 'none'") == 2
    assert value(database, "select sum(sessions) from daily_sessions") == 2
    assert issues(services, "n", "people") == [(2, 0)]
    assert {table: value(database, f"select count(*) from {table}") for table in PEOPLE} == (
        dict.fromkeys(PEOPLE, 0)
    )
    assert value(database, "select array_agg(slug) from apps where has_nobody") == ["desktop"]
    assert differences(services) == {}


def test_beside_people_they_change_no_number_of_people(services, database, track, now, client):
    track(person(1), midday(now, 2), app_version="1.0.0", session_id="p")
    track(person(1), midday(now, 1), app_version="1.0.0", session_id="q")
    crash(services, "cart", midday(now, 1), who=1)
    fold_all(services)
    before = dump(database, PEOPLE)
    for days in (1, 2, 3):
        track(session(days), midday(now, days), app_version="1.0.0", session_id=f"s{days}")
        crash(services, "cart", midday(now, days), who=session(days))
    fold_all(services)
    assert dump(database, PEOPLE) == before
    assert issues(services, "n", "people") == [(4, 1)]
    assert differences(services) == {}
    answer = client.get("/stats?app=desktop&period=7d&include=usage", auth=AUTH).get_json()
    assert answer["summary"]["total_users"] == answer["summary"]["active_users_7d"] == 1
    assert sum(row["events"] for row in answer["daily_stats"]) == 5
    narrowed = "/stats?app=desktop&period=7d&filter=event:is:app_opened&filter=version:is:1.0.0"
    by_events = client.get(narrowed, auth=AUTH).get_json()
    assert by_events["computed"] == "events"
    assert by_events["summary"]["active_users_7d"] == 1


def test_a_rebuild_makes_the_same_of_them(services, database, track, now):
    track(person(1), midday(now, 2))
    track(session(1), midday(now, 2), session_id="a")
    track(ids.NOBODY, midday(now, 1))
    crash(services, "cart", midday(now, 1), who=session(1))
    fold_all(services)
    before = dump(database)
    recount.rebuild(services.database, services.apps)
    assert dump(database) == before


def test_a_person_is_erased_and_a_session_expires_beside_them(services, database, track, now):
    track(person(1), midday(now, 40))
    track(session(1), midday(now, 40), session_id="a")
    track(session(2), midday(now, 2), session_id="b")
    track(ids.NOBODY, midday(now, 40))
    fold_all(services)
    kept = dump(database, ("daily_events", "daily_sessions"))
    erasure.erase(
        services.database, services.apps, services.key, person(1), None, datetime.now(UTC)
    )
    assert dump(database, ("daily_events",)) == {"daily_events": kept["daily_events"]}
    assert differences(services) == {}
    set_app(services, "desktop", retention_days=30)
    before = dump(database, WITHOUT_PEOPLE)
    expiry.expire(services.database, services.apps, services.key, now)
    assert dump(database, WITHOUT_PEOPLE) == before
    assert values(database, "select session_key from sessions") != []
    assert value(database, "select count(*) from sessions") == 1
    assert differences(services) == {}
