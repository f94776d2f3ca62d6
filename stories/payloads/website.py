"""Items of POST /api/track (docs/COMPATIBILITY.md): page views, events and
conversions of a website."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from models import EventRow, Id, check_event_name, check_properties
from stories.payloads.browsers import Browser
from stories.payloads.common import UTM, Arrival, clean_path, page_path, present, site

DENIED = ("denied", "false", "no")  # JSON's false among them
Text = Annotated[str, Meta(max_length=500)]


class Page(Struct):
    """What a visitor sees, as it was sent. url: a whole one, or its path. campaign: values of UTM that
    were sent beside the url's own."""

    url: str | None
    referrer: str | None
    title: str | None
    campaign: Mapping[str, str | None] = {}


def visit(page: Page, browser: Browser, arrival: Arrival) -> dict[str, Any]:
    """The properties of a visit, scrubbed: of addresses a page's path and the host of the one before."""
    path, utm = arrival.once(page_path, page.url)
    if arrival.must_scrub:
        path = clean_path(path)
    campaign = {name: arrival.clean(page.campaign.get(name) or utm.get(name), 200) for name in UTM}
    referrer = arrival.once(site, page.referrer)
    return present(
        {
            "path": path and path[:300],
            "title": arrival.clean(page.title, 500),
            "referrer": referrer,
            "visit_source": referrer or campaign["utm_source"] or "direct",
            "device": browser.device,
            "browser": browser.family,
            "os": browser.os,
            **campaign,
        }
    )


class WebsitePayload(Struct):
    sessionId: Annotated[str, Meta(min_length=1, max_length=100)]  # noqa: N815 (the wire's name)
    type: Literal["pageview", "event"]
    category: Annotated[str, Meta(max_length=50)] | None = None
    action: Annotated[str, Meta(max_length=100)] | None = None
    label: Text | None = None
    value: float | None = None
    path: Annotated[str, Meta(max_length=2000)] | None = None
    timestamp: datetime | int | float | None = None
    referrer: Annotated[str, Meta(max_length=2000)] | None = None
    title: Text | None = None
    utm_source: Text | None = None
    utm_medium: Text | None = None
    utm_campaign: Text | None = None
    utm_term: Text | None = None
    utm_content: Text | None = None
    consent: Annotated[str, Meta(max_length=50)] | bool | None = None
    id: Id | None = None

    @property
    def denied(self) -> bool:
        return str(self.consent).strip().lower() in DENIED


def website_row(item: WebsitePayload, arrival: Arrival, browser: Browser, address: str) -> EventRow:
    """The row of an item. Raises Refusal."""
    event = "pageview" if item.type == "pageview" else "event"
    if event == "event" and item.category == "conversion":
        event = "conversion"
    elif event == "event" and item.action in arrival.app.events:
        event = item.action  # one registered with the app
        check_event_name(event)
    when, key, claim = arrival.time_and_key(item, item.id, item.timestamp, item.sessionId)
    visited = visit(
        Page(item.path, item.referrer, item.title, {name: getattr(item, name) for name in UTM}),
        browser,
        arrival,
    )
    properties = present(
        {
            "category": arrival.clean(item.category, 50),
            "action": arrival.clean(item.action, 100),
            "label": arrival.clean(item.label, 500),
            "value": item.value,
            "ip_hash": arrival.address_hash(address, when) if address else None,
        }
    )
    properties |= visited
    check_properties(properties, "the item", arrival.app.catalogue[event])
    visitor, session = arrival.once(arrival.visitor, item.sessionId)
    return EventRow(
        app_id=arrival.app.app_id,
        user_id=visitor,
        timestamp=when,
        dedupe_key=key,
        event=event,
        app_version=None,
        platform=browser.os,
        country=None,
        session_id=session,
        properties=properties,
        claim=claim,
    )
