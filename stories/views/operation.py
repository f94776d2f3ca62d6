"""What the operator asks of the server: POST /cleanup and GET /drops."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response

from stories.errors import ApiError
from stories.storage import expiry
from stories.web import parameters
from stories.web.answers import answer
from stories.web.services import now, services

blueprint = Blueprint("operation", __name__)


@blueprint.post("/cleanup")
def clean_up() -> Response:
    database, apps, key = services().database, services().apps, services().key
    try:
        expiry.check_clock(database)
    except expiry.ClockOff as error:
        raise ApiError(503, "clock_off", str(error)) from error
    result = expiry.expire(database, apps, key, now())
    return answer({"success": True, "result": result})


@blueprint.get("/drops")
def list_drops() -> Response:
    """Why events were refused or left out, by day and reason."""
    parameters.known("days", "app")
    app, days = parameters.app(), parameters.integer("days", 30, 1, 3650)
    services().ledger.write()
    with services().database.transaction(read_only=True) as tx:
        drops = tx.rows(
            "storage/drop_ledger_read",
            app_ids=parameters.app_ids(app),
            since=(now() - timedelta(days=days - 1)).date(),
        )
    return answer({"success": True, "drops": drops})
