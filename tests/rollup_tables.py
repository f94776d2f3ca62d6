"""What the tests of the fold share: rows straight into the append, small traffic through the
intake, and the rollups as plain values."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask

from database import Database, Inline
from models import CrashRow, EventRow
from stories.catalogue import App
from stories.rollups import fold, recount
from stories.web.services import Services
from tools.traffic import Parameters, Trouble, desktop_crashes, desktop_events, troubled

_keys = itertools.count(1)

# Kept for good, whatever happens to people.
WITHOUT_PEOPLE = (
    "daily_events",
    "daily_values",
    "daily_numbers",
    "daily_crashes",
    "daily_sessions",
    "active_gaps",
    "lifetimes",
    "cohort_weeks",
    "people_now",
)
ROLLUPS = tuple(rollup.name for rollup in recount.ROLLUPS)
AMOUNT = {rollup.name: rollup.amount for rollup in recount.ROLLUPS if rollup.amount}
# A facet's number differs from app to app; these are the tables that have one with what it stands for.
NAMED = {
    "active_gaps": "(select app_id, kind, day, gap, people, dim, value "
    "from active_gaps left join facets using (app_id, facet))",
    "people_now": "(select app_id, last_day, country, auto_paste, departed, people, dim, value "
    "from people_now left join facets using (app_id, facet))",
}
# Views of what is counted by series.
HELD_IN = {rollup.name: rollup.series for rollup in recount.ROLLUPS if rollup.series}
ALL = (*ROLLUPS, "kept_values", "label_names", "sealed_days", "set_aside", "outbox")


def person(number: int) -> UUID:
    return UUID(int=number + 1, version=4)


def event_row(user: UUID, when: datetime, event: str = "app_opened", app_id: int = 1, **more: Any):
    columns: dict[str, Any] = {
        "app_id": app_id,
        "user_id": user,
        "timestamp": when,
        "dedupe_key": next(_keys),
        "event": event,
        "app_version": None,
        "platform": None,
        "country": None,
        "session_id": None,
        "properties": None,
    }
    return EventRow(**{**columns, **more})


def crash_row(user: UUID, when: datetime, app_id: int = 1, **more: Any):
    columns: dict[str, Any] = {
        "app_id": app_id,
        "user_id": user,
        "timestamp": when,
        "dedupe_key": next(_keys),
        "crash_type": "main_crash",
        "app_version": "1.0",
        "os_version": "darwin",
        "session_id": None,
        "error_message": "gone",
        "stack_trace": None,
        "context": None,
    }
    return CrashRow(**{**columns, **more})


def fold_all(services: Services) -> int:
    return fold.fold(services.database, services.apps, services.key)


def fold_until_empty(services: Services) -> int:
    """Fold until nothing waits: the server may still be busy with a statement of a folder that was
    killed, and holds its lock until then."""
    folded, deadline = 0, time.monotonic() + 60
    while True:
        folded += fold.fold(services.database, services.apps, services.key)
        with services.database.transaction() as tx:
            if not fold.pending(tx):
                return folded
        assert time.monotonic() < deadline, "the outbox does not empty"
        time.sleep(0.05)


def new_app(services: Services, slug: str, timezone: str = "UTC", days: int | None = None) -> App:
    """An app of its own for an example, so that nothing needs to be emptied in between."""
    with services.database.transaction() as tx:
        tx.run(
            Inline(
                "/* test */ insert into apps (slug, kind, name, timezone, retention_days, ingest_key) "
                "values (%(slug)s, 'desktop', 'Test', %(zone)s, %(days)s, %(slug)s)"
            ),
            slug=slug,
            zone=timezone,
            days=days,
        )
    services.apps.forget()
    app = services.apps.by_slug(slug)
    assert app is not None
    return app


def set_app(services: Services, slug: str, **columns: Any) -> None:
    with services.database.transaction() as tx:
        for name, value in columns.items():
            tx.run(
                Inline(f"/* test */ update apps set {name} = %(value)s where slug = %(slug)s"),
                value=value,
                slug=slug,
            )
    services.apps.forget()


def send(
    app: Flask,
    now: datetime,
    seed: int = 1,
    people: int = 25,
    days: int = 50,
    events: int = 700,
    key: str | None = None,
    **trouble: Any,
) -> int:
    """Troubled traffic through /track and /crash, folded now and then; the same seed sends the same
    to any app. Returns how many events were stored."""
    client, services = app.test_client(), app.extensions["stories"]
    headers = {"X-App-Key": key} if key else {}
    parameters = Parameters(now, people=people, days=days, events=events, seed=seed)
    sent = list(desktop_events(parameters))
    stored = 0
    for number, request in enumerate(troubled(sent, Trouble(seed=seed, batch=120, **trouble))):
        body = client.post("/track", json={"events": request}, headers=headers).get_json()
        assert body["success"], body
        stored += body["events_stored"]
        if number % 5 == 2:
            fold_all(services)
    rng = random.Random(seed)
    crashes = list(desktop_crashes(parameters)) + [
        {
            "user_id": item["user_id"],
            "timestamp": item["timestamp"],
            "crash_type": "main_crash",
            "app_version": item["app_version"],
            "error_message": "again",
        }
        for item in rng.sample(sent, 15)
    ]
    for crash in crashes:
        assert client.post("/crash", json=crash, headers=headers).status_code == 200
    return stored


def values(database: Database, statement: str, **params: Any) -> list[tuple[Any, ...]]:
    with database.transaction() as tx, tx.connection.cursor() as cursor:
        cursor.execute(f"/* test */ {statement}", params)
        return list(cursor)


def value(database: Database, statement: str, **params: Any) -> Any:
    rows = values(database, statement, **params)
    return rows[0][0] if rows else None


def run(database: Database, statement: str, **params: Any) -> int:
    with database.transaction() as tx:
        return tx.run(Inline(f"/* test */ {statement}"), **params)


def dump(database: Database, tables: Iterable[str] = ALL) -> dict[str, list[str]]:
    """The rows of tables as text, sorted: equal when not one digit has changed. Rows of 0 people or
    sessions mean nothing and are left out."""
    texts = {}
    for table in tables:
        where = f"where {AMOUNT[table]} <> 0" if table in AMOUNT else ""
        rows = values(database, f"select {table}::text from {table} {where}")
        texts[table] = sorted(text for (text,) in rows)
    return texts


def sums(database: Database) -> dict[str, list[str]]:
    """Rollups without people as answers see them: over departed, without rows of 0."""
    texts = dump(database, ("daily_events", "daily_values", "daily_numbers", "daily_crashes"))
    for table, keys, amount in (
        ("daily_sessions", "app_id, day", "sessions"),
        ("active_gaps", "app_id, facet, kind, day, gap", "people"),
        ("lifetimes", "app_id, first_day, last_day", "people"),
        ("cohort_weeks", "app_id, first_week, week", "people"),
        ("people_now", "app_id, facet, last_day, country, auto_paste", "people"),
    ):
        rows = values(
            database,
            f"select {keys}, sum({amount}) from {table} group by {keys} having sum({amount}) <> 0",
        )
        texts[table] = sorted(map(str, rows))
    return texts


def check(services: Services) -> dict[str, Any]:
    return recount.check(services.database, services.apps)


def differences(services: Services) -> dict[str, int]:
    """What a recount has otherwise: {} when the rollups are right."""
    report = check(services)
    return {table: number for table, number in report["differences"].items() if number}


def midday(now: datetime, days_ago: int) -> datetime:
    return now.astimezone(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(
        days=days_ago
    )


def every_range(days: Iterable[int]) -> Iterator[tuple[int, int]]:
    distinct = sorted(set(days))
    if not distinct:
        return
    edges = range(distinct[0] - 1, distinct[-1] + 2)
    for first in edges:
        for last in edges:
            if first <= last:
                yield first, last
