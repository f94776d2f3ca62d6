"""/funnels, /retention and /experiments against METRICS.md by brute force, over generated traffic with
late and duplicate events, testers and two timezones: random steps, filters, orders and windows."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import psycopg2
import pytest

from app import create_app
from stories.config import Config
from tests.clock import NOW
from tests.oracle.asking import Predicate, experiment, funnel, retention
from tests.oracle.days import Span, day_of, last_days
from tests.oracle.facts import Dated, Facts
from tests.stats_traffic import TESTERS, ZONES, prepare, send
from tests.support import basic

AUTH = basic("admin", "admin")
EVENTS = (
    "app_opened", "recording_started", "recording_completed", "transcription_completed",
    "transcription_failed", "feature_toggled", "retry_attempted",
)  # fmt: skip


def version_of(row: Dated) -> tuple[int, ...]:
    return tuple(int(part) for part in (row.app_version or "0").split("."))


def more_than_20(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 20


# As it is asked, and what it means.
CONDITIONS: tuple[tuple[str, Predicate], ...] = (
    ("country:is:de", lambda row: row.country == "DE"),
    ("country:not:US", lambda row: row.country != "US"),
    ("country:in:US,GB,FR", lambda row: row.country in ("US", "GB", "FR")),
    ("country:set:false", lambda row: row.country is None),
    (
        "version:gte:1.1.0",
        lambda row: row.app_version is not None and version_of(row) >= (1, 1, 0),
    ),
    ("prop.source:is:widget", lambda row: row.properties.get("source") == "widget"),
    ("prop.source:set", lambda row: row.properties.get("source") is not None),
    (
        "prop.audio_duration_seconds:gt:20",
        lambda row: more_than_20(row.properties.get("audio_duration_seconds")),
    ),
)


@pytest.fixture(scope="module")
def traffic(postgres: str) -> Iterator[Any]:
    """(client, {slug: its facts}); sent once for the whole file, which only reads."""
    name = "test_asking_recount"
    admin = psycopg2.connect(postgres)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"create database {name} template template_stories")
    app = create_app(
        Config(ratelimit_enabled=False, run_jobs=False),
        postgres.replace("/stories_analytics?", f"/{name}?"),
    )
    prepare(app)
    sent = {slug: send(app, slug, seed) for seed, slug in enumerate(ZONES, 5)}
    app.extensions["stories"].freshen()
    held = {
        slug: Facts(each.events, each.crashes, ZONES[slug], TESTERS) for slug, each in sent.items()
    }
    yield app.test_client(), held
    app.extensions["stories"].database.close()
    with admin.cursor() as cursor:
        cursor.execute(f"drop database {name} with (force)")
    admin.close()


def all_of(predicates: list[Predicate]) -> Predicate:
    return lambda row: all(predicate(row) for predicate in predicates)


def some(rng: random.Random, most: int) -> tuple[list[str], Predicate]:
    chosen = rng.sample(CONDITIONS, rng.randint(0, most))
    return [text for text, _ in chosen], all_of([predicate for _, predicate in chosen])


def step_of(rng: random.Random) -> tuple[str, Predicate]:
    name = rng.choice(EVENTS[:5] * 3 + EVENTS)
    texts, holds = some(rng, 1) if rng.random() < 0.4 else some(rng, 0)
    return ";".join([name, *texts]), lambda row: row.name == name and holds(row)


def span_of(rng: random.Random, zone: str) -> tuple[dict[str, str], Span]:
    today = day_of(NOW, zone)
    if rng.random() < 0.4:
        days = rng.choice((7, 30, 90))
        return {"period": f"{days}d"}, last_days(days, today)
    first = today - timedelta(days=rng.randint(0, 100))
    last = min(today, first + timedelta(days=rng.randint(0, 60)))
    return {"from": str(first), "to": str(last)}, Span(first, last)


def answer(client: Any, path: str, **query: Any) -> Any:
    response = client.get(path, query_string=query, headers=AUTH)
    assert response.status_code == 200, (path, query, response.text)
    return response.json


def nearest_rank(ordered: list[float], percent: int) -> float | None:
    return ordered[math.ceil(percent * len(ordered) / 100) - 1] if ordered else None


@pytest.mark.parametrize("seed", range(40))
def test_a_funnel_counts_and_times_what_trying_every_start_does(traffic, seed):
    client, held = traffic
    rng = random.Random(seed)
    slug = rng.choice(list(ZONES))
    query, span = span_of(rng, ZONES[slug])
    steps = [step_of(rng) for _ in range(rng.randint(2, 5))]
    filters, matches = some(rng, 2)
    within = rng.choice((None, None, 1, 3, 14))
    order = rng.choice(("strict", "strict", "any"))
    query |= {} if within is None else {"within": str(within)}
    texts = [text for text, _ in steps]
    given = answer(client, "/funnels", app=slug, step=texts, filter=filters, order=order, **query)
    expected = funnel(
        held[slug], span, [step for _, step in steps], matches, within, order == "strict"
    )
    assert [step["count"] for step in given["steps"]] == [count for count, _ in expected]
    for place, (step, (_, seconds)) in enumerate(zip(given["steps"], expected, strict=True)):
        for name, percent in (("median_seconds", 50), ("p90_seconds", 90)):
            wanted = nearest_rank(seconds, percent) if place else None
            assert step[name] == (wanted if wanted is None else pytest.approx(wanted, abs=0.001))


def test_the_random_funnels_are_not_empty(traffic):
    _, held = traffic
    everything = all_of([])
    steps = [lambda row, name=name: row.name == name for name in EVENTS[:4]]
    for slug in ZONES:
        span = last_days(90, day_of(NOW, ZONES[slug]))
        for within in (None, 7):
            counts = [n for n, _ in funnel(held[slug], span, steps, everything, within, True)]
            assert counts[0] > counts[-1] > 10


@pytest.mark.parametrize("seed", range(30))
def test_retention_counts_what_looking_at_every_person_does(traffic, seed):
    client, held = traffic
    rng = random.Random(1000 + seed)
    slug = rng.choice(list(ZONES))
    query, span = span_of(rng, ZONES[slug])
    any_event: tuple[str, Predicate] = ("", all_of([]))
    (start, starts), (back, returns) = any_event, any_event
    if seed % 3:
        (start, starts), (back, returns) = step_of(rng), rng.choice((any_event, step_of(rng)))
    filters, matches = some(rng, 0 if seed % 3 == 0 else 1)
    interval = rng.choice(("day", "week", "month"))
    first = rng.choice(("ever", "any"))
    unbounded = rng.random() < 0.4
    query |= {"start": start, "return": back, "interval": interval, "first": first}
    given = answer(
        client, "/retention", app=slug, filter=filters, unbounded=str(unbounded).lower(), **query
    )
    assert given["computed"] == ("rollups" if seed % 3 == 0 else "events")
    expected = retention(
        held[slug], span, day_of(NOW, ZONES[slug]), interval, starts, returns, matches,
        first == "ever", unbounded,
    )  # fmt: skip
    assert [
        (date.fromisoformat(row["start"]), row["size"], row["returned"]) for row in given["cohorts"]
    ] == expected
    for number, share in enumerate(given["average"]):
        pairs = [
            (back, size)
            for _, size, counts in expected
            for back in counts[number : number + 1]
            if back is not None
        ]
        whole = sum(size for _, size in pairs)
        if whole == 0:
            assert share is None
        else:
            assert share == pytest.approx(100 * sum(back for back, _ in pairs) / whole, abs=0.051)


def test_the_days_of_people_and_the_events_answer_retention_alike(traffic):
    client, _ = traffic
    for slug in ZONES:
        for interval in ("day", "week", "month"):
            for first in ("ever", "any"):
                query = {"app": slug, "interval": interval, "first": first, "period": "90d"}
                rolled = answer(client, "/retention", **query)
                # A condition that everything fulfils: only the events can tell.
                read = answer(client, "/retention", **query, filter="prop.never_sent:set:false")
                assert (rolled["computed"], read["computed"]) == ("rollups", "events")
                assert rolled["cohorts"] == read["cohorts"]
                assert sum(row["size"] for row in rolled["cohorts"]) > 0


@pytest.mark.parametrize("seed", range(20))
def test_an_experiment_counts_what_looking_at_every_person_does(traffic, seed):
    client, held = traffic
    rng = random.Random(2000 + seed)
    slug = rng.choice(list(ZONES))
    query, span = span_of(rng, ZONES[slug])
    name, key = rng.choice(
        (("recording_started", "source"), ("recording_completed", "source"),
         ("feature_toggled", "enabled"), ("transcription_failed", "error_type"))
    )  # fmt: skip
    goal, is_goal = step_of(rng)
    while goal.split(";")[0] == name:
        goal, is_goal = step_of(rng)
    filters, matches = some(rng, 1)
    within = rng.choice((1, 7, 30))
    given = answer(
        client, f"/experiments/{name}", app=slug, goal=goal, within=within, property=key,
        filter=filters, **query,
    )  # fmt: skip
    variant_of: Callable[[Dated], str | None] = lambda row: text_of(row.properties.get(key))  # noqa: E731
    shows: Predicate = lambda row: row.name == name and matches(row)  # noqa: E731
    expected, mixed = experiment(held[slug], span, NOW, shows, variant_of, is_goal, within)
    assert {
        row["variant"]: (row["people"], row["converted"], row["open"]) for row in given["variants"]
    } == expected
    assert given["mixed"] == mixed
    assert sum(row["best"] for row in given["variants"]) == pytest.approx(
        100 if expected else 0, abs=0.5
    )


def text_of(value: Any) -> str | None:
    """As JSON's ->> has it."""
    return value if value is None or isinstance(value, str) else json.dumps(value)
