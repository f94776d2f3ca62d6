"""Every number by name: as METRICS.md has it by brute force, over the days and of each day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from stories.reports.numbers import NUMBERS
from stories.rollups import fold
from stories.web.services import Services
from tests.clock import NOW
from tests.oracle import stats
from tests.oracle.conditions import can_match_crashes
from tests.reports.test_filters_recount import channel_of
from tests.stats_traffic import TESTERS, ZONES, Sent, prepare, send
from tests.support import basic

AUTH = basic("admin", "admin")
# Name -> where /stats, and so the recount, has it; a column of daily_stats of a single bucket.
PLACES = {
    "active_users": "daily_stats.active_users",
    "events": "daily_stats.events",
    "crashed_users": "daily_stats.crashed_users",
    "new_users": "summary.new_users",
    "avg_session_seconds": "usage.avg_session_seconds",
    "crash_count": "summary.crash_count",
    "crash_free_rate": "summary.crash_free_rate",
    "crash_rate": "summary.crash_rate",
    "avg_startup_seconds": "quality.avg_startup_seconds",
    "recordings": "summary.total_recordings",
    "recordings_per_user": "usage.recordings_per_user",
    "transcriptions": "summary.transcription_completed_count",
    "transcriptions_failed": "summary.transcription_failed_count",
    "success_rate": "summary.success_rate",
    "hours_transcribed": "summary.total_hours_transcribed",
    "processing_time_p50": "quality.processing_time_seconds.p50",
    "processing_time_p95": "quality.processing_time_seconds.p95",
    "dictionary_rate": "adoption.dictionary_rate",
    "retry_rate": "adoption.retry_rate",
    "cost_usd": "summary.total_cost_usd",
}
PERCENT = ("crash_free_rate", "success_rate", "dictionary_rate", "retry_rate")
SESSIONS = "sessions"  # of the samples of avg_session_seconds
FILTERS: tuple[list[str], ...] = (
    [],
    ["version:is:1.1.0"],
    ["platform_family:is:macOS", "version:gte:1.0"],
    ["country:is:US"],
    ["prop.success:not:false"],
)


@pytest.fixture(scope="module")
def traffic(lasting_app: Flask) -> tuple[Any, Sent]:
    prepare(lasting_app)
    sent = send(lasting_app, "desktop", 31, channel_of)
    services: Services = lasting_app.extensions["stories"]
    fold.fold(services.database, services.apps, services.key)
    return lasting_app.test_client(), sent


def ask(client: Any, path: str, **query: Any) -> Any:
    answer = client.get(path, query_string={"app": "desktop", **query}, headers=AUTH)
    assert answer.status_code == 200, answer.json
    return answer.json


def recounted(sent: Sent, filter: list[str], first: date, last: date) -> dict[str, Any]:
    """As one bucket: a month holds neither more nor less than the days asked."""
    assert (first.year, first.month) == (last.year, last.month) or first == last
    return stats(
        sent.events,
        sent.crashes,
        now=NOW,
        zone=ZONES["desktop"],
        testers=TESTERS,
        group_by="month",
        filter=filter,
        start=first,
        end=last,
    )


def is_near(name: str, value: Any, wanted: Any) -> bool:
    """The recount is exact; a percentage has one decimal, another number three at least. Percentiles of
    the rollups are within 2 %."""
    if value is None or wanted is None:
        return value is wanted
    places = 0.051 if name in PERCENT else 0.0051 if name == "hours_transcribed" else 0.00051
    loose = 0.02 * float(wanted) if name.startswith("processing_time") else 0
    return bool(abs(value - float(wanted)) <= max(places, loose))


def at(answer: Any, place: str) -> Any:
    for name in place.split("."):
        answer = (answer[0] if isinstance(answer, list) else answer)[name]
    return answer


@pytest.mark.parametrize("filter", FILTERS, ids=" ".join)
def test_a_number_is_a_recount_over_the_days_and_of_each_day(traffic, filter):
    client, sent = traffic
    first, last = date(2026, 11, 1), date(2026, 11, 7)
    spans = [(first, last), *((day, day) for day in days(first, last))]
    recounts = [recounted(sent, filter, *span) for span in spans]
    of_crashes = {name for name in PLACES if "crash" in name}
    crashless = set() if can_match_crashes(filter) else of_crashes
    told = 0
    for name, place in PLACES.items():
        query = {"from": first, "to": last, "filter": filter}
        if name in crashless:
            answer = client.get(
                f"/numbers/{name}", query_string={"app": "desktop", **query}, headers=AUTH
            )
            assert answer.status_code == 400, name
            continue
        answer = ask(client, f"/numbers/{name}", **query)
        values = [answer["value"], *(row["value"] for row in answer["days"])]
        wanted = [at(recount, place) for recount in recounts]
        assert all(is_near(name, *pair) for pair in zip(values, wanted, strict=True)), (
            name,
            values,
            wanted,
        )
        assert [row["date"] for row in answer["days"]] == [str(day) for day in days(first, last)]
        assert answer["computed"] == ("rollups" if not filter else answer["computed"])
        told += answer["value"] not in (0, None)
    assert told >= 10


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def test_every_built_in_number_has_its_recount_and_its_place_in_stats(traffic):
    client, _ = traffic
    assert {number.name for number in NUMBERS} == {*PLACES, SESSIONS}
    families = "usage,quality,adoption"
    whole = ask(client, "/stats", period="30d", include=families)
    for name, place in PLACES.items():
        if not place.startswith("daily_stats"):
            assert ask(client, f"/numbers/{name}", period="30d")["value"] == at(whole, place), name
    sessions = ask(client, "/numbers/sessions", period="30d")
    assert sessions["value"] == whole["samples"]["usage.avg_session_seconds"] > 0
    assert sum(row["value"] for row in sessions["days"]) == sessions["value"]


def test_a_long_range_from_the_events_is_the_same_as_from_the_rollups(traffic):
    """More days than are read from the events at once."""
    client, _ = traffic
    for name in (
        "crash_free_rate",
        "active_users",
        "new_users",
        "events",
        "sessions",
        "retry_rate",
    ):
        rolled_up = ask(client, f"/numbers/{name}", period="90d")
        by_events = ask(client, f"/numbers/{name}", period="90d", filter="channel:not:debug")
        assert (rolled_up["computed"], by_events["computed"]) == ("rollups", "events")
        assert by_events["value"] == rolled_up["value"], name
        assert by_events["days"] == rolled_up["days"], name
        assert len(rolled_up["days"]) == 90


def test_key_numbers_are_among_them_with_what_they_are(traffic):
    client, _ = traffic
    number = {"name": "Dictionary", "measure": "share", "event": "transcription_completed",
              "property": "dictionary_used", "value": "true"}  # fmt: skip
    made = client.post("/key-numbers?app=desktop", json=number, headers=AUTH).json["key_number"]
    listed = ask(client, "/numbers")["numbers"]
    assert listed[-1] == {
        "name": f"key:{made['id']}",
        "title": "Dictionary",
        "unit": "percent",
        "better": None,
        "is_rolled_up": True,
        "key_number_id": made["id"],
    }
    by_name = {each["name"]: each for each in listed}
    assert (by_name["crash_free_rate"]["better"], by_name["crash_count"]["better"]) == (
        "more",
        "less",
    )
    for filter in ([], ["country:is:DE"]):
        answer = ask(client, f"/numbers/key:{made['id']}", period="7d", filter=filter)
        [own] = ask(client, "/stats/key_numbers", period="7d", filter=filter)["key_numbers"]
        assert (answer["value"], answer["computed"]) == (own["amount"], own["computed"])
        assert [row["value"] for row in answer["days"]] == [row["amount"] for row in own["days"]]


def test_what_is_no_number_of_the_app_is_refused(traffic):
    client, _ = traffic
    for name in ("key:77", "nothing", "summary.crash_free_rate"):
        assert client.get(f"/numbers/{name}?app=desktop", headers=AUTH).status_code == 404
    query = "app=desktop&from=2024-01-01&to=2026-11-01"
    assert client.get(f"/numbers/events?{query}", headers=AUTH).status_code == 400
    names = {
        each["name"] for each in client.get("/numbers?app=website", headers=AUTH).json["numbers"]
    }
    assert "active_users" in names
    assert "recordings" not in names
