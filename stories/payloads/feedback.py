"""What people write about a crash that they had: an event without its text, which is content."""

from __future__ import annotations

from models import EventRow
from stories.catalogue import ERROR_HANDLED, App
from stories.dedupe import hashed_key
from stories.privacy import scrub

MAX_MESSAGE = 4_096


class FeedbackRow(EventRow, kw_only=True):
    """The event `feedback`, and what `contents` keeps: the text, and the keys of what it is about."""

    message: str
    about: list[int] | None = None


def keys_of(app: App, event_id: str) -> list[int]:
    """The dedupe keys that a crash and a handled error with this id have (payloads.crash)."""
    ids = (event_id, f"{ERROR_HANDLED}\0{event_id}")
    return [hashed_key(app.app_id, b"id\0" + each.encode()) for each in ids]


def clean(message: str) -> str:
    """The text as it is kept."""
    return scrub.text(message[:MAX_MESSAGE])[:MAX_MESSAGE]
