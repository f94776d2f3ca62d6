"""/reports: what is sent at the end of each day, week or month; a preview; and the way out of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from database import Row
from models import Refusal
from stories.alerts import mail, report, schedule
from stories.alerts.schedule import Subscriptions
from stories.catalogue import App
from stories.errors import ApiError
from stories.payloads.alerts import ReportPayload
from stories.views import html
from stories.views.explore import needed_app
from stories.views.tokens import time
from stories.web import parameters
from stories.web.answers import answer
from stories.web.callers import caller, names_subject, own_apps
from stories.web.json_body import read_json
from stories.web.services import now, services

blueprint = Blueprint("reports", __name__)
EVERY = ("day", "week", "month")
PREVIEW_HEADERS = {
    # On the dashboard's own origin, with text of strangers in it: nothing in it runs or is loaded.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def _subscriptions() -> Subscriptions:
    return Subscriptions(services().database)


@blueprint.get("/reports")
def list_reports() -> Response:
    parameters.known("app")
    app = needed_app()
    rows = [_shown(row, app) for row in _subscriptions().all(app.app_id)]
    return answer({"success": True, "app": app.slug, "reports": rows})


@blueprint.post("/reports")
def create_report() -> Response:
    parameters.known("app")
    app, body = needed_app(), read_json(ReportPayload)
    try:
        row = _subscriptions().create(
            app.app_id, body.destination, body.every, _sees_storage(), caller().name
        )
    except Refusal as refusal:
        status = 400 if refusal.code == "unknown_destination" else 409
        raise ApiError(status, refusal.code, refusal.sentence) from None
    names_subject(f"{row['destination']}, every {row['every']}", app.slug)
    return answer({"success": True, "report": _shown(row, app)})


@blueprint.delete("/reports/<report_id>")
def delete_report(report_id: str) -> Response:
    number = parameters.number_in_path(report_id)
    row = None if number is None else _subscriptions().find(number)
    app = next((each for each in own_apps() if row and each.app_id == row["app_id"]), None)
    if row is None or app is None:
        raise ApiError(404, "unknown_report", "there is no report of this id")
    _subscriptions().delete(row["subscription_id"])
    names_subject(f"{row['destination']}, every {row['every']}", app.slug)
    return answer({"success": True})


@blueprint.get("/reports/preview")
def preview_report() -> Response:
    """The mail as it would go out now, for a browser or as plain text; or its facts as JSON."""
    parameters.known("app", "every", "format")
    app = needed_app()
    every = parameters.one_of("every", EVERY, "week") or "week"
    shape = parameters.one_of("format", ("html", "text", "json"), "html")
    period = report.period_before(app, every, now())
    with services().reading(schedule.SECONDS) as tx:
        content = schedule.content(tx, services().config, app, period, _sees_storage())
    if shape == "json":
        return answer({"success": True, "report": content["report"]})
    kind = "html" if shape == "html" else "txt"
    text = mail.render("report", kind, mail.shown_report(content, services().config))
    mimetype = "text/html" if shape == "html" else "text/plain"
    return Response(text, mimetype=mimetype, headers=PREVIEW_HEADERS)


@blueprint.get("/unsubscribe/<key>")
def ask_unsubscribe(key: str) -> Response:
    """A link in a mail changes nothing by being opened: scanners of mail open all."""
    row = _subscriptions().find_by_key(key)
    return html.render("unsubscribe.html", row=row, key=key)


@blueprint.post("/unsubscribe/<key>")
def unsubscribe(key: str) -> Response:
    """RFC 8058: mail programs post here by themselves. Who has the key needs no login, and a key that
    is none gets the same answer."""
    row = _subscriptions().find_by_key(key)
    if row is not None:
        _subscriptions().delete(row["subscription_id"])
    return html.render("unsubscribe.html", row=None, key="")


def _sees_storage() -> bool:
    """The disk is the server's, so it is told to who may see all of the server."""
    return caller().is_at_least("owner") and caller().app_ids is None


def _shown(row: Row, app: App) -> dict[str, Any]:
    return {
        "id": row["subscription_id"],
        "destination": row["destination_id"],
        "destination_name": row["destination"],
        "every": row["every"],
        "with_storage": row["with_storage"],
        "next_at": time(schedule.next_at(app, row["every"], now())),
        "created_by": row["created_by"],
        "created_at": time(row["created_at"]),
    }
