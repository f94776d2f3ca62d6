"""Makes properties fit: an SDK sends what it likes, and our own clients are told when it is too much.

An event is worth more than its last property, so what is past the limits is left out and the rest is
kept, which `_notes` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from models import MAX_KEYS, MAX_PLAIN_NUMBER, MAX_PROPERTIES_BYTES, Refusal, check_level
from stories.catalogue import MAX_NUMBER

NOTES = "_notes"
ROOM = MAX_PROPERTIES_BYTES - 512  # for what is added to them: notes, braces
_encoder = msgspec.json.Encoder(order="deterministic")


def fit(
    own: Mapping[str, Any], ours: Mapping[str, Any], declared: Iterable[str] = ()
) -> tuple[dict[str, Any], int]:
    """Properties within the limits of an event, and how many were left out. own: as they were sent.
    ours: what was made of other fields, which comes first and has the say where names are equal.
    declared: names that go before the others, since they are counted."""
    countable = [name for name in declared if name in own]
    names = dict.fromkeys([*ours, *countable, *own])
    kept: dict[str, Any] = {}
    left, missing = ROOM, 0
    for name in names:
        value = ours[name] if name in ours else own[name]
        if value is None or name == NOTES:
            continue
        size = _size(name, value, name in countable) if len(kept) < MAX_KEYS - 1 else None
        if size is None or size > left:
            missing += 1
            continue
        kept[name] = value
        left -= size
    return kept, missing


def notes_of(missing: int) -> dict[str, str]:
    return {"properties": f"{missing} left out"} if missing else {}


def _size(name: str, value: Any, is_counted: bool) -> int | None:
    """Bytes as JSON; None for what no event may hold."""
    if isinstance(value, bool):
        return len(name.encode()) + 10
    if isinstance(value, int | float):
        most = MAX_NUMBER if is_counted else MAX_PLAIN_NUMBER
        return len(name.encode()) + 30 if -most <= value <= most else None
    if isinstance(value, str) and len(value) > ROOM:
        return None
    if isinstance(value, dict | list):
        try:
            check_level(value, 2, name)
        except Refusal:
            return None
    return len(_encoder.encode(name)) + len(_encoder.encode(value)) + 2
