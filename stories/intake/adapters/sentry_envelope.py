"""Takes a Sentry envelope apart: a line of JSON about the whole, then items, each a line of JSON about
itself and its payload."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from models import Refusal
from stories.errors import bad_request
from stories.intake.adapters.reading import mapping, text

MAX_ITEMS = 200  # of an envelope; SDKs send up to 100 sessions in one
MAX_HEADER = 16 * 1024  # bytes of a line about an item
_EMPTY_LINES = re.compile(rb"\n*")


@dataclass
class Item:
    header: dict[str, Any]
    payload: bytes

    @property
    def kind(self) -> str:
        return text(self.header.get("type"), 50) or ""


@dataclass
class Envelope:
    """flaws: why the rest of the body could not be read, if it could not."""

    header: dict[str, Any]
    items: list[Item] = field(default_factory=list)
    flaws: list[Refusal] = field(default_factory=list)


def read_envelope(body: bytes) -> Envelope:
    """The items of an envelope, as many as can be read. Raises ApiError where it does not begin as
    one."""
    end = body.find(b"\n")
    end = len(body) if end < 0 else end
    envelope = Envelope(_header(body[:end]))
    try:
        for item in _items(body, end + 1):
            if len(envelope.items) == MAX_ITEMS:
                raise Refusal("too_many_items", f"an envelope may hold at most {MAX_ITEMS} items")
            envelope.items.append(item)
    except Refusal as flaw:
        envelope.flaws.append(flaw)
    return envelope


def _header(line: bytes) -> dict[str, Any]:
    header = _object(line)
    if header is None:
        raise bad_request(
            "invalid_envelope", "an envelope begins with a line that is a JSON object"
        )
    return header


def _items(body: bytes, at: int) -> Iterator[Item]:
    """Raises Refusal where the place of the next item is not known."""
    size = len(body)
    while (at := _EMPTY_LINES.match(body, at).end()) < size:  # type: ignore[union-attr]
        end = body.find(b"\n", at)
        end = size if end < 0 else end
        header = _object(body[at:end])
        if header is None:
            raise Refusal("invalid_envelope", "the line about an item is no JSON object")
        at = min(end + 1, size)
        length = header.get("length")
        if type(length) is int and length >= 0:
            end = at + length
            if end > size:
                raise Refusal("invalid_envelope", "an item is shorter than its length says")
        else:
            end = body.find(b"\n", at)
            end = size if end < 0 else end
        yield Item(header, body[at:end])
        at = end + (body[end : end + 1] == b"\n")


def _object(line: bytes) -> dict[str, Any] | None:
    if len(line) > MAX_HEADER or not line.lstrip().startswith(b"{"):
        return None
    try:
        return mapping(msgspec.json.decode(line))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, OverflowError):
        return None
