"""POST /track: telemetry of desktop apps (docs/COMPATIBILITY.md)."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response

from models import EventPayload, TrackPayload, event_row, noted
from stories.dedupe import Repeats
from stories.intake import items
from stories.web.body import read_body
from stories.web.services import now, sending_app, services

blueprint = Blueprint("desktop", __name__)
_decoder = msgspec.json.Decoder(TrackPayload)


@blueprint.post("/track")
def track() -> Response:
    app, moment, service = sending_app("desktop"), now(), services()
    body = read_body()
    batch = items.read(body, lambda b: _decoder.decode(b).events, EventPayload, "events")
    repeats, key = Repeats(app.app_id), service.key.digest()
    admit = service.event_names.admit
    return items.store(
        batch,
        lambda item: event_row(item, app, moment, repeats, key, admit),
        service.events,
        app,
        moment,
        noted,
    )
