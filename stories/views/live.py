"""GET /live: what happens in an app just now."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response

from stories.reports import live
from stories.views.dashboard_data import needed_app
from stories.views.rows import event_row, reading
from stories.web import parameters
from stories.web.answers import answer, iso
from stories.web.filters import FILTERS, asked_filter
from stories.web.services import now

blueprint = Blueprint("live", __name__)


@blueprint.get("/live")
def show_live() -> Response:
    """People and events of the last half hour, and the latest events; with `after`, the cursor of an
    answer before, those that arrived since. Nothing is folded for it: it is asked every few seconds."""
    parameters.known("app", "after", *FILTERS)
    app, moment = needed_app(), now()
    filter = asked_filter(app)
    after = parameters.cursor((datetime,), "after")
    with reading() as tx:
        counts = live.counts(tx, app, filter, moment)
        events = live.latest_events(tx, app, filter, moment, after[0] if after else None)
    arrived = max((row["received_at"] for row in events), default=after[0] if after else None)
    for minute in counts["minutes"]:
        minute["start"] = iso(minute["start"].astimezone(UTC))
    return answer(
        {
            "success": True,
            "app": app.slug,
            "timezone": app.timezone,
            "now": iso(moment),
            **counts,
            "events": [event_row(row) for row in events],
            "cursor": None if arrived is None else parameters.make_cursor(arrived),
            "computed": "events",
        }
    )
