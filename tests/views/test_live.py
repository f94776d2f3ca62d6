"""GET /live: the last half hour, against a walk over what was sent."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from database import Inline
from tests.clock import NOW
from tests.oracle.people import family
from tests.stats_traffic import TESTERS
from tests.support import basic, event

AUTH = basic("admin", "admin")
MINUTE = timedelta(minutes=1)


def live(client: Any, **query: Any) -> Any:
    answer = client.get("/live", query_string={"app": "desktop", **query}, headers=AUTH)
    assert answer.status_code == 200, answer.json
    return answer.json


def person(number: int) -> str:
    return f"550e8400-e29b-41d4-a716-{number:012d}"


def track(client: Any, *items: dict[str, Any]) -> None:
    answer = client.post("/track", json={"events": list(items)})
    assert answer.json["events_stored"] == len(items), answer.json


def traffic(rng: random.Random) -> list[dict[str, Any]]:
    """Of an hour around NOW, some at the very moments between two minutes."""
    items = []
    for number in range(300):
        when = NOW - timedelta(seconds=rng.uniform(-600, 3_000))
        if number % 5 == 0:
            when = NOW - MINUTE * rng.randint(-2, 32)
        tester = rng.choice(TESTERS)
        items.append(
            event(
                id=f"e{number}",
                user_id=rng.choice([*(person(n) for n in range(25)), tester]),
                timestamp=when.isoformat(),
                app_version=f"1.{rng.randint(0, 14)}.0",
                platform=rng.choice(
                    ["darwin-24.6.0", "win32-10.0.22631", "linux", "freebsd-14.1", None]
                ),
                country=rng.choice(["DE", "FR", "US", None]),
            )
        )
    return items


def ranking(rows: list[Any], key: Any) -> dict[str, Any]:
    events = Counter(key(row) for row in rows)
    people = defaultdict(set)
    for row in rows:
        people[key(row)].add(row["user_id"])
    order = sorted(
        events, key=lambda k: (-len(people[k]), -events[k], k is None, k if k is not None else "")
    )
    shown = [{"key": k, "events": events[k], "people": len(people[k])} for k in order[:10]]
    return {"rows": shown, "more": len(order) - len(shown)}


@pytest.fixture
def hour(client, services, now):
    """What is counted of it: nobody's of the testers, nothing of later or earlier."""
    from stories.rollups import testers

    testers.seed(services.database, TESTERS)
    items = traffic(random.Random(30))
    track(client, *items)
    kept = []
    for item in items:
        at = datetime.fromisoformat(item["timestamp"])
        if item["user_id"] not in TESTERS and NOW - 30 * MINUTE < at <= NOW:
            kept.append({**item, "at": at})
    assert 100 < len(kept) < 250
    return kept


def test_it_counts_what_a_walk_over_the_events_counts(client, hour):
    answer = live(client)
    assert (answer["count"], answer["people"]) == (
        len(hour),
        len({row["user_id"] for row in hour}),
    )
    recent = {row["user_id"] for row in hour if row["at"] > NOW - 5 * MINUTE}
    assert answer["people_now"] == len(recent)
    minutes = []
    for number in range(30):
        start = NOW - MINUTE * (30 - number)
        rows = [row for row in hour if start < row["at"] <= start + MINUTE]
        people = {row["user_id"] for row in rows}
        text = start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        minutes.append({"start": text, "events": len(rows), "people": len(people)})
    assert answer["minutes"] == minutes
    assert answer["versions"] == ranking(hour, lambda row: row["app_version"])
    assert answer["versions"]["more"] == 5
    assert answer["platform_families"] == ranking(hour, lambda row: family(row["platform"]))
    assert answer["countries"] == ranking(hour, lambda row: row["country"])
    assert (answer["app"], answer["computed"]) == ("desktop", "events")


def test_it_answers_by_conditions_too(client, hour):
    germans = [row for row in hour if row["country"] == "DE"]
    answer = live(client, filter=["country:is:DE", "platform_family:in:macOS,Windows"])
    kept = [row for row in germans if family(row["platform"]) in ("macOS", "Windows")]
    assert answer["count"] == len(kept)
    assert {row["country"] for row in answer["events"]} == {"DE"}


def test_an_app_where_nothing_happens_has_zeros(client, now):
    answer = live(client)
    assert (answer["people_now"], answer["people"], answer["count"]) == (0, 0, 0)
    assert len(answer["minutes"]) == 30
    assert answer["versions"] == answer["countries"] == {"rows": [], "more": 0}
    assert (answer["events"], answer["cursor"]) == ([], None)


def test_the_events_come_as_they_arrive(client, services, now):
    track(client, *(event(id=f"{n}", timestamp=now.isoformat()) for n in range(60)))
    first = live(client)
    assert len(first["events"]) == 50
    with services.database.transaction() as tx:  # as if that had been a minute ago
        tx.run(Inline("/* test */ update events set received_at = received_at - interval '60 s'"))
    first = live(client)
    assert live(client, after=first["cursor"])["cursor"] == first["cursor"]

    late = (now - timedelta(minutes=20)).isoformat()  # sent late: older than all that came before
    track(client, event(id="late", timestamp=late))
    assert first["events"][0]["event_key"] != live(client)["events"][0]["event_key"]
    with services.database.transaction() as tx:
        tx.run(
            Inline(
                "/* test */ update events set received_at = received_at - interval '20 s' "
                "where timestamp = %(now)s"
            ),
            now=now,
        )
    answer = live(client, after=first["cursor"])
    assert [row["timestamp"] for row in answer["events"]] == [late.replace("+00:00", ".000Z")]
    assert answer["count"] == 61, "the numbers are of the whole half hour"


def test_an_event_that_was_stored_beside_a_later_one_is_not_missed(client, services, now):
    """Of two statements the one that began first may end last."""
    track(client, event(id="first", timestamp=now.isoformat()))
    cursor = live(client)["cursor"]
    track(client, event(id="second", timestamp=now.isoformat()))
    with services.database.transaction() as tx:
        tx.run(Inline("/* test */ update events set received_at = received_at - interval '2 s'"))
    assert len(live(client, after=cursor)["events"]) == 2


def test_debug_builds_are_shown_where_they_are_asked_for(client, now):
    track(client, event(id="1", timestamp=now.isoformat()))
    debug = event(id="2", timestamp=now.isoformat(), app_version="9.9.9", channel="debug")
    track(client, debug)
    assert [row["app_version"] for row in live(client)["events"]] == ["0.9.51"]
    answer = live(client, filter="channel:is:debug")
    assert (answer["count"], answer["people_now"]) == (1, 1)
    assert [(row["app_version"], row["channel"]) for row in answer["events"]] == [
        ("9.9.9", "debug")
    ]


def test_nothing_is_folded_for_it(client, services, now):
    track(client, event(timestamp=now.isoformat()))
    assert live(client)["count"] == 1
    with services.database.transaction(read_only=True) as tx:
        assert tx.value(Inline("/* test */ select count(*) from outbox")) == 1


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"app": ""}, "app"),
        ({"app": "none"}, "app"),
        ({"after": "x"}, "after"),
        ({"filter": "version"}, "filter"),
        ({"cohort": "9"}, "cohort"),
        ({"limit": "5"}, "limit"),
    ],
    ids=str,
)
def test_a_wrong_parameter_is_named(client, query, parameter):
    answer = client.get("/live", query_string={"app": "desktop", **query}, headers=AUTH)
    assert answer.status_code == 400
    assert answer.json["details"][0]["parameter"] == parameter
