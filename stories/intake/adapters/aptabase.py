"""Aptabase: POST /api/v0/event and /api/v0/events, with the header App-Key.

Nobody is named: sessions are counted, people are not. An event is stored once by its content, as it has
no id: two within a request that are alike to the microsecond are two. The clients for pages and Electron
never send again; that for Python does until it gets a 2xx, so a refused item is answered so too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from models import EventPayload, Refusal
from stories.catalogue import App
from stories.intake.adapters import fitting, visits
from stories.intake.adapters.delivery import Delivery, SentEvent
from stories.intake.adapters.keys import app_of
from stories.intake.adapters.reading import (
    event_name,
    items_of,
    mapping,
    read_json,
    sent_time,
    text,
)
from stories.privacy.ids import nobody
from stories.web.answers import answer
from stories.web.body import read_body
from stories.web.services import now, services
from stories.web.work import TimeSlice

# What is kept of an event, and what it becomes. All else that it holds is left out.
# docs/PRIVACY_TELEMETRY.md shows the same table.
KEPT = {
    "eventName": "the event's name",
    "timestamp": "when it happened",
    "sessionId": "the session",
    "props": "properties",
    "systemProps.appVersion": "version of the app",
    "systemProps.osName": "system",
    "systemProps.osVersion": "system",
    "systemProps.isDebug": "channel `debug`",
    "systemProps.sdkVersion": "property `sdk`",
}
blueprint = Blueprint("aptabase", __name__)


@blueprint.post("/api/v0/event")
@blueprint.post("/api/v0/events")
def store_events() -> Response:
    _, _, key = request.headers.get("App-Key", "").rpartition("-")  # A-SH-KEY, A-EU-KEY
    document = read_json(read_body(by_magic=True))
    app, moment = app_of(key), now()
    delivery = Delivery(app, moment)
    time_slice = TimeSlice()
    for item in items_of(document):
        time_slice.give_way()
        try:
            delivery.events.append(_event(mapping(item), app, moment))
        except Refusal as refusal:
            delivery.refuse(refusal)
    visits.leave_out_visitors(delivery)
    delivery.store()
    return answer({})


def _event(item: dict[str, Any], app: App, moment: datetime) -> SentEvent:
    """Raises Refusal."""
    system = mapping(item.get("systemProps"))
    session = text(item.get("sessionId"), 100)
    name = event_name(item.get("eventName"))
    own = mapping(item.get("props"))
    sdk = {"sdk": text(system.get("sdkVersion"), 50)} if "sdk" not in own else {}
    properties, missing = fitting.fit(own, sdk, app.catalogue.get(name, ()))
    payload = EventPayload(
        user_id=nobody(app, session or "", services().key.digest()),
        event=name,
        timestamp=sent_time(item.get("timestamp")) or moment,
        properties=properties,
        app_version=text(system.get("appVersion")),
        platform=visits.platform(
            text(system.get("osName"), 50) or visits.browser_of(None).os,
            text(system.get("osVersion"), 50),
        ),
        session_id=session,
    )
    if system.get("isDebug") is True:
        payload.channel = "debug"
    return SentEvent(payload, notes=fitting.notes_of(missing))
