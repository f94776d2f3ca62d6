"""Key numbers against a brute-force reading of the events, unfiltered and under conditions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from tests.clock import NOW
from tests.oracle.days import Span, bucket_of, day_of, last_days
from tests.oracle.explore import Exploration, explore, key_of, matches
from tests.oracle.facts import Facts
from tests.oracle.numbers import rounded
from tests.stats_traffic import TESTERS, ZONES, prepare, send
from tests.support import basic

AUTH = basic("admin", "admin")
TRANSCRIBED, RECORDED = "transcription_completed", "recording_completed"
NUMBERS: tuple[dict[str, str], ...] = (
    {"measure": "events", "event": RECORDED},
    {"measure": "people", "event": RECORDED},
    {"measure": "sum", "event": TRANSCRIBED, "property": "processing_time_seconds"},
    {"measure": "average", "event": TRANSCRIBED, "property": "processing_time_seconds"},
    {"measure": "median", "event": TRANSCRIBED, "property": "processing_time_seconds"},
    {"measure": "p95", "event": "app_opened", "property": "startup_time_seconds"},
    {"measure": "share", "event": TRANSCRIBED, "property": "dictionary_used"},
    {"measure": "share", "event": RECORDED, "property": "source", "value": "widget"},
)
FILTERS: tuple[tuple[str, ...], ...] = (
    (),
    ("country:is:DE",),
    ("version:gte:1.1", "prop.success:not:false"),
    ("country:is:XY",),
)


def share(rows: list[Any], number: dict[str, str]) -> Decimal | None:
    declared = bool if number["property"] == "dictionary_used" else str
    keys = [key_of(row, f"prop.{number['property']}", declared) for row in rows]
    valued = [key for key in keys if key is not None]
    hits = sum(key == number.get("value", "true") for key in valued)
    return rounded(Decimal(100 * hits) / len(valued), 1) if valued else None


def expected(
    facts: Facts, span: Span, number: dict[str, str], group_by: str, filter: tuple[str, ...]
) -> tuple[Any, list[Any]]:
    """The amount, and those of the buckets."""
    if number["measure"] != "share":
        question = Exploration(
            measure=number["measure"],
            event=number["event"],
            property=number.get("property"),
            interval=group_by,
            filter=filter,
        )
        answer = explore(facts, ZONES["desktop"], span, question)
        return answer["total"], [row["value"] for row in answer["rows"]]
    rows = [
        row
        for row in facts.named(number["event"], span)
        if all(matches(row, condition) for condition in filter)
    ]
    buckets = dict.fromkeys(bucket_of(day, group_by) for day in span)
    by_bucket = [[row for row in rows if bucket_of(row.day, group_by) == at] for at in buckets]
    return share(rows, number), [share(inside, number) for inside in by_bucket]


def close(wanted: Any, got: Any, percent: int) -> bool:
    if wanted is None or got is None:
        return wanted is got
    return bool(abs(float(wanted) - got) <= abs(float(wanted)) * percent / 100 + 1e-9)


def test_each_key_number_is_what_a_brute_force_reading_counts(app: Flask) -> None:
    server = prepare(app)
    sent = send(server, "desktop", 5)
    facts = Facts(sent.events, sent.crashes, ZONES["desktop"], TESTERS)
    client, today = server.test_client(), day_of(NOW, ZONES["desktop"])
    for place, number in enumerate(NUMBERS):
        body = {"name": str(place), **number}
        made = client.post("/key-numbers?app=desktop", json=body, headers=AUTH)
        assert made.status_code == 200, made.json
    computed = set()
    for filter in FILTERS:
        for days, group_by in ((7, "day"), (90, "week"), (90, "month")):
            query = {"app": "desktop", "period": f"{days}d", "group_by": group_by, "filter": filter}
            answer = client.get("/stats/key_numbers", query_string=query, headers=AUTH).get_json()
            for number, got in zip(NUMBERS, answer["key_numbers"], strict=True):
                wanted = expected(facts, last_days(days, today), number, group_by, filter)
                computed.add((number["measure"], got["computed"]))
                off = 2 if number["measure"] in ("median", "p95") else 0
                amounts = [day["amount"] for day in got["days"]]
                assert close(wanted[0], got["amount"], off), (query, number, wanted[0], got)
                assert len(wanted[1]) == len(amounts)
                for left, right in zip(wanted[1], amounts, strict=True):
                    assert close(left, right, off), (query, number, wanted[1], amounts)
    both_ways = {number["measure"] for number in NUMBERS} - {"people"}
    assert {(measure, way) for measure in both_ways for way in ("rollups", "events")} <= computed


def test_the_first_kept_stands_first(app: Flask) -> None:
    client = prepare(app).test_client()
    for number in NUMBERS[:3]:
        body = {"name": number["measure"], **number}
        client.post("/key-numbers?app=desktop", json=body, headers=AUTH)
    answer = client.get("/stats?app=desktop&include=key_numbers", headers=AUTH).get_json()
    assert [number["name"] for number in answer["key_numbers"]] == ["events", "people", "sum"]
    assert [number["amount"] for number in answer["key_numbers"]] == [0, 0, pytest.approx(0)]
