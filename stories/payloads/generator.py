"""Items of POST /api/visits and POST /api/generations (docs/COMPATIBILITY.md), sent by the
app's own server."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from models import EventRow, Id, check_properties
from stories.payloads.browsers import describe
from stories.payloads.common import Arrival, clean_path, page_path, present
from stories.privacy.ids import person_id

Visitor = Annotated[str, Meta(max_length=200)]
Address = Annotated[str, Meta(max_length=64)]
# Visits and attempts of nobody in particular: no unique visitor.
NOBODY = ""


class VisitPayload(Struct):
    path: Annotated[str, Meta(max_length=2000)] | None = None
    user_agent: Annotated[str, Meta(max_length=1000)] | None = None
    ip: Address | None = None
    visitor_id: Visitor | None = None
    timestamp: datetime | int | float | None = None
    id: Id | None = None


class GenerationPayload(Struct):
    success: bool
    has_text: bool | None = None
    error_message: str | None = None
    processing_time: float | None = None
    ip: Address | None = None
    visitor_id: Visitor | None = None
    timestamp: datetime | int | float | None = None
    id: Id | None = None


def visit_row(item: VisitPayload, arrival: Arrival) -> EventRow:
    """Raises Refusal."""
    browser = describe(item.user_agent or "")
    path, _ = page_path(item.path)
    properties: dict[str, Any] = {
        "path": clean_path(path) if arrival.must_scrub else path,
        "known": bool(item.visitor_id or item.ip),
        "device": browser.device,
        "browser": browser.family,
        "os": browser.os,
    }
    return _row("visit", item, arrival, properties)


def generation_row(item: GenerationPayload, arrival: Arrival) -> EventRow:
    """Raises Refusal."""
    properties = {
        "success": item.success,
        "has_text": item.has_text,
        "error_message": arrival.clean(item.error_message, 1000),
        "processing_time": item.processing_time,
    }
    return _row("generation", item, arrival, properties)


def _row(
    event: str, item: VisitPayload | GenerationPayload, arrival: Arrival, properties: dict[str, Any]
) -> EventRow:
    sender = f"{item.visitor_id or ''}\0{item.ip or ''}"
    item_id = item.id and f"{event}\0{item.id}"  # visit 7 is not generation 7
    when, key, claim = arrival.time_and_key(item, item_id, item.timestamp, sender)
    properties = present(properties)
    check_properties(properties, "the item", arrival.app.catalogue[event])
    visitor = item.visitor_id or (arrival.address_hash(item.ip, when) if item.ip else NOBODY)
    return EventRow(
        app_id=arrival.app.app_id,
        user_id=person_id(arrival.app, visitor, arrival.person_key),
        timestamp=when,
        dedupe_key=key,
        event=event,
        app_version=None,
        platform=None,
        country=None,
        session_id=None,
        properties=properties,
        claim=claim,
    )
