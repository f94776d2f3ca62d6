"""Events to compress, and what tests of that look at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from models import EventRow
from stories.storage import compression
from tests.clock import NOW
from tests.rollup_tables import person, values

OLDEST = 75  # days before NOW: three months, and a change of the clocks
UUIDS = ("0b5f8e6e-6a4f-4d52-9d2c-7b9f0d0f1a11", "0b5f8e6e-6a4f-4d52-9d2c-7b9f0d0f1a12")
SESSIONS = (None, None, *UUIDS, "one", UUIDS[0].upper(), "its own", "its own text")
SESSION_MINUTES = 180  # an id of its own is used as long


def row(app_id: int, number: int, who: int, minutes: int, what: int) -> EventRow:
    """One of the events of two apps that have the same ones; `number` tells them apart."""
    properties: Any = (None, {"success": False}, {"name": "x" * (what * 7), "_": [what]})[what % 3]
    return EventRow(
        app_id=app_id,
        user_id=person(who),
        timestamp=NOW - timedelta(days=OLDEST) + timedelta(minutes=minutes),
        dedupe_key=number * 100 + app_id,
        event=("app_opened", "recording_completed", "error_handled", "transcription_completed")[
            what % 4
        ],
        app_version=(None, "1.0", "1.1")[what % 3],
        platform=("darwin", None)[what % 2],
        country=(None, "DE")[what % 2],
        session_id=session_id(what, minutes),
        properties=properties,
        channel=(None, None, "debug", "beta")[what % 4],
    )


def session_id(what: int, minutes: int) -> str | None:
    """Some ids come again for weeks, as no id does; the others are of some hours."""
    session, turn = SESSIONS[what % len(SESSIONS)], minutes // SESSION_MINUTES
    if session == "its own":
        return str(UUID(int=turn, version=4))
    return f"turn {turn}" if session == "its own text" else session


def pack(services, app, days: int = 8) -> None:
    done = compression.Compressed()
    compression.compress_app(services.database, app, NOW, days, done)
    compression.leave_sessions(services.database, done)


def sessions(services, app, who: int) -> list[Any]:
    """A person's sessions as a copy of them has them."""
    with services.database.transaction(read_only=True) as tx:
        rows = tx.rows("privacy/sessions", user_id=person(who), app_id=app.app_id)
    return sorted((tuple(row.values())[1:] for row in rows), key=str)


def counted_sessions(services, app) -> list[Any]:
    return [
        values(
            services.database,
            f"select day, sessions, seconds from {table} where app_id = %(app_id)s and sessions <> 0 "
            "order by day",
            app_id=app.app_id,
        )
        for table in ("daily_sessions", "departed_daily_sessions")
    ]
