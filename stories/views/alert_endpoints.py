"""The part of views/endpoints.py that is about alerts, destinations, reports and annotations."""

from __future__ import annotations

from stories.payloads.alerts import (
    AnnotationPayload,
    DestinationChangesPayload,
    DestinationPayload,
    ReportPayload,
    RuleChangesPayload,
    RulePayload,
    SnoozePayload,
)
from stories.views.endpoints import PAGES, TEXT, WHEN, Endpoint, Group, Schema

ID: Schema = {"type": "integer"}
EVERY: Schema = {"type": "string", "enum": ["day", "week", "month"], "default": "week"}
WATCHED = ("app", TEXT, "slug of an app; without it the server itself, which is for owners")
OF_APP = ("app", TEXT, "slug of an app; default: the default desktop app")
ALERT_ID = ("alert_id", ID, "of the alert")
DESTINATION_ID = ("destination_id", ID, "of the destination")
KEY = ("key", TEXT, "as in the link of a mail")
ALERT = {
    "id": 7, "app": "desktop", "name": "Crash-free below 99 %", "kind": "number",
    "settings": {"number": "crash_free_rate", "comparison": "below", "threshold": 99.0, "clear": 99.2,
                 "window": "today", "least": 100, "segment_id": None},
    "destinations": [1], "for_minutes": 10, "is_on": True, "created_by": "Ada",
    "created_at": "2026-11-20T10:00:00.000Z", "looked_at": "2026-11-28T10:00:00.000Z",
    "last_error": None,
}  # fmt: skip
ENTRY = {
    "entry_id": 31, "rule_id": 7, "rule": "Crash-free below 99 %", "subject": "", "state": "firing",
    "at": "2026-11-28T10:00:00.000Z", "value": 98.1, "normal": 99.4,
    "text": "Crash-free people: 98.1 % today, below 99 %",
}  # fmt: skip
DESTINATION = {
    "id": 1, "name": "The team's channel", "kind": "service", "service": "Slack",
    "created_by": "Ada", "created_at": "2026-11-20T10:00:00.000Z",
    "last_sent_at": "2026-11-28T10:00:02.000Z", "last_error": None, "waiting": 0, "failed": 0,
}  # fmt: skip
REPORT = {
    "id": 3, "destination": 1, "destination_name": "The team's channel", "every": "week",
    "with_storage": False, "next_at": "2026-11-30T07:00:00.000Z", "created_by": "Ada",
    "created_at": "2026-11-20T10:00:00.000Z",
}  # fmt: skip
NOTE = {
    "id": 5, "at": "2026-11-24T09:00:00.000Z", "text": "New prices", "of_all_apps": False,
    "created_by": "Ada",
}  # fmt: skip
PAGE = ("text/html",)

# fmt: off
_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/alerts", "rules with how they are now", "basic",
             {"success": True, "app": "desktop", "alerts": [{**ALERT, "states": []}]}, (WATCHED,)),
    Endpoint("POST", "/alerts", "a new rule", "basic", {"success": True, "alert": ALERT}, (WATCHED,),
             body=RulePayload, statuses=(409,)),
    Endpoint("GET", "/alerts/kinds", "what a rule can watch, with the schema of its settings", "basic",
             {"success": True, "kinds": [{"kind": "no_events", "of_server": False,
                                          "title": "No events come, at an hour when they usually do",
                                          "settings": {"hours": {"type": "integer"}}}]}),
    Endpoint("GET", "/alerts/log", "what fired and what was over, the latest first", "basic",
             {"success": True, "log": [ENTRY], "next_cursor": None}, (WATCHED, *PAGES)),
    Endpoint("PATCH", "/alerts/{alert_id}", "change a rule; other settings begin anew", "basic",
             {"success": True, "alert": ALERT}, (ALERT_ID,), body=RuleChangesPayload,
             statuses=(404, 409)),
    Endpoint("DELETE", "/alerts/{alert_id}", "delete a rule", "basic", {"success": True}, (ALERT_ID,),
             statuses=(404,)),
    Endpoint("POST", "/alerts/{alert_id}/snooze", "say nothing of it for minutes, or until it is over",
             "basic", {"success": True}, (ALERT_ID,), body=SnoozePayload, statuses=(404,)),
    Endpoint("GET", "/destinations", "where messages go, without addresses", "basic",
             {"success": True, "destinations": [DESTINATION], "missing": ["SMTP_URL"]}),
    Endpoint("POST", "/destinations", "a new one; a webhook's secret is shown this once", "basic",
             {"success": True, "destination": DESTINATION, "secret": None}, body=DestinationPayload,
             statuses=(409,)),
    Endpoint("PATCH", "/destinations/{destination_id}", "another name or address", "basic",
             {"success": True, "destination": DESTINATION}, (DESTINATION_ID,),
             body=DestinationChangesPayload, statuses=(404, 409)),
    Endpoint("DELETE", "/destinations/{destination_id}", "delete it, with its reports", "basic",
             {"success": True}, (DESTINATION_ID,), statuses=(404,)),
    Endpoint("POST", "/destinations/{destination_id}/test", "send a message now", "basic",
             {"success": True, "sent": True, "answer": "accepted by the mail server"},
             (DESTINATION_ID,), statuses=(404,)),
    Endpoint("GET", "/reports", "reports of an app that are sent", "basic",
             {"success": True, "app": "desktop", "reports": [REPORT]}, (OF_APP,)),
    Endpoint("POST", "/reports", "send one after each day, week or month", "basic",
             {"success": True, "report": REPORT}, (OF_APP,), body=ReportPayload, statuses=(409,)),
    Endpoint("DELETE", "/reports/{report_id}", "send no more of it", "basic", {"success": True},
             (("report_id", ID, "of the report"),), statuses=(404,)),
    Endpoint("GET", "/reports/preview", "the report of the days that ended last, as it would be sent",
             "basic", {"success": True, "report": {"title": "Studio: 16 Nov to 22 Nov 2026"}},
             (OF_APP, ("every", EVERY, "of the day, week or month"),
              ("format", {"type": "string", "enum": ["html", "text", "json"], "default": "html"},
               "json: its facts")),
             media=("application/json", "text/html", "text/plain"), statuses=(503,)),
    Endpoint("GET", "/unsubscribe/{key}", "a page that asks whether to end a report", "open", "", (KEY,),
             media=PAGE, statuses=(503,)),
    Endpoint("POST", "/unsubscribe/{key}", "end a report, as mail programs do by themselves (RFC 8058)",
             "open", "", (KEY,), media=PAGE, statuses=(408, 413, 415, 503)),
    Endpoint("GET", "/annotations", "notes on an app's charts, and on those of all", "basic",
             {"success": True, "app": "desktop", "annotations": [NOTE]},
             (OF_APP, ("from", WHEN, "from this day or time on"),
              ("to", WHEN, "up to this day or time"))),
    Endpoint("POST", "/annotations", "a note", "basic", {"success": True, "annotation": NOTE},
             (("app", TEXT, "slug of an app; without it on the charts of all, which is for owners"),),
             body=AnnotationPayload, statuses=(409,)),
    Endpoint("DELETE", "/annotations/{annotation_id}", "delete a note", "basic", {"success": True},
             (("annotation_id", ID, "of the note"),), statuses=(404,)),
)
# fmt: on
ALERTS_GROUP = Group(
    "Alerts and reports", "What the server says by itself, and notes on the charts.", _ENDPOINTS
)
