"""Every answer that reads events is the same, to the last digit, before they are packed and after."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from stories.reports import windows
from stories.storage import compression
from tests.rollup_tables import fold_all, send, value, values
from tests.support import whole_database

AUTH = ("admin", "admin")
BROWSER = {"Origin": "https://example.com", "User-Agent": "Mozilla/5.0 (X11) Firefox/130.0"}
OLD = "from=2026-09-25&to=2026-11-10"
FILTERS = (
    "filter=version:set&filter=event:not:app_opened",
    "filter=prop.success:is:true",
    "filter=channel:is:debug",
    "filter=source:in:widget,main",
)
DESKTOP = (
    "/events?limit=1000",
    "/events?limit=1000&" + FILTERS[0],
    "/events?limit=40&start_date=2026-10-01&end_date=2026-10-20",
    "/events?page=7&per_page=20",
    "/events?page=2&per_page=15&event_type=app_opened&days=60",
    "/dashboard/api/search?search=darwin&limit=300",
    "/dashboard/api/search?search=nothing-holds-this&limit=10",
    "/api/export?format=ndjson&days=80",
    "/api/export?format=csv&days=80&filter=version:set",
    "/apps/desktop/properties",
    "/dashboard/api/values?field=version",
    "/dashboard/api/values?field=channel",
    "/dashboard/api/values?field=prop.error_type",
    "/users?days=60",
    "/live",
    *(f"/stats?{OLD}&{each}" for each in FILTERS),
    f"/stats/hours?date=2026-10-20&{FILTERS[0]}",
    f"/stats/hours?date=2026-10-12&{FILTERS[1]}",
    *(
        f"/explore?{OLD}&{each}"
        for each in (
            "event=recording_completed&by=prop.source&measure=people",
            "event=transcription_completed&measure=p95&property=processing_time_seconds",
            f"measure=sessions&{FILTERS[0]}",
            f"by=country&{FILTERS[1]}",
        )
    ),
    f"/funnels?steps=app_opened,recording_started,recording_completed&{OLD}",
    f"/funnels?steps=app_opened,transcription_completed&{OLD}&by=platform_family",
    f"/retention?interval=week&{OLD}&{FILTERS[0]}",
    f"/retention?interval=day&return=recording_completed&{OLD}",
    f"/releases?{OLD}&{FILTERS[0]}",
    "/releases/1.0.1?compare=1.0.0",
    f"/dashboard/api/stats?{OLD}&{FILTERS[1]}",
    "/experiments?property=error_type",
    f"/experiments/transcription_failed?goal=recording_completed&property=error_type&{OLD}",
)
WEBSITE = (
    "/api/metrics?days=60",
    "/api/metrics?days=60&filter=prop.path:is:/pricing",
    f"/dashboard/api/stats?{OLD}&filter=prop.path:is:/pricing",
    f"/dashboard/api/stats?{OLD}",
    f"/funnels?steps=/,/pricing&{OLD}",
    "/events?limit=1000",
)
BOT = (
    "/api/analytics/users/asker-1/events",
    "/api/analytics/stats",
    "/events?limit=1000",
    f"/dashboard/api/stats?{OLD}&filter=event:is:user_message",
)


@pytest.fixture
def dsn(fresh_dsn):
    return fresh_dsn


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(compression, "CHUNK", 16)
    monkeypatch.setattr(compression, "SLICE", 48)
    monkeypatch.setattr(compression, "LEAST", 1)
    monkeypatch.setattr(windows, "CHUNKS", 3)


@pytest.fixture
def traffic(app, client, services, now):
    send(app, now, people=25, days=70, events=900, late_days=40.0, late=0.1)
    for number in range(60):
        when = now - timedelta(days=9 + number % 55, minutes=number)
        pages = [
            {
                "sessionId": f"visit-{number}",
                "type": "pageview",
                "path": path,
                "timestamp": (when + timedelta(seconds=20 * place)).isoformat(),
                "utmSource": ("news", "mail")[number % 2],
            }
            for place, path in enumerate(("/", "/pricing", "/demo")[: 1 + number % 3])
        ]
        assert client.post("/api/track", json=pages, headers=BROWSER).status_code == 200
    for number in range(40):
        message = {
            "client_id": f"asker-{number % 3}",
            "event_name": "user_message",
            "message": f"message {number}",
            "created_at": (now - timedelta(days=9 + number, minutes=number)).isoformat(),
        }
        answer = client.post("/api/bot/events", json=[message], auth=AUTH)
        assert answer.status_code in (200, 201), answer.text
    fold_all(services)


def answers(client) -> dict[str, Any]:
    given = {}
    for app, paths in (("desktop", DESKTOP), ("website", WEBSITE), ("bot", BOT)):
        for path in paths:
            sign = "&" if "?" in path else "?"
            address = path if "/apps/" in path else f"{path}{sign}app={app}"
            answer = client.get(address, auth=AUTH)
            text = answer.get_data(as_text=True)
            assert answer.status_code == 200, (address, text[:300])
            given[address] = pages(client, address, text) if answer.is_json else [text]
    [(somebody,)] = values_of_somebody(client)
    given["copy"] = client.get(f"/users/{somebody}/export", auth=AUTH).get_data(as_text=True)
    return given


def pages(client, address: str, text: str) -> list[str]:
    """All pages of what goes on by a cursor."""
    texts = [text]
    while cursor := json.loads(text).get("next_cursor"):
        text = client.get(f"{address}&cursor={cursor}", auth=AUTH).get_data(as_text=True)
        texts.append(text)
    return texts


def values_of_somebody(client) -> list[tuple[Any, ...]]:
    return values(
        client.application.extensions["stories"].database,
        "select user_id::text from person_days group by user_id order by count(*) desc, 1 limit 1",
    )


def in_order(rows: list[Any]) -> list[str]:
    return sorted(
        str({name: bytes(v) if isinstance(v, memoryview) else v for name, v in row.items()})
        for row in rows
    )


def note_change(services) -> None:
    """Answers that are kept are of before."""
    with services.database.transaction() as tx:
        tx.run("rollups/mark_changed")


def differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [address for address in before if before[address] != after[address]]


def test_every_answer_is_the_same_when_events_are_compressed(
    traffic, client, services, database, now
):
    before, stored = answers(client), whole_database(database)
    compression.compress(services.database, services.apps, services.key, now, 8)
    rows = value(
        database,
        "select count(*) from events where event <> 'error_handled' and timestamp < %(then)s",
        then=now - timedelta(days=23),  # the last days of a small app wait for their month's end
    )
    packed = value(database, "select count(*) from event_chunks")
    assert rows == 0
    assert packed > 40
    assert value(database, "select count(*) from sessions") < len(stored["sessions"])
    note_change(services)
    assert differing(before, answers(client)) == []

    compression.decompress(services.database)
    again = whole_database(database)
    del stored["audit_log"]  # who asked
    assert {name for name in stored if in_order(stored[name]) != in_order(again[name])} == set()


def test_the_answers_do_read_the_chunks(traffic, client, services, database, now):
    """Else the test above would compare nothing."""
    before = answers(client)
    compression.compress(services.database, services.apps, services.key, now, 8)
    with services.database.transaction() as tx, tx.connection.cursor() as cursor:
        cursor.execute("/* test */ delete from event_chunks")
    note_change(services)
    after = answers(client)
    same = set(before) - set(differing(before, after))
    assert same <= UNCHANGED, same - UNCHANGED


# Rollups alone have what these say, the latest rows, or nothing at all.
UNCHANGED = {
    "/api/analytics/stats?app=bot",
    "/api/metrics?days=60&app=website",
    "/dashboard/api/search?search=nothing-holds-this&limit=10&app=desktop",
    f"/dashboard/api/stats?{OLD}&app=website",
    f"/dashboard/api/stats?{OLD}&filter=event:is:user_message&app=bot",
    "/dashboard/api/values?field=prop.error_type&app=desktop",
    "/dashboard/api/values?field=version&app=desktop",
    "/experiments?property=error_type&app=desktop",
    "/live?app=desktop",
    f"/explore?{OLD}&event=transcription_completed&measure=p95&property=processing_time_seconds"
    "&app=desktop",
    f"/stats?{OLD}&{FILTERS[2]}&app=desktop",
}
