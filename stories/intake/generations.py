"""POST /api/visits and POST /api/generations: an image generator's usage
(docs/COMPATIBILITY.md). They come from the app's own server, so they need its key or Basic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Blueprint, Response

from models import EventRow
from stories.dedupe import Repeats
from stories.intake import items
from stories.payloads.common import Arrival
from stories.payloads.generator import GenerationPayload, VisitPayload, generation_row, visit_row
from stories.privacy import scrub
from stories.web.access import trusted_app
from stories.web.body import read_body
from stories.web.services import now, services

blueprint = Blueprint("generations", __name__)
_visits = msgspec.json.Decoder(VisitPayload | list[VisitPayload])
_generations = msgspec.json.Decoder(GenerationPayload | list[GenerationPayload])


@blueprint.post("/api/visits")
def store_visits() -> Response:
    return _take(_visits, VisitPayload, visit_row)


@blueprint.post("/api/generations")
def store_generations() -> Response:
    return _take(_generations, GenerationPayload, generation_row)


def _take(decoder: Any, payload: Any, build: Callable[[Any, Arrival], EventRow]) -> Response:
    app, moment, service = trusted_app("generator"), now(), services()
    body = read_body()
    batch = items.read(body, items.one_or_many(decoder.decode), payload, None)
    arrival = Arrival(
        app, moment, Repeats(app.app_id), service.key.digest(), scrub.suspicious(body)
    )
    return items.store(batch, lambda item: build(item, arrival), service.events, app, moment)
