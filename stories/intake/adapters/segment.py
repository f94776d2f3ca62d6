"""Segment: POST /v1/batch, and /v1/track, page, screen, identify, alias, group with their short names.

An event is stored once by its messageId, which a retry repeats. Times are taken as they are sent,
without a correction by sentAt, which a retry does not repeat. The clients for Node and Python send
again after 408, 429 and 5xx, and wait as long as Retry-After says.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response

from models import EventPayload, Refusal
from stories.catalogue import App
from stories.intake.adapters import fitting, visits
from stories.intake.adapters.delivery import Delivery, SentEvent
from stories.intake.adapters.keys import app_of, name_of_basic
from stories.intake.adapters.people import People
from stories.intake.adapters.reading import (
    event_name,
    items_of,
    mapping,
    read_json,
    sent_time,
    text,
)
from stories.payloads.browsers import Browser
from stories.payloads.common import UTM
from stories.payloads.timezones import country_of
from stories.payloads.website import Page
from stories.web.answers import answer
from stories.web.body import read_body
from stories.web.services import now
from stories.web.work import TimeSlice

# What is kept of a call, and what it becomes. All else that it holds is left out: addresses, devices,
# integrations, the rest of the context. docs/PRIVACY_TELEMETRY.md shows the same table.
KEPT = {
    "event": "the event's name",
    "timestamp": "when it happened",
    "messageId": "tells a repeat; not kept",
    "userId": "the person: a UUID as it is, any other id as a keyed hash",
    "anonymousId": "the person, where there is no userId",
    "previousId": "which two ids are one person, as keyed hashes",
    "name": "title of a page view",
    "properties": "properties",
    "context.app.version": "version of the app",
    "context.os.name": "system",
    "context.os.version": "system",
    "context.timezone": "country",
    "context.library.name": "property `sdk`",
    "context.userAgent": "families of browser, device and system",
    "context.page.path": "path of a page view",
    "context.page.url": "`utm_…` of a page view",
    "context.page.title": "title of a page view",
    "context.page.referrer": "host that a page view came from",
    "context.campaign": "`utm_…` of a page view",
    "context.traits": "only what the app declares as properties of the event",
}
SHORT = {"t": "track", "p": "page", "s": "screen", "i": "identify", "a": "alias", "g": "group"}
TYPES = tuple(SHORT.values())
IDENTITIES = ("identify", "alias")
CAMPAIGN = dict(zip(("source", "medium", "name", "term", "content"), UTM, strict=False))
# Of a page's own properties those that stand in its visit's.
OF_PAGES = ("path", "url", "title", "referrer", "search", "name", *UTM)
blueprint = Blueprint("segment", __name__)


@blueprint.post("/v1/<any(batch, b):call>")
@blueprint.post(f"/v1/<any({', '.join((*SHORT, *TYPES))}):call>")
def store_calls(call: str) -> Response:
    document = mapping(read_json(read_body(by_magic=True)))
    app, moment = app_of(document.get("writeKey"), name_of_basic()), now()
    if call in ("batch", "b"):
        calls = [mapping(item) for item in items_of(document.get("batch", []))]
        shared = mapping(document.get("context"))
        calls = [{**item, "context": {**shared, **mapping(item.get("context"))}} for item in calls]
    else:
        calls = [{**document, "type": SHORT.get(call, call)}]
    delivery = Delivery(app, moment)
    people = People(app)
    for item in calls:
        if item.get("type") not in IDENTITIES:
            people.note(_own_id(item))
        elif not _says_who(item, people):
            delivery.left_out["identify"] += 1
    delivery.left_out["links"] += people.settle(moment)
    time_slice = TimeSlice()
    for item in calls:
        time_slice.give_way()
        try:
            _read(item, delivery, people)
        except Refusal as refusal:
            delivery.refuse(refusal)
    visits.leave_out_visitors(delivery)
    delivery.store()
    return answer({"success": True})


def _read(item: dict[str, Any], delivery: Delivery, people: People) -> None:
    """Raises Refusal."""
    kind = item.get("type")
    if kind in ("track", "page", "screen"):
        delivery.events.append(_event(item, kind, delivery.app, delivery.moment, people))
    elif kind not in IDENTITIES:
        delivery.left_out[kind if kind in TYPES else "other"] += 1


def _says_who(item: dict[str, Any], people: People) -> bool:
    """Whether it does say that two ids are one person, or that one is somebody's."""
    person, anonymous = text(item.get("userId")), text(item.get("anonymousId"))
    if item.get("type") == "identify":
        return people.identify(person, anonymous)
    return people.identify(person, text(item.get("previousId")) or anonymous, is_alias=True)


def _own_id(item: dict[str, Any]) -> str | None:
    return text(item.get("userId")) or text(item.get("anonymousId"))


def _event(
    item: dict[str, Any], kind: str, app: App, moment: datetime, people: People
) -> SentEvent:
    """Raises Refusal."""
    context = mapping(item.get("context"))
    own, page = mapping(item.get("properties")), mapping(context.get("page"))
    browser = visits.browser_of(text(context.get("userAgent"), 500))
    ours: dict[str, Any] = {}
    if kind == "track":
        name = event_name(item.get("event"))
    else:
        name = visits.view_event(app)
        ours = _view(item, own, page, context, browser, app, moment)
        own = {key: value for key, value in own.items() if key not in OF_PAGES}
    library = text(mapping(context.get("library")).get("name"), 50)
    if "sdk" not in own:
        ours["sdk"] = library
    declared = app.catalogue.get(name, {})
    traits = mapping(context.get("traits"))
    own = {key: traits[key] for key in declared if key in traits} | own
    properties, missing = fitting.fit(own, ours, declared)
    item_id, when = text(item.get("messageId")), sent_time(item.get("timestamp"))
    system = mapping(context.get("os"))
    own_person, linked = people.sender(_own_id(item))
    payload = EventPayload(
        user_id=own_person,
        event=name,
        timestamp=when or moment,
        properties=properties,
        app_version=text(mapping(context.get("app")).get("version")),
        platform=visits.platform(
            text(system.get("name"), 50) or browser.os, text(system.get("version"), 50)
        ),
        country=country_of(text(context.get("timezone"))),
        id=item_id,
    )
    return SentEvent(
        payload,
        is_stamped=when is None and item_id is not None,
        notes=fitting.notes_of(missing),
        path=ours.get("path"),
        linked=linked,
    )


def _view(
    item: dict[str, Any],
    own: dict[str, Any],
    page: dict[str, Any],
    context: dict[str, Any],
    browser: Browser,
    app: App,
    moment: datetime,
) -> dict[str, Any]:
    """The properties of a page view. Of a screen its name is the title."""
    sent = page | {name: value for name, value in own.items() if value is not None}
    campaign = mapping(context.get("campaign"))
    return visits.view_properties(
        Page(
            url=_address(sent),
            referrer=text(sent.get("referrer"), 2000),
            title=text(sent.get("title"), 500) or text(item.get("name"), 500),
            campaign={
                name: text(sent.get(name), 500) or text(campaign.get(short), 500)
                for short, name in CAMPAIGN.items()
            },
        ),
        browser,
        app,
        moment,
    )


def _address(page: dict[str, Any]) -> str | None:
    """The page's path with the url's query, in which a campaign may stand."""
    url, path = text(page.get("url"), 2000), text(page.get("path"), 2000)
    query = (url or "").partition("?")[2]
    if path is None:
        return visits.without_folders(url)
    return f"{visits.without_folders(path)}?{query}" if query else visits.without_folders(path)
