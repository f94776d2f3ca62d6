"""Sessions of Sentry's SDKs: an app's own start and how it ended, sent several times as it goes on, or
added up by a server. Only the numbers are kept: no person, no address, no environment.

What is stored once: a session by its `sid`, whichever of its states comes first and however often, and
of what a server has added up each item by its content and the time at which its envelope says that it
was sent. Electron's SDK sends a session again out of its queue on disk; the others send each once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct, UnsetType

import models
from models import Refusal
from stories.catalogue import App
from stories.intake.adapters import reading
from stories.intake.adapters.reading import listed, mapping, text
from stories.intake.adapters.sentry_errors import release_version
from stories.privacy import ids, labels

# What is taken of a session, of its `attrs`, and of each of `aggregates`: docs/PRIVACY_TELEMETRY.md.
SESSION_FIELDS = ("sid", "started", "status", "errors", "attrs.release")
ENDS = ("exited", "errored", "unhandled", "abnormal", "crashed")
AGGREGATE_FIELDS = ("started", *ENDS, "attrs.release")
# Looked at and not kept: `did`, whether it is a tester's, and `attrs.environment`, whether it is left
# out.
# Status -> its rank: of all that come of a session the highest counts.
RANKS = {"ok": 0, "exited": 1, "errored": 2, "unhandled": 3, "abnormal": 4, "crashed": 5}
ERRORED = RANKS["errored"]
STARTED_DAYS = 28  # two less than sessions are held: none that is gone can come again
MOST_ITEMS = 1_000  # of one item that a server has added up
MOST_SESSIONS = 1_000_000  # of one status in one of them


class SessionUpdate(Struct):
    """A row for storage/append_sessions. timestamp: when it started. status: of RANKS. sessions: how
    many alike it stands for. person: testers' sessions are left out; it is not stored."""

    app_id: int
    sid: UUID
    timestamp: datetime
    app_version: str | None
    status: int
    sessions: int = 1
    person: UUID | UnsetType = UNSET
    position: int = 0


def read_session(
    payload: dict[str, Any], app: App, moment: datetime, person_key: bytes
) -> SessionUpdate:
    """An item `session`. Raises Refusal."""
    attrs = mapping(payload.get("attrs"))
    sid, status = text(payload.get("sid"), 100), RANKS.get(text(payload.get("status")) or "ok")
    if sid is None:
        raise Refusal("invalid_sid", "sid must be text")
    if status is None:
        raise Refusal("invalid_status", f"status must be one of {', '.join(RANKS)}")
    if _count(payload.get("errors")) > 0:
        status = max(status, ERRORED)
    started = _started(payload.get("started"), app, moment)
    did = text(payload.get("did"))
    return SessionUpdate(
        app_id=app.app_id,
        sid=ids.as_uuid(sid) or ids.keyed_uuid(app, f"sid\0{sid}", person_key),
        timestamp=started,
        app_version=_version(attrs),
        status=status,
        person=ids.person_id(app, did, person_key) if did else UNSET,
    )


def read_aggregates(
    payload: dict[str, Any], app: App, moment: datetime, person_key: bytes, sent_at: str = ""
) -> list[SessionUpdate]:
    """An item `sessions`: how many of a minute, or of an hour, ended how, one update for each status.
    sent_at: of the envelope's header; without it two servers that have counted the same count once.
    Raises Refusal where nothing of it can be read."""
    attrs = mapping(payload.get("attrs"))
    version = _version(attrs)
    updates: list[SessionUpdate] = []
    refusal = Refusal("invalid_aggregates", "aggregates must be a list of objects with `started`")
    for item in map(mapping, listed(payload.get("aggregates"))[:MOST_ITEMS]):
        try:
            started = _started(item.get("started"), app, moment)
        except Refusal as why:
            refusal = why
            continue
        content = msgspec.json.encode([sent_at[:100], attrs, item], order="sorted").decode()
        did = text(item.get("did"))
        for name in ENDS:
            if number := _count(item.get(name)):
                updates.append(
                    SessionUpdate(
                        app_id=app.app_id,
                        sid=ids.keyed_uuid(app, f"sessions\0{name}\0{content}", person_key),
                        timestamp=started,
                        app_version=version,
                        status=RANKS[name],
                        sessions=number,
                        person=ids.person_id(app, did, person_key) if did else UNSET,
                    )
                )
    if not updates:
        raise refusal
    return updates


def _started(sent: Any, app: App, moment: datetime) -> datetime:
    when = reading.time(sent)
    if when is None:
        raise Refusal("invalid_started", "started must be an ISO 8601 time")
    when = models.moment(when, app, moment)
    if when < moment - timedelta(days=STARTED_DAYS):
        raise Refusal("session_too_old", f"started must be in the last {STARTED_DAYS} days")
    return when


def _version(attrs: dict[str, Any]) -> str | None:
    """Of a release such as app@1.2.3."""
    sent = release_version(attrs.get("release"))
    return labels.version(sent) or (labels.OTHER if sent else None)


def _count(sent: Any) -> int:
    if isinstance(sent, bool) or not isinstance(sent, int | float) or not sent > 0:
        return 0
    return int(min(sent, MOST_SESSIONS))
