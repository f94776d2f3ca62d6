"""/stats under any filter against METRICS.md by brute force: random filters over generated traffic with
late and repeated events, testers, debug builds and two timezones. And the ways of answering against
each other."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from flask import Flask

from stories.reports import CORE, FAMILIES, Question
from stories.reports.answers import compute
from stories.reports.conditions import read_conditions
from stories.reports.filters import NO_FILTER, Filter
from stories.reports.rounding import exact_arithmetic
from stories.rollups import fold
from stories.web.services import Services
from tests.clock import NOW
from tests.oracle import compare, stats
from tests.random_filters import random_filter
from tests.rollup_tables import run
from tests.stats_traffic import TESTERS, ZONES, Sent, prepare, send

AUTH = ("admin", "admin")
SECTIONS = (*CORE, *FAMILIES)
RANGES: tuple[dict[str, str], ...] = (
    {"period": "7d"},
    {"period": "30d"},
    {"period": "90d"},
    {"period": "all"},
    {"from": "2026-09-14", "to": "2026-10-28"},
    {"from": "2026-11-01", "to": "2026-11-01"},
)
GROUPINGS = ("day", "week", "month")


def channel_of(user_id: str) -> str | None:
    """One in eight runs debug builds, one in eight a beta."""
    return {"0": "debug", "1": "debug", "2": "beta", "3": "Beta"}.get(user_id[0].lower())


@pytest.fixture
def server(app: Flask) -> Flask:
    return prepare(app)


def sent_to(server: Flask) -> dict[str, Sent]:
    sent = {slug: send(server, slug, seed, channel_of) for seed, slug in enumerate(ZONES, start=11)}
    services: Services = server.extensions["stories"]
    fold.fold(services.database, services.apps, services.key)
    return sent


def expected(sent: Sent, slug: str, query: dict[str, str], filter: list[str]) -> Any:
    first, last = query.get("from"), query.get("to")
    return stats(
        sent.events,
        sent.crashes,
        now=NOW,
        zone=ZONES[slug],
        testers=TESTERS,
        group_by=query["group_by"],
        period=query.get("period", "30d"),
        filter=filter,
        start=date.fromisoformat(first) if first else None,
        end=date.fromisoformat(last) if last else None,
    )


def test_every_section_is_a_recount_of_what_matches_and_all_ways_agree(server: Flask) -> None:
    sent, client, rng = sent_to(server), server.test_client(), random.Random(18)
    differences, ways = [], set()
    for number in range(60):
        filter, slug = random_filter(rng), rng.choice(list(ZONES))
        query = {**rng.choice(RANGES), "group_by": rng.choice(GROUPINGS), "app": slug}
        answer = client.get(
            "/stats",
            query_string={**query, "filter": filter, "include": ",".join(FAMILIES)},
            auth=AUTH,
        )
        body = answer.get_json()
        assert answer.status_code == 200, (filter, body)
        ways.add(body["computed"])
        if body["computed"] == "events":
            wanted = expected(sent[slug], slug, query, filter)
            found = compare(wanted, body, ignore=("stability.top_issues",))
            differences += [f"{number} {query} {filter}: {line}" for line in found]
    assert differences[:20] == []
    assert "events" in ways
    differences += _between_ways(server)
    assert differences[:20] == []


def _between_ways(server: Flask) -> list[str]:
    """What the rollups answer, they and the events answer alike."""
    services: Services = server.extensions["stories"]
    filters = [
        NO_FILTER,
        *(
            Filter(read_conditions([text]))
            for text in ("version:is:1.1.0", "platform:is:darwin-24.6.0", "country:is:DE")
        ),
    ]
    differences = []
    for filter in filters:
        for slug in ZONES:
            counted, read = (
                _answer(services, slug, filter, from_events) for from_events in (False, True)
            )
            assert (counted["computed"], read["computed"]) == ("rollups", "events")
            if not filter:
                assert _weeks_before_this(counted, read) == _weeks_before_this(read, read) != []
                del read["growth"]["cohorts"]
            differences += [
                f"{filter.dimension} {slug}: {line}"
                for line in compare(_told_by_both(counted, read), _told_by_both(read, counted))
            ]
    return differences


def _weeks_before_this(answer: Any, read: Any) -> list[Any]:
    """The cohorts that begin in the range and how they went on, without this week, into which the
    rollups count clocks that run ahead."""
    return [
        (cohort["week"], cohort["size"], cohort["active"][:-1])
        for cohort in answer["growth"]["cohorts"][:-1]
        if cohort["week"] >= read["from"]
    ]


def _told_by_both(counted: Any, read: Any) -> Any:
    """Of the first what both hold, as the events tell more of people and less of their lives."""
    if isinstance(counted, dict) and isinstance(read, dict):
        return {
            name: _told_by_both(value, read[name])
            for name, value in counted.items()
            if name in read and name not in ("computed", "unfiltered")
        }
    if isinstance(counted, list) and isinstance(read, list):
        return [_told_by_both(*pair) for pair in zip(counted, read, strict=True)]
    return counted


def _answer(services: Services, slug: str, filter: Filter, from_events: bool) -> dict[str, Any]:
    app = services.apps.by_slug(slug)
    assert app is not None
    question = Question(
        app=app,
        app_id=app.app_id,
        timezone=app.timezone,
        today=NOW.astimezone(app.zone).date(),
        sections=SECTIONS,
        period="90d",
        group_by="week",
        filter=filter,
    )
    database = services.database
    with (
        database.transaction(isolation="REPEATABLE READ", read_only=True) as tx,
        exact_arithmetic(),
    ):
        computed = compute(tx, question, from_events)
    assert computed is not None
    return computed[1]


def test_a_value_among_the_other_ones_of_its_day_is_read_from_the_events(server: Flask) -> None:
    """Its own sums would be 0 on that day."""
    sent = send(server, "desktop", 21)
    services: Services = server.extensions["stories"]
    fold.fold(services.database, services.apps, services.key)
    query = {"period": "30d", "app": "desktop", "group_by": "day"}

    def ask() -> Any:
        address = {**query, "app_version": "1.1.0", "include": ",".join(FAMILIES)}
        server.extensions["stories.answers"]._answers.clear()
        return server.test_client().get("/stats", query_string=address, auth=AUTH).get_json()

    assert ask()["computed"] == "rollups"
    day = NOW.date().replace(day=NOW.day - 3)
    for value in ("other", "1.1.0"):
        run(
            services.database,
            "delete from kept_values where app_id = 1 and event = '' and property = 'version' "
            "and day = %(day)s and value = %(value)s",
            day=day,
            value=value,
        )
    run(
        services.database,
        "insert into kept_values (app_id, event, property, day, value) "
        "values (1, '', 'version', %(day)s, 'other')",
        day=day,
    )
    answer = ask()
    assert answer["computed"] == "events"
    wanted = expected(sent, "desktop", query, ["version:is:1.1.0"])
    ignored = ("stability.top_issues", "stability.crashes_by_version")
    assert compare(wanted, answer, ignore=ignored) == []


def test_parameters_of_old_and_conditions_are_joined(server: Flask) -> None:
    sent = send(server, "studio", 5)
    query = {"period": "90d", "app": "studio", "group_by": "week"}
    answer = server.test_client().get(
        "/stats",
        query_string={
            **query,
            "country": "us",
            "platform": "win32-10.0.22631",
            "filter": ["event:not:app_opened", "version:gte:0.9.57"],
            "include": ",".join(FAMILIES),
        },
        auth=AUTH,
    )
    joined = [
        "event:not:app_opened",
        "version:gte:0.9.57",
        "platform:is:win32-10.0.22631",
        "country:is:US",
    ]
    wanted = expected(sent, "studio", query, joined)
    assert wanted["summary"]["total_recordings"] > 0
    assert compare(wanted, answer.get_json(), ignore=("stability.top_issues",)) == []
