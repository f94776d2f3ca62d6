"""GET /releases/{version}?compare=…: two versions over their first days, against a walk over all."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median_low
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stories.crashes.reading.releases import two_proportions
from tests.clock import NOW
from tests.oracle.facts import SESSION_GAP, Dated, Facts, people_of
from tests.oracle.numbers import first_number
from tests.stats_traffic import TESTERS, ZONES, prepare, send
from tests.support import basic
from tests.views.crash_reports import days_ago, person
from tests.views.crash_reports import send as send_crash
from tests.views.test_releases import events

AUTH = basic("admin", "admin")


def compare(client: Any, version: str, other: str, **query: Any) -> Any:
    path = f"/releases/{version}"
    answer = client.get(path, query_string={"compare": other, **query}, headers=AUTH)
    assert answer.status_code == 200, answer.json
    return answer.json["comparison"]


def first_day(facts: Facts, version: str) -> Any:
    signs = [*facts.events, *facts.crashes]
    return min(row.day for row in signs if row.app_version == version)


def counted(facts: Facts, version: str, length: int, first: date | None = None) -> dict[str, Any]:
    """The numbers of a version's first days, but for the median."""
    first = first or first_day(facts, version)
    days = {first + timedelta(days=number) for number in range(length)}
    sent = [row for row in facts.events if row.app_version == version and row.day in days]
    crashes = [row for row in facts.crashes if row.app_version == version and row.day in days]
    people, crashed = people_of((*sent, *crashes)), people_of(crashes)
    sessions = [
        group
        for group in facts.session_groups()
        if group[0].day in days and any(row.app_version == version for row in group)
    ]
    broken = [group for group in sessions if ends_badly(facts, group, version)]
    done = [row for row in sent if row.name == "transcription_completed"]
    bad = [row for row in done if row.properties.get("success") is False]
    failed = len([row for row in sent if row.name == "transcription_failed"])
    tried = len(done) + failed
    return {
        "from": first.isoformat(),
        "people": len(people),
        "crashed_people": len(crashed),
        "crashes": len(crashes),
        "sessions": len(sessions),
        "crashed_sessions": len(broken),
        "transcriptions": tried,
        "success_rate": percent(tried - len(bad) - failed, tried),
        "crash_free_people": percent(len(people - crashed), len(people), 2),
        "crash_free_sessions": percent(len(sessions) - len(broken), len(sessions), 2),
    }


def ends_badly(facts: Facts, group: list[Dated], version: str) -> bool:
    return any(
        row.person == group[0].person
        and row.app_version == version
        and group[0].at <= row.at < group[-1].at + SESSION_GAP
        for row in facts.crashes
    )


def percent(part: int, whole: int, places: int = 1) -> float | None:
    if not whole:
        return None
    exact = Decimal(100 * part) / whole
    return float(exact.quantize(Decimal(1).scaleb(-places), "ROUND_HALF_UP"))


def test_every_pair_of_versions_is_compared_as_a_walk_over_the_events_compares_them(app):
    prepare(app)
    sent = send(app, "desktop", 3)
    facts = Facts(sent.events, sent.crashes, ZONES["desktop"], TESTERS)
    client, today = app.test_client(), NOW.astimezone(ZoneInfo(ZONES["desktop"])).date()
    client.get("/users", headers=AUTH)  # folds the last of it
    versions = sorted(
        {
            row.app_version
            for row in facts.events
            if row.app_version and first_day(facts, row.app_version) <= today
        }
    )
    assert len(versions) >= 4
    walked: dict[tuple[str, int], dict[str, Any]] = {}
    for (own, other), wanted in zip(
        itertools.permutations(versions, 2), itertools.cycle([14, 90, 3])
    ):
        ages = [(today - first_day(facts, version)).days + 1 for version in (own, other)]
        length = min(wanted, *ages)
        answer = compare(client, own, other, days=wanted)
        assert answer["days"] == length
        shares = []
        for version, shown in zip((own, other), answer["versions"], strict=True):
            if (version, length) not in walked:
                walked[version, length] = counted(facts, version, length)
            wanted_numbers = walked[version, length]
            assert {name: shown[name] for name in wanted_numbers} == wanted_numbers, version
            assert shown["version"] == version
            shares.append((shown["crashed_people"], shown["people"]))
        p = two_proportions(*shares[0], *shares[1])
        told = answer["verdicts"]["crash_free_people"]
        assert told["p"] == (None if p is None else pytest.approx(p, abs=5e-5))
    assert any(numbers["crashed_sessions"] for numbers in walked.values())
    assert any(numbers["transcriptions"] for numbers in walked.values())


def test_time_and_cost_are_of_the_versions_own_transcriptions(client, now):
    times = [1.0, 1.5, 2.0, 8.0, 9.0]
    for number, seconds in enumerate(times):
        item: dict[str, Any] = {
            "user_id": person(number % 2),
            "event": "transcription_completed",
            "timestamp": days_ago(now, 2).isoformat(),
            "app_version": "2.0.0",
            "id": f"t{number}",
            "properties": {
                "processing_time_seconds": seconds,
                "estimated_cost_usd": 0.01,
                "success": number > 0,
            },
        }
        assert client.post("/track", json={"events": [item]}).json["events_stored"] == 1
        assert first_number(item["properties"], "processing_time_seconds") == Decimal(str(seconds))
    events(client, days_ago(now, 20), [1], "1.0.0")
    own, other = compare(client, "2.0.0", "1.0.0")["versions"]
    assert own["median_processing_seconds"] == pytest.approx(median_low(times), rel=0.02)
    assert (own["success_rate"], own["cost_per_person"]) == (80.0, 0.025)
    assert (other["success_rate"], other["cost_per_person"]) == (None, None)
    rows = client.get("/releases", headers=AUTH).json["releases"]
    names = ("transcriptions", "success_rate", "median_processing_seconds", "cost_per_person")
    for shown in (own, other):
        [row] = [row for row in rows if row["version"] == shown["version"]]
        assert {name: row[name] for name in names} == {name: shown[name] for name in names}


def test_a_crash_belongs_to_the_session_that_it_names(client, now):
    """The app's own session where it names one, else that of its time, with half an hour after it."""
    start = days_ago(now, 3)
    for name, who, after in (("a1b2c3d4e5f60718", 1, 0), ("b1b2c3d4e5f60718", 1, 5), (None, 2, 0)):
        item = {
            "user_id": person(who),
            "event": "app_opened",
            "timestamp": (start + timedelta(minutes=after)).isoformat(),
            "app_version": "1.0.0",
        } | ({"session_id": name} if name else {})
        client.post("/track", json={"events": [item]})
    events(client, start, [7], "0.9.0")

    def crashed() -> int:
        shown = compare(client, "1.0.0", "0.9.0")["versions"][0]
        assert shown["sessions"] == 3
        return int(shown["crashed_sessions"])

    def crash(who: int, minutes: float, **more: Any) -> None:
        when: datetime = start + timedelta(minutes=minutes)
        send_crash(client, "cart", when, who=who, version="1.0.0", **more)

    assert crashed() == 0
    crash(1, 10, session_id="a1b2c3d4e5f60718")
    assert crashed() == 1
    crash(2, 40)
    assert crashed() == 1, "more than half an hour after its session"
    crash(2, 29)
    assert crashed() == 2
    crash(1, 6)
    assert crashed() == 3, "without a name it may belong to both of its person's"


def test_what_is_worse_is_told_by_the_test_and_not_by_the_difference(client, now):
    events(client, days_ago(now, 20), range(100), "1.9.0")
    events(client, days_ago(now, 4), range(200, 300), "1.10.0")
    for who in range(200, 220):
        send_crash(client, "door", days_ago(now, 2), who=who, version="1.10.0")
    send_crash(client, "door", days_ago(now, 19), who=1, version="1.9.0")
    answer = compare(client, "1.10.0", "1.9.0")
    assert answer["days"] == 5
    assert answer["verdicts"]["crash_free_people"]["verdict"] == "worse"
    back = compare(client, "1.9.0", "1.10.0")
    assert back["verdicts"]["crash_free_people"]["verdict"] == "better"
    assert back["versions"] == answer["versions"][::-1]
    assert answer["verdicts"]["success_rate"] == {"verdict": "unknown", "p": None}
    short = compare(client, "1.10.0", "1.9.0", days=1)
    assert [shown["crashes"] for shown in short["versions"]] == [0, 0]


@pytest.mark.parametrize(
    ("version", "query", "status", "parameter"),
    [
        ("1.0.0", {"compare": "1.0.0"}, 400, "compare"),
        ("1.0.0", {"compare": "7.0.0"}, 400, "compare"),
        ("1.0.0", {"compare": "2.0.0"}, 400, "compare"),  # marked, never seen
        ("1.0.0", {"compare": "0.9.0", "days": "0"}, 400, "days"),
        ("1.0.0", {"compare": "0.9.0", "days": "91"}, 400, "days"),
        ("1.0.0", {"compare": "0.9.0", "period": "7d"}, 400, "period"),
        ("1.0.0", {"days": "7"}, 400, "days"),
        ("7.0.0", {"compare": "1.0.0"}, 404, None),
        ("2.0.0", {"compare": "1.0.0"}, 404, None),
    ],
    ids=str,
)
def test_what_cannot_be_compared_is_told(client, now, version, query, status, parameter):
    for name in ("1.0.0", "0.9.0"):
        events(client, days_ago(now, 5), [1], name)
    client.post("/releases", json={"app": "desktop", "version": "2.0.0"}, headers=AUTH)
    answer = client.get(f"/releases/{version}", query_string=query, headers=AUTH)
    assert answer.status_code == status
    if parameter is not None:
        assert answer.json["details"][0]["parameter"] == parameter
