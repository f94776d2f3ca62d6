"""The overviews of websites, generators and bots under a filter, against METRICS.md by brute force over
generated traffic with retries and late arrivals in two timezones; and under a filter that everything
matches, against what the rollups answer."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask

from tests.clock import NOW
from tests.oracle import (
    BotEvent,
    Generation,
    Visit,
    WebItem,
    bot_stats,
    compare,
    generation_analytics,
    website_metrics,
)
from tests.oracle.website import funnel, website_visits
from tests.reports.test_kinds_recount import Side, get, send, sides, stamped
from tools.traffic import bot_events, generation_attempts, generation_visits, website_items

EVERYTHING = "event:set"
OF_SESSIONS = ("sessions", "bounce_rate", "avg_seconds", "entry", "exit")
# A condition, and what it means.
WEB: tuple[tuple[str, Callable[[WebItem], bool]], ...] = (
    (EVERYTHING, lambda item: True),
    ("event:is:pageview", lambda item: item.type == "pageview"),
    ("event:not:pageview", lambda item: item.type != "pageview"),
    ("event:is:conversion", lambda item: item.category == "conversion"),
    ("prop.path:is:/", lambda item: item.bare_path == "/"),
    ("prop.path:in:/pricing,/demo", lambda item: item.bare_path in ("/pricing", "/demo")),
    ("prop.category:set", lambda item: item.category is not None),
    ("source:is:direct", lambda item: item.source == "direct"),
    ("source:not:direct", lambda item: item.source != "direct"),
    ("event:is:nothing", lambda item: False),
)


def chosen(conditions: Sequence[tuple[str, Any]], rng: random.Random) -> tuple[list[str], Any]:
    """One or two of them, and what they mean together."""
    some = rng.sample(conditions, rng.choice((1, 2)))
    return [text for text, _ in some], lambda item: all(holds(item) for _, holds in some)


def sent_to_websites(app: Flask) -> list[tuple[Side, list[WebItem]]]:
    return [
        (
            side,
            [
                WebItem.from_payload(item)
                for item in send(app, side, "/api/track", website_items(side.parameters(120)))
            ],
        )
        for side in sides(app, "website")
    ]


def test_a_website_under_random_filters_is_a_recount_of_what_matches(app: Flask) -> None:
    differences, rng, told = [], random.Random(5), 0
    sent = sent_to_websites(app)
    for number in range(40):
        side, items = rng.choice(sent)
        filter, holds = chosen(WEB, rng)
        days = rng.choice((1, 7, 30, 3650))
        where: dict[str, Any] = {"days": days, "now": NOW, "zone": side.zone, "holds": holds}
        asked: dict[str, Any] = {"days": days, "filter": filter}
        answer = get(app, side, "/api/metrics", **asked, include="visits")
        visits = answer.pop("visits")
        wanted = stamped(website_metrics(items, **where))
        path = f"{number} {side.slug} {days} {filter}"
        differences += compare(wanted, answer, path=path)
        steps = get(app, side, "/api/funnel", **asked)
        differences += compare(funnel(items, **where), steps, path=f"{path} funnel")
        shown = {name: visits[name] for name in OF_SESSIONS}
        differences += compare(website_visits(items, **where), shown, path=f"{path} visits")
        told += 0 < wanted["metrics"]["total_visitors"] < len({item.session_id for item in items})
    assert differences[:10] == []
    assert told > 15


GENERATED: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    (EVERYTHING, lambda item: True),
    ("event:is:visit", lambda item: isinstance(item, Visit)),
    ("event:not:visit", lambda item: isinstance(item, Generation)),
    ("prop.success:is:true", lambda item: isinstance(item, Generation) and item.success),
    ("prop.success:not:true", lambda item: not (isinstance(item, Generation) and item.success)),
    ("prop.known:is:true", lambda item: isinstance(item, Visit) and item.visitor is not None),
)


def test_a_generator_under_random_filters_is_a_recount_of_what_matches(app: Flask) -> None:
    differences, rng = [], random.Random(6)
    for side in sides(app, "generator"):
        parameters = side.parameters(40)
        visits = send(app, side, "/api/visits", generation_visits(parameters))
        attempts = send(app, side, "/api/generations", generation_attempts(parameters))
        items: Any = [
            [Visit.from_payload(item) for item in visits],
            [Generation.from_payload(item) for item in attempts],
        ]
        for _ in range(12):
            filter, holds = chosen(GENERATED, rng)
            matching: Any = [[item for item in each if holds(item)] for each in items]
            wanted = generation_analytics(*matching, now=NOW, zone=side.zone)
            answer = get(app, side, "/api/analytics", filter=filter)
            differences += compare(wanted, answer, path=f"{side.slug} {filter}")
    assert differences[:10] == []


TOLD: tuple[tuple[str, Callable[[BotEvent], bool]], ...] = (
    (EVERYTHING, lambda event: True),
    ("event:is:persona_selected", lambda event: event.event_name == "persona_selected"),
    ("event:not:user_message", lambda event: event.event_name != "user_message"),
    (
        "event:in:user_message,image_generated",
        lambda event: event.event_name in ("user_message", "image_generated"),
    ),
    ("prop.persona_id:set", lambda event: event.persona_id is not None),
    ("prop.persona_id:set:false", lambda event: event.persona_id is None),
)


def test_a_bot_under_random_filters_is_a_recount_of_what_matches(app: Flask) -> None:
    differences, rng = [], random.Random(7)
    for side in sides(app, "bot"):
        accepted = send(app, side, "/api/bot/events", bot_events(side.parameters(20)))
        events = [BotEvent.from_payload(item) for item in accepted]
        names = {
            row["persona_id"]: row["persona_name"]
            for row in bot_stats(events, now=NOW, zone=side.zone)["popular_personas"]
        }
        for _ in range(12):
            filter, holds = chosen(TOLD, rng)
            matching = [event for event in events if holds(event)]
            wanted = bot_stats(matching, now=NOW, zone=side.zone)
            for row in wanted["popular_personas"]:  # a name is not of single events
                row["persona_name"] = names[row["persona_id"]]
            answer = get(app, side, "/api/analytics/stats", filter=filter)
            differences += compare(wanted, answer, path=f"{side.slug} {filter}")
            differences += people_differences(app, side, matching, filter)
    assert differences[:10] == []


def people_differences(
    app: Flask, side: Side, events: list[BotEvent], filter: list[str]
) -> list[str]:
    """The page's latest people."""
    page = page_of(app, side, "bot", filter=filter)
    latest: dict[str, Any] = {}
    for event in events:
        latest[event.client_id] = max(
            latest.get(event.client_id, event.created_at), event.created_at
        )
    wanted = stamped(sorted(latest.values(), reverse=True)[:8])
    return compare(wanted, [row["last_seen"] for row in page["people"]], path=f"people {filter}")


def page_of(app: Flask, side: Side, name: str, **query: Any) -> Any:
    return get(app, side, "/dashboard/api/stats", page=name, **query)["page"]


@pytest.mark.parametrize(
    ("kind", "page", "paths"),
    [
        ("website", "website", ("/api/metrics", "/api/funnel")),
        ("generator", "generations", ("/api/analytics",)),
        ("bot", "bot", ("/api/analytics/stats",)),
    ],
)
def test_a_filter_that_everything_matches_has_the_numbers_of_the_rollups(
    app: Flask, kind: str, page: str, paths: tuple[str, ...]
) -> None:
    for side in sides(app, kind):
        parameters = side.parameters(200 if kind == "website" else 30)
        if kind == "website":
            send(app, side, "/api/track", website_items(parameters))
        elif kind == "bot":
            send(app, side, "/api/bot/events", bot_events(parameters))
        else:
            send(app, side, "/api/visits", generation_visits(parameters))
            send(app, side, "/api/generations", generation_attempts(parameters))
        for path in paths:
            include = {"include": "visits"} if path == "/api/metrics" else {}
            read = get(app, side, path, filter=EVERYTHING, **include)
            assert read == get(app, side, path, **include)
        for span in (
            {"period": "7d"},
            {"period": "30d"},
            {"from": "2026-10-20", "to": "2026-11-02"},
        ):
            read = page_of(app, side, page, filter=EVERYTHING, **span)
            counted = page_of(app, side, page, **span)
            for answer in (read, counted):  # not shown under a filter, or only then
                answer.pop("rolling", None)
                answer.pop("people", None)
            assert read == counted


def test_a_country_narrows_the_page_of_a_website_too(app: Flask) -> None:
    """The rollups know countries, and nothing of the page's own lists by them."""
    [side, _] = sides(app, "website")
    send(app, side, "/api/track", website_items(side.parameters(120)))
    assert page_of(app, side, "website")["now"]["metrics"]["total_visitors"] > 0
    page = page_of(app, side, "website", filter="country:is:DE")
    assert page["now"]["metrics"]["total_visitors"] == 0
    assert page["devices"] == page["paths"] == page["visits"]["entry"] == []
