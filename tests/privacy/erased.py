"""Somebody to erase, and what is left of them anywhere in the database."""

from __future__ import annotations

import uuid
from datetime import timedelta

from tests.rollup_tables import (
    crash_row,
    event_row,
    midday,
    person,
    value,
    values,
)

AUTH = ("admin", "admin")
GONE, OTHER = uuid.UUID("f0e1d2c3-b4a5-4697-8877-665544332211"), person(5)


def tables(database):
    return [
        name
        for (name,) in values(
            database,
            "select relname::text from pg_class where relnamespace = 'public'::regnamespace "
            "and relkind in ('r', 'p') and not relispartition order by 1",
        )
    ]


def traces(database, *texts):
    """Tables with a row that has one of the texts anywhere in it."""
    return [
        table
        for table in tables(database)
        for text in texts
        if value(
            database,
            f"select exists (select from {table} as held where held::text ilike %(like)s)",
            like=f"%{text}%",
        )
    ]


def fill(services, now, user=GONE, app_id=1):
    for days in (40, 12, 3, 0):
        when = midday(now, days) - timedelta(days=1)
        services.events.append(
            [
                event_row(
                    user, when, app_id=app_id, session_id="s", country="DE", app_version="1.2"
                ),
                event_row(
                    user,
                    when + timedelta(minutes=9),
                    "feature_toggled",
                    app_id=app_id,
                    properties={"feature": "auto_paste", "enabled": True},
                ),
            ]
        )
        services.crashes.append([crash_row(user, when, app_id=app_id)])


def others(database):
    return {
        table: values(
            database,
            f"select {table}::text from {table} where user_id <> %(gone)s order by 1",
            gone=GONE,
        )
        for table in ("users", "person_days", "sessions", "events", "crashes")
    }
