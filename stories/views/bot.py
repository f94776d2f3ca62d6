"""GET /api/analytics/stats, /users and /users/{client_id}/events of a bot
(docs/COMPATIBILITY.md)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response

from database import Row
from stories.privacy.ids import person_id
from stories.reports import bot
from stories.reports.people import latest as latest_people
from stories.web import parameters
from stories.web.answers import answer, iso
from stories.web.asking import asking
from stories.web.filters import NARROWED, narrowed
from stories.web.services import now, services

blueprint = Blueprint("bot_reports", __name__)


@blueprint.get("/api/analytics/stats")
def show_stats() -> Response:
    parameters.known("app", *NARROWED)
    app = parameters.app_of_kind("bot")
    filter = narrowed(app)
    with asking() if filter else services().reading() as tx:
        return answer(bot.stats(tx, app, now(), filter))


@blueprint.get("/api/analytics/users")
def list_people() -> Response:
    parameters.known("app", "limit", "cursor")
    app, limit = parameters.app_of_kind("bot"), parameters.integer("limit", 100, 1, 1000)
    after = parameters.cursor((datetime, UUID))
    with services().reading() as tx:
        rows = latest_people(tx, app, limit + 1, after, with_events=True)
    page, next_cursor = parameters.paged(rows, limit, ("last_active", "user_id"))
    return answer({"users": [_person_row(row) for row in page], "next_cursor": next_cursor})


@blueprint.get("/api/analytics/users/<path:client_id>/events")
def show_conversation(client_id: str) -> Response:
    parameters.known("app", "limit", "cursor")
    app, limit = parameters.app_of_kind("bot"), parameters.integer("limit", 100, 1, 1000)
    after = parameters.cursor((datetime, int))
    person = person_id(app, client_id, services().key.digest())
    with services().reading() as tx:
        rows = bot.conversation(tx, app, person, limit + 1, after)
    page, next_cursor = parameters.paged(rows, limit, ("created_at", "dedupe_key"))
    return answer(
        {
            "client_id": client_id,
            "events": [_event_row(row) for row in page],
            "next_cursor": next_cursor,
        }
    )


def _person_row(row: Row) -> dict[str, Any]:
    counts = row["counts"]
    return {
        "client_id": row["external_id"],
        "first_seen": iso(row["first_seen"].astimezone(UTC)),
        "last_seen": iso(row["last_seen"].astimezone(UTC)),
        "events": row["events"],
        "messages": sum(counts.get(name, 0) for name in bot.MESSAGES),
        "images": counts.get("image_generated", 0),
    }


def _event_row(row: Row) -> Row:
    del row["dedupe_key"]
    return {**row, "created_at": iso(row["created_at"].astimezone(UTC))}
