"""/explore against a brute-force reading of the events: random questions with random filters over
generated traffic of two apps in two timezones, with late and repeated events and testers."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask

from stories.catalogue import DESKTOP
from stories.web.services import Services
from tests.clock import NOW
from tests.oracle.days import Span, day_of, last_days
from tests.oracle.explore import Exploration, explore, key_of
from tests.oracle.facts import Facts
from tests.stats_traffic import TESTERS, ZONES, Sent, prepare, send

AUTH = ("admin", "admin")
QUESTIONS = 120  # of each kind
ROLLED = ("version", "platform", "platform_family", "country")
LABELS: tuple[tuple[str, str, type], ...] = (
    ("transcription_failed", "error_type", str),
    ("recording_completed", "source", str),
    ("transcription_completed", "dictionary_used", bool),
    ("feature_toggled", "enabled", bool),
)
NUMBERS = ("processing_time_seconds", "duration_seconds", "startup_time_seconds", "cost_usd")
FIELDS = (
    "version", "platform", "platform_family", "country", "source", "event", "prop.source",
    "prop.success", "prop.error_type", "prop.feature", "prop.dictionary_used", "prop.none",
)  # fmt: skip
VERSIONS = ("1.0.0", "1.1.0", "1.2", "2.0")


def random_filter(rng: random.Random, facts: Facts) -> tuple[str, ...]:
    """Up to three conditions with values that there are, or that there are not."""
    conditions = []
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        field = rng.choice((*FIELDS, *(f"prop.{name}" for name in NUMBERS)))
        number = field.removeprefix("prop.") in NUMBERS
        operators = ["is", "not", "set"] + ([] if number else ["in"])
        if field == "version" or number:
            operators += ["gte", "gt", "lt", "lte"]
        operator = rng.choice(operators)
        values = [
            value
            for row in rng.sample(facts.events, 20)
            if (value := key_of(row, field)) not in (None, "other")
        ] or ["none"]
        if operator == "set":
            text = rng.choice(("true", "false"))
        elif operator == "in":
            text = ",".join(dict.fromkeys(rng.choices(values, k=3)))
        elif operator in ("is", "not"):
            text = rng.choice([*values, "of no event"])
        else:
            text = rng.choice(VERSIONS) if field == "version" else str(rng.choice((0.5, 1, 3, 20)))
        conditions.append(f"{field}:{operator}:{text}")
    return tuple(dict.fromkeys(conditions))


def random_question(rng: random.Random, facts: Facts) -> tuple[Exploration, dict[str, str]]:
    """A question, and its days as parameters."""
    measure = rng.choice(
        ("events", "events", "people", "people", "sessions", "sum", "average", "median", "p95",
         "per_person")
    )  # fmt: skip
    of_number = measure in ("sum", "average", "median", "p95")
    interval = rng.choice((None, "hour", "day", "week", "month"))
    names = sorted({row.name for row in facts.events})
    event, by = rng.choice((None, None, *names)), rng.choice((None, *FIELDS))
    declared = DESKTOP.get(event or "", {}).get((by or "").removeprefix("prop."))
    question = Exploration(
        measure=measure,
        event=event,
        property=rng.choice(NUMBERS) if of_number else None,
        by=by,
        interval=interval,
        filter=random_filter(rng, facts),
        declared={"boolean": bool, "number": None}.get(declared.type, str) if declared else None,
    )
    if interval == "hour":
        first = NOW.date() - timedelta(days=rng.randrange(40, 70))
        return question, {"from": str(first), "to": str(first + timedelta(days=rng.randrange(3)))}
    return question, {"period": rng.choice(("7d", "30d", "90d", "all"))}


def rolled_question(rng: random.Random, facts: Facts) -> tuple[Exploration, dict[str, str]]:
    """One that the rollups can answer."""
    days = {"period": rng.choice(("7d", "30d", "90d", "all"))}
    interval = rng.choice((None, "day", "week", "month"))
    kind = rng.choice(("people", "events", "number", "label"))
    field = rng.choice(ROLLED)
    narrows = kind == "label" or rng.random() < 0.5
    value = key_of(rng.choice(facts.events), field) if narrows else None
    narrowed = (f"{field}:is:{value}",) if value and value != "other" else ()
    by: str | None = None if narrowed else rng.choice((None, field))
    if kind == "people":
        measure = rng.choice(("people", "per_person"))
        return Exploration(measure=measure, interval=interval, filter=narrowed), days
    event, number, declared, measure = None, None, None, "events"
    if kind == "number":
        event = rng.choice(("transcription_completed", "recording_completed"))
        number = "processing_time_seconds"
        measure = rng.choice(("sum", "average", "median", "p95"))
    elif kind == "label":
        event, name, declared = rng.choice(LABELS)
        by = f"prop.{name}"
    elif rng.random() < 0.3:
        by = "event"
    else:
        event = rng.choice((None, "app_opened", "recording_completed"))
    question = Exploration(
        measure=measure,
        event=event,
        property=number,
        by=by,
        interval=interval,
        filter=narrowed,
        declared=declared,
    )
    return question, days


def span_of(days: dict[str, str], facts: Facts, zone: str) -> Span:
    today = day_of(NOW, zone)
    if "from" in days:
        return Span(date.fromisoformat(days["from"]), date.fromisoformat(days["to"]))
    if days["period"] == "all":
        return Span(min(facts.events_of_day), today)
    return last_days(int(days["period"].removesuffix("d")), today)


def parameters_of(question: Exploration) -> dict[str, Any]:
    named = {
        name: getattr(question, name) for name in ("measure", "event", "property", "by", "interval")
    }
    query = {name: value for name, value in named.items() if value is not None}
    return query | ({"filter": list(question.filter)} if question.filter else {})


def same(expected: Any, got: Any, percent: int) -> bool:
    if expected is None or got is None:
        return expected is got
    left, right = Decimal(expected), Decimal(repr(got))
    return abs(left - right) <= abs(left) * Decimal(percent) / 100 + Decimal("1e-9")


def differences(expected: Any, answer: Any) -> list[str]:
    off = answer.get("within_percent", 0)
    lines = [
        f"{name}: {expected[name]} is answered as {answer.get(name)}"
        for name in ("total", "with_property")
        if name in expected and not same(expected[name], answer[name], off)
    ]
    left = [{k: v for k, v in row.items() if k != "value"} for row in expected["rows"]]
    right = [{k: v for k, v in row.items() if k != "value"} for row in answer["rows"]]
    if left != right:
        return [*lines, f"rows: {left[:12]} are answered as {right[:12]}"]
    return lines + [
        f"{one} is answered as {other}"
        for one, other in zip(expected["rows"], answer["rows"], strict=True)
        if not same(one["value"], other["value"], off)
    ]


def check(app: Flask, sent: dict[str, Sent], seed: int) -> dict[str, int]:
    """How many were computed which way; fails on the first that differs."""
    rng, client, computed = random.Random(seed), app.test_client(), {"rollups": 0, "events": 0}
    facts = {
        slug: Facts(sent[slug].events, sent[slug].crashes, ZONES[slug], TESTERS) for slug in ZONES
    }
    for number in range(2 * QUESTIONS):
        slug = rng.choice(tuple(ZONES))
        draw = rolled_question if number % 2 else random_question
        question, days = draw(rng, facts[slug])
        query = {**parameters_of(question), **days, "app": slug}
        answer = client.get("/explore", query_string=query, auth=AUTH).get_json()
        assert answer["success"], (query, answer)
        span = span_of(days, facts[slug], ZONES[slug])
        expected = explore(facts[slug], ZONES[slug], span, question)
        assert differences(expected, answer)[:5] == [], (number, query, answer["computed"])
        computed[answer["computed"]] += 1
        assert draw is random_question or answer["computed"] == "rollups", query
    return computed


def test_random_questions_are_answered_as_a_brute_force_reading_does(
    app: Flask, services: Services
) -> None:
    server = prepare(app)
    sent = {slug: send(server, slug, seed) for seed, slug in enumerate(ZONES, start=1)}
    computed = check(server, sent, seed=18)
    assert min(computed.values()) >= 0.8 * QUESTIONS, computed
