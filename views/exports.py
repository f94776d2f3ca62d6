"""GET /api/export: an app's events, crashes or daily counts as JSON, NDJSON or CSV, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Blueprint, Response

import export
from catalogue import App
from database import Database
from reports.periods import Days
from web import params
from web.services import now, services

blueprint = Blueprint("exports", __name__)


@blueprint.get("/api/export")
def exported() -> Response:
    """Default: the default website's events of 30 days, as specs/3 has it."""
    params.known("format", "days", "app", "what")
    app = params.app() or params.app_of_kind("website")
    form = params.one_of("format", tuple(export.MEDIA), "json") or "json"
    what = params.one_of("what", export.WHAT, "events") or "events"
    days = Days.latest(app, params.integer("days", 30, 1, 3650), now())
    services().freshen()
    rows = _rows(services().database, what, app, days.start)
    first = next(rows)  # the query has run: what fails from here on cuts the answer short
    name = f"{app.slug}-{what}-{days.last}.{form}"
    return Response(
        export.pieces(_after(first, rows), form),
        mimetype=None,
        content_type=export.MEDIA[form],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _rows(database: Database, what: str, app: App, since: datetime) -> Iterator[tuple[Any, ...]]:
    with database.transaction(seconds=None, read_only=True) as tx:
        yield from tx.stream(f"export.{what}", app_id=app.app_id, since=since)


def _after(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest
