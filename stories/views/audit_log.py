"""GET /audit: who changed, exported, erased, shared or logged in, latest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from flask import Blueprint, Response

from database import Row
from stories.accounts.audit import AuditLog
from stories.reports import export
from stories.web import parameters
from stories.web.answers import answer, iso
from stories.web.services import now, services

blueprint = Blueprint("audit", __name__)

COLUMNS = ("at", "actor", "action", "subject", "app")
BATCH = 1000
MOST = 100_000  # rows of a file: a busy year's


@blueprint.get("/audit")
def show_log() -> Response:
    """JSON: a page by `limit` and `cursor`. CSV: all that is kept."""
    parameters.known("format", "limit", "cursor")
    if parameters.one_of("format", ("json", "csv"), "json") == "csv":
        name = f"audit-log-{now().date()}.csv"
        return Response(
            export.pieces(_rows(services().accounts.log), "csv"),
            content_type=export.MEDIA["csv"],
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            },
        )
    limit = parameters.integer("limit", 100, 1, 1000)
    after = parameters.cursor((int,)) or [None]
    rows = services().accounts.log.page(after[0], limit + 1)
    page, following = parameters.paged(rows, limit, ("entry_id",))
    return answer(
        {"success": True, "entries": [_shown(row) for row in page], "next_cursor": following}
    )


def _rows(log: AuditLog) -> Iterator[tuple[Any, ...]]:
    """Column names, then entries, a batch at a time: nothing is held while a reader is slow."""
    yield COLUMNS
    before, left = None, MOST
    while left > 0:
        rows = log.page(before, min(BATCH, left))
        for row in rows:
            yield tuple(_shown(row).values())
        if len(rows) < BATCH:
            return
        before, left = rows[-1]["entry_id"], left - len(rows)


def _shown(row: Row) -> Row:
    return {**{name: row[name] for name in COLUMNS}, "at": iso(row["at"].astimezone(UTC))}
