"""Items of POST /api/bot/events (docs/COMPATIBILITY.md): what happens in a bot's
conversations.

Messages and prompts are content: they go to a table of their own, are kept for a shorter time, and
never reach rollups or logs. They are not scrubbed: a conversation with holes in it is no use to the
bot's makers, who chose to keep it.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from models import (
    Admit,
    EventRow,
    Id,
    Refusal,
    check_event_name,
    check_properties,
    check_undeclared,
)
from stories import catalogue
from stories.payloads.common import Arrival, present
from stories.privacy import labels
from stories.privacy.ids import person_id

MAX_TEXT = 20_000
LONGEST = 200  # text of meta that is a property too: a condition names none that is longer
MAX_IMAGE = 10 * 1024 * 1024
IMAGE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")

Content = Annotated[str, Meta(max_length=MAX_TEXT)]
# One of the catalogue's, or registered with the app.
EventName = Annotated[
    str, Meta(max_length=100, extra_json_schema={"examples": list(catalogue.BOT)})
]


class ImagePayload(Struct):
    """An image's bytes in base64; the type is told from the bytes, `content_type` is only compared."""

    data: str
    content_type: str | None = None


class BotPayload(Struct):
    client_id: Annotated[str, Meta(min_length=1, max_length=100)] | int
    event_name: EventName
    persona_id: Annotated[str, Meta(max_length=100)] | int | None = None
    persona_name: Annotated[str, Meta(max_length=100)] | None = None
    message: Content | None = None
    prompt: Content | None = None
    negative_prompt: Content | None = None
    image_url: Annotated[str, Meta(max_length=2000, pattern="^https?://")] | None = None
    image: ImagePayload | None = None
    meta: dict[str, Any] | None = None
    created_at: datetime | int | float | None = None
    id: Id | None = None


class BotRow(EventRow, kw_only=True):
    """An event with its content and its image, if it has any."""

    external_id: str
    message: str | None = None
    prompt: str | None = None
    negative_prompt: str | None = None
    source_url: str | None = None
    data: str | None = None


def bot_row(item: BotPayload, arrival: Arrival, admit: Admit | None = None) -> BotRow:
    """admit: as models.event_row. Raises Refusal."""
    check_event_name(item.event_name)
    declared = arrival.app.catalogue.get(item.event_name)
    if declared is None:
        check_undeclared(item.event_name, arrival.app, "event_name")
    client = str(item.client_id)
    when, key, claim = arrival.time_and_key(item, item.id, item.created_at, client)
    meta = item.meta or {}
    properties = present(
        {
            # what a registered event has to count is in its meta
            **{
                name: meta.get(name)
                for name in declared or ()
                if item.event_name in arrival.app.events
            },
            "persona_id": None if item.persona_id is None else str(item.persona_id),
            "persona_name": item.persona_name,
            "meta": item.meta,
        }
    )
    check_properties(properties, "the item", declared)
    properties = {**_own(meta), **properties}
    if item.image is not None:
        _check_image(item.image)
    if declared is None and admit is not None:
        admit(arrival.app, item.event_name, arrival.now)
    return BotRow(
        app_id=arrival.app.app_id,
        user_id=person_id(arrival.app, client, arrival.person_key),
        timestamp=when,
        dedupe_key=key,
        event=item.event_name,
        app_version=None,
        platform=None,
        country=None,
        session_id=None,
        properties=properties or None,
        claim=claim,
        external_id=client,
        message=item.message,
        prompt=item.prompt,
        negative_prompt=item.negative_prompt,
        source_url=None if item.image else item.image_url,
        data=item.image.data if item.image else None,
    )


def _own(meta: dict[str, Any]) -> dict[str, Any]:
    """What stands in `meta` as properties of the event, so that conditions and declarations find them:
    numbers, yes or no, and texts that a condition may name. The rest stays in `meta` alone."""
    return {
        name: value
        for name, value in meta.items()
        if labels.is_event_name(name)
        and (
            isinstance(value, (bool, int, float))
            or (isinstance(value, str) and len(value) <= LONGEST)
        )
    }


def image_type(data: bytes) -> str | None:
    """The type of an image by its first bytes; None for what is not taken."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def _check_image(image: ImagePayload) -> None:
    try:
        data = base64.b64decode(image.data, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("invalid_image", "image.data must be base64") from None
    if len(data) > MAX_IMAGE:
        raise Refusal("image_too_large", f"image must be at most {MAX_IMAGE // 1024**2} MB")
    if image_type(data) is None:
        raise Refusal("invalid_image", f"image must be one of {', '.join(IMAGE_TYPES)}")
