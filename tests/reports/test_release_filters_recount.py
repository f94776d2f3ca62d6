"""GET /releases and GET /releases/{version} under any filter, against a walk over what matches."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from stories.rollups import fold
from stories.web.services import Services
from tests.oracle.conditions import can_match_crashes, matcher
from tests.oracle.facts import Dated, Facts, people_of
from tests.oracle.numbers import first_number
from tests.random_filters import random_filter
from tests.reports.test_filters_recount import channel_of
from tests.reports.test_release_comparison_recount import counted, percent
from tests.stats_traffic import TESTERS, ZONES, prepare, send
from tests.support import basic

AUTH = basic("admin", "admin")
OF_CRASHES = ("crashes", "crashed_people", "crash_free_people", "crashes_per_person")
OF_SESSIONS = ("crashed_sessions", "crash_free_sessions")
SPANS: tuple[dict[str, str], ...] = ({"period": "30d"}, {"period": "90d"}, {"period": "7d"})


@pytest.fixture
def traffic(app: Flask) -> tuple[Any, dict[str, Facts]]:
    prepare(app)
    facts = {}
    for seed, slug in enumerate(ZONES, start=23):
        sent = send(app, slug, seed, channel_of)
        facts[slug] = Facts(sent.events, sent.crashes, ZONES[slug], TESTERS)
    services: Services = app.extensions["stories"]
    fold.fold(services.database, services.apps, services.key)
    return app.test_client(), facts


def ask(client: Any, path: str, **query: Any) -> Any:
    answer = client.get(path, query_string=query, headers=AUTH)
    assert answer.status_code == 200, answer.json
    return answer.json


def narrowed(facts: Facts, filter: list[str]) -> Facts:
    matching = facts.matching(matcher(filter))
    if not can_match_crashes(filter):
        matching.crashes = []
    return matching


def walked(facts: Facts, days: set[date]) -> dict[str, dict[str, Any]]:
    """Version -> its numbers of these days, but for the median."""
    sent = [row for row in facts.events if row.day in days]
    crashed = [row for row in facts.crashes if row.day in days]
    active = people_of((*sent, *crashed))
    events: dict[str, list[Dated]] = defaultdict(list)
    crashes: dict[str, list[Dated]] = defaultdict(list)
    for rows, by_version in ((sent, events), (crashed, crashes)):
        for row in rows:
            if row.app_version:
                by_version[row.app_version].append(row)
    return {
        version: numbers(events[version], crashes[version], len(active))
        for version in {*events, *crashes}
        if people_of((*events[version], *crashes[version]))
    }


def numbers(events: list[Dated], crashes: list[Dated], active: int) -> dict[str, Any]:
    people, hit = people_of((*events, *crashes)), people_of(crashes)
    done = [row for row in events if row.name == "transcription_completed"]
    failed = len([row for row in events if row.name == "transcription_failed"])
    bad = len([row for row in done if row.properties.get("success") is False])
    tried = len(done) + failed
    cost = cost_of(events)
    return {
        "people": len(people),
        "adoption": percent(len(people), active),
        "crashes": len(crashes),
        "crashed_people": len(hit),
        "crash_free_people": percent(len(people - hit), len(people), 2),
        "transcriptions": tried,
        "success_rate": percent(tried - bad - failed, tried),
        "cost_per_person": None
        if cost is None
        else pytest.approx(float(cost / len(people)), abs=1e-6)
        if people
        else None,
    }


def cost_of(events: list[Dated]) -> Decimal | None:
    """Of each day the transcriptions', or when none carries one, the successful recordings'."""
    by_day: dict[date, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for row in events:
        cost = first_number(row.properties, "estimated_cost_usd", "cost_usd")
        recorded = row.name == "recording_completed" and row.properties.get("success") is not False
        if cost is not None and (recorded or row.name == "transcription_completed"):
            by_day[row.day][row.name].append(cost)
    if not by_day:
        return None
    return sum(
        (
            sum(costs.get("transcription_completed") or costs["recording_completed"], Decimal(0))
            for costs in by_day.values()
        ),
        Decimal(0),
    )


def days_of(answer: dict[str, Any]) -> set[date]:
    first, last = date.fromisoformat(answer["from"]), date.fromisoformat(answer["to"])
    return {date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)}


def test_the_list_under_a_random_filter_is_a_walk_over_what_matches(traffic):
    client, whole = traffic
    rng, told, untold = random.Random(7), 0, 0
    for number in range(40):
        filter, slug = random_filter(rng), rng.choice(list(ZONES))
        answer = ask(client, "/releases", app=slug, filter=filter, **SPANS[number % 3])
        knows = can_match_crashes(filter)
        wanted = walked(narrowed(whole[slug], filter), days_of(answer))
        shown = {row["version"]: row for row in answer["releases"]}
        assert set(shown) == set(wanted), filter
        for version, own in wanted.items():
            if not knows:
                own |= dict.fromkeys(name for name in OF_CRASHES if name in own)
            assert {name: shown[version][name] for name in own} == own, (filter, version)
        assert answer["computed"] == "events"
        assert ("crashes" in answer["unfiltered"]) is not knows
        assert {"new_issues", "regressed_issues", "fixed_issues"} <= set(answer["unfiltered"])
        told, untold = told + (knows and bool(wanted)), untold + (not knows and bool(wanted))
    assert min(told, untold) >= 5, "both kinds of filters have releases"


def test_what_the_events_tell_of_everybody_is_what_the_rollups_tell(traffic):
    client, _ = traffic
    for slug in ZONES:
        rolled_up = ask(client, "/releases", app=slug, period="90d")
        # Holds of every build that counts.
        narrow = ask(client, "/releases", app=slug, period="90d", filter="channel:not:debug")
        assert (rolled_up["computed"], narrow["computed"]) == ("rollups", "events")
        assert rolled_up["unfiltered"] == []
        left = set(narrow["unfiltered"])
        shown = {row["version"]: row for row in narrow["releases"]}
        of_people = [row for row in rolled_up["releases"] if row["people"]]
        assert len(of_people) >= 4
        for row in of_people:
            own = {name: value for name, value in row.items() if name not in left}
            assert {name: shown[row["version"]][name] for name in own} == own


def test_a_releases_days_under_a_filter_are_a_walk_over_what_matches(traffic):
    client, whole = traffic
    rng = random.Random(3)
    seen = 0
    for _ in range(12):
        filter = random_filter(rng)
        facts = narrowed(whole["desktop"], filter)
        answer = ask(client, "/releases/1.1.0", app="desktop", filter=filter, period="90d")[
            "release"
        ]
        for day in answer["days"]:
            rows = [row for row in facts.events if row.day.isoformat() == day["date"]]
            crashes = [row for row in facts.crashes if row.day.isoformat() == day["date"]]
            own = [row for row in rows if row.app_version == "1.1.0"]
            hit = [row for row in crashes if row.app_version == "1.1.0"]
            assert day["people"] == len(people_of((*own, *hit))), filter
            assert day["crashes"] == (len(hit) if can_match_crashes(filter) else None), filter
            seen += day["people"]
        assert answer["new"] is None
    assert seen > 0


def test_two_releases_under_a_filter_are_a_walk_over_what_matches(traffic):
    client, whole = traffic
    for filter in (
        ["platform_family:is:macOS"],
        ["country:in:US,DE"],
        ["prop.success:is:true", "version:gte:1.0"],
        ["channel:is:beta"],
    ):
        query = {"app": "desktop", "filter": filter, "compare": "1.0.0", "days": 30}
        comparison = ask(client, "/releases/1.1.0", **query)["comparison"]
        knows = can_match_crashes(filter)
        for shown in comparison["versions"]:
            wanted = counted(
                narrowed(whole["desktop"], filter),
                shown["version"],
                comparison["days"],
                date.fromisoformat(shown["from"]),
            )
            if not knows:
                wanted |= dict.fromkeys((*OF_CRASHES[:3], *OF_SESSIONS))
            for name in ("sessions", *OF_SESSIONS):
                wanted.pop(
                    name
                )  # below: a session is cut by all of its events, not by those that match
            assert {name: shown[name] for name in wanted} == wanted, filter
            own = sessions(whole["desktop"], filter, shown)
            assert shown["sessions"] == own, filter
        assert (comparison["verdicts"]["crash_free_people"]["p"] is None) or knows


def sessions(facts: Facts, filter: list[str], shown: dict[str, Any]) -> int:
    """Sessions of the version's first days that hold a matching event of it."""
    matches = matcher(filter)
    days = days_of(shown)
    return len(
        [
            group
            for group in facts.session_groups()
            if group[0].day in days
            and any(row.app_version == shown["version"] and matches(row) for row in group)
        ]
    )


def test_a_cohort_and_a_segment_narrow_releases(traffic):
    client, whole = traffic
    saved = client.post(
        "/segments?app=desktop",
        json={"name": "Macs", "filter": ["platform_family:is:macOS"]},
        headers=AUTH,
    ).json["segment"]
    by_segment = ask(client, "/releases", app="desktop", segment=saved["id"])
    by_filter = ask(client, "/releases", app="desktop", filter="platform_family:is:macOS")
    assert by_segment["releases"] == by_filter["releases"] != []
    cohort = client.post(
        "/cohorts?app=desktop",
        json={"name": "Recorders", "definition": {"did": "recording_completed", "days": 30}},
        headers=AUTH,
    ).json["cohort"]
    answer = ask(client, "/releases", app="desktop", cohort=cohort["id"], period="30d")
    days = days_of(answer)
    people = {
        row.person
        for row in whole["desktop"].events
        if row.name == "recording_completed" and row.day in days
    }
    own = whole["desktop"].matching(lambda row: row.person in people and row.channel != "debug")
    wanted = walked(own, days)
    assert {row["version"]: row["people"] for row in answer["releases"]} == {
        version: each["people"] for version, each in wanted.items()
    }
    assert {row["version"]: row["crashes"] for row in answer["releases"]} == {
        version: each["crashes"] for version, each in wanted.items()
    }
