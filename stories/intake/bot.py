"""POST /api/bot/events: a bot's conversations (docs/COMPATIBILITY.md), with the app's key or
Basic."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response

from stories.dedupe import Repeats
from stories.intake import items
from stories.payloads.bot import BotPayload, bot_row
from stories.payloads.common import Arrival
from stories.web.access import trusted_app
from stories.web.body import read_body
from stories.web.services import now, services

MAX_BODY = 16 * 1024 * 1024  # one image of 10 MB in base64, and what it comes with

blueprint = Blueprint("bot", __name__)
_decoder = msgspec.json.Decoder(BotPayload | list[BotPayload])


@blueprint.post("/api/bot/events")
def store_events() -> Response:
    app, moment, service = trusted_app("bot"), now(), services()
    batch = items.read(read_body(MAX_BODY), items.one_or_many(_decoder.decode), BotPayload, None)
    arrival = Arrival(app, moment, Repeats(app.app_id), service.key.digest(), must_scrub=False)
    admit = service.event_names.admit
    return items.store(
        batch, lambda item: bot_row(item, arrival, admit), service.bot_events, app, moment
    )
