"""The minidump of an envelope, which belongs to the event beside it."""

from __future__ import annotations

from models import CrashPayload
from stories.crashes.minidump import NoMinidump, Summary, read_minidump
from stories.intake.adapters.delivery import Delivery
from stories.intake.adapters.sentry_envelope import Envelope, Item
from stories.symbols.dumps import MAX_SENT

ATTACHMENT, TYPE = "attachment", "event.minidump"
LEFT_OUT = "minidump"  # its name in the ledger


def is_dump(item: Item) -> bool:
    return item.kind == ATTACHMENT and item.header.get("attachment_type") == TYPE


def join_dump(envelope: Envelope, delivery: Delivery) -> None:
    """Give the crash of the envelope its minidump, and what that says where the event says nothing. One
    without a crash is left out."""
    for item in filter(is_dump, envelope.items):
        summary = _read(item)
        crash = next(iter(delivery.crashes), None)
        if summary is None or crash is None or crash.handled is True or delivery.dumps:
            delivery.left_out[LEFT_OUT] += 1
            continue
        _complete(crash, summary)
        delivery.dumps[0] = item.payload


def _read(item: Item) -> Summary | None:
    try:
        return read_minidump(item.payload) if len(item.payload) <= MAX_SENT else None
    except NoMinidump:
        return None


def _complete(crash: CrashPayload, summary: Summary) -> None:
    crash.error_message = crash.error_message or summary.message
    if summary.process == "renderer" and crash.crash_type == "main_crash":
        crash.crash_type = "renderer_crash"
    crash.os_version = crash.os_version or summary.system
    chain = crash.frames if isinstance(crash.frames, list) else []
    if not any(link["frames"] or link["type"] for link in chain):
        crash.frames = summary.frames
