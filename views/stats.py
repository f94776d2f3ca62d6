"""GET /stats, straight from the tables until the fold stands behind it."""

from __future__ import annotations

from flask import Blueprint, Response

from web.answers import answer
from web.services import now, services

blueprint = Blueprint("stats", __name__)


@blueprint.get("/stats")
def stats() -> Response:
    with services().database.transaction(read_only=True) as tx:
        summary = tx.row("stats.summary", now=now())
    return answer({"success": True, "period": "30d", "summary": summary})
