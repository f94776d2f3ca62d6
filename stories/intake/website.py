"""POST /api/track: page views, events and conversions of websites
(docs/COMPATIBILITY.md)."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response, request

from stories.dedupe import Repeats
from stories.intake import items
from stories.payloads.browsers import describe
from stories.payloads.common import Arrival
from stories.payloads.website import WebsitePayload, website_row
from stories.privacy import scrub
from stories.web.body import read_body
from stories.web.services import now, sending_app, services

blueprint = Blueprint("website", __name__)
_decoder = msgspec.json.Decoder(WebsitePayload | list[WebsitePayload])


@blueprint.post("/api/track")
def track() -> Response:
    """Without consent nothing is stored beyond a count, and crawlers are left out; both get a 200, or
    they would send it again."""
    app, moment, service = sending_app("website"), now(), services()
    body = read_body()
    batch = items.read(body, items.one_or_many(_decoder.decode), WebsitePayload, None)
    browser = describe(request.headers.get("User-Agent", ""))
    refuses = request.headers.get("DNT") == "1" or request.headers.get("Sec-GPC") == "1"
    if browser.is_bot:
        batch.leave_out("crawler", lambda _: True)
    batch.leave_out("no_consent", lambda item: refuses or item.denied)
    arrival = Arrival(
        app, moment, Repeats(app.app_id), service.key.digest(), scrub.suspicious(body)
    )
    address = request.remote_addr or ""
    return items.store(
        batch,
        lambda item: website_row(item, arrival, browser, address),
        service.events,
        app,
        moment,
    )
