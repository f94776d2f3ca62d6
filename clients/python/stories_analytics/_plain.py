"""Turns whatever a caller passes into plain JSON values, without running the caller's code.

Two steps, because they run in different threads. `snapshot` is the caller's: a bounded copy, so
that a dict changed after `track` returned cannot change what is sent. `clean` and `fit` are the
writer's: they scrub, and cut what the server would refuse.
"""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import PurePath
from typing import Any
from uuid import UUID

from ._scrub import member, scrub

MAX_DEPTH = 5
MAX_KEYS = 64
MAX_NODES = 600
MAX_STRING = 8_000
MAX_NUMBER = 2**53  # beyond it JSON numbers are not exact and the server refuses them
PROPERTIES_BYTES = 8_000  # the server takes 8 KB


class _Budget:
    __slots__ = ("nodes",)

    def __init__(self) -> None:
        self.nodes = MAX_NODES


def snapshot(properties: Any) -> dict[str, Any]:
    """A private copy of `properties`, at most MAX_NODES values; {} for what is no mapping.

    Objects become "<TypeName>": their own __str__ could be slow, raise, or open a database
    connection in somebody's request. Cycles end at MAX_DEPTH.
    """
    if not isinstance(properties, Mapping):
        return {}
    copied = _copy(properties, 1, _Budget())
    return copied if isinstance(copied, dict) else {}


def _copy(value: Any, depth: int, budget: _Budget) -> Any:
    kind = type(value)
    if kind is str:
        return value if len(value) <= MAX_STRING else value[:MAX_STRING]
    if kind is bool or value is None:
        return value
    if kind is int or kind is float:
        return _number(value)
    budget.nodes -= 1
    if isinstance(value, dict):
        return _copy_dict(value, depth, budget)
    if isinstance(value, (list, tuple, set, frozenset)):
        return _copy_list(value, depth, budget)
    return _copy_scalar(value)


def _copy_dict(value: dict[Any, Any], depth: int, budget: _Budget) -> Any:
    if depth > MAX_DEPTH:
        return "<too deep>"
    copied: dict[str, Any] = {}
    for key in list(value)[:MAX_KEYS]:
        if budget.nodes <= 0:
            break
        budget.nodes -= 1
        name = key if type(key) is str else _copy_scalar(key)
        copied[str(name)[:200]] = _copy(value[key], depth + 1, budget)
    return copied


def _copy_list(value: Any, depth: int, budget: _Budget) -> Any:
    if depth > MAX_DEPTH:
        return "<too deep>"
    copied: list[Any] = []
    for element in value:
        if budget.nodes <= 0:
            break
        budget.nodes -= 1
        copied.append(_copy(element, depth + 1, budget))
    return copied


def _copy_scalar(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, str):
        return str.__str__(value)[:MAX_STRING]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, Decimal):
        return _number(float(value)) if value.is_finite() else None
    if isinstance(value, datetime):
        return isoformat(milliseconds(value))
    if isinstance(value, (date, UUID, PurePath)):
        return str(value)[:MAX_STRING]
    if isinstance(value, timedelta):
        return value.total_seconds()
    return f"<{type(value).__name__}>"


def _number(value: Any) -> Any:
    """The number, or its text when the server would refuse it: large ids are common."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if -MAX_NUMBER <= value <= MAX_NUMBER:
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, int) and value.bit_length() > 256:
        return "<large int>"
    return str(value)


def text(value: Any, limit: int) -> str | None:
    """A string of at most `limit` characters, or None for None."""
    if value is None:
        return None
    plain = _copy_scalar(value) if type(value) is not str else value
    if plain is None:
        return None
    return (plain if isinstance(plain, str) else str(plain))[:limit]


def storable(value: str) -> str:
    """Without NUL and lone surrogates, which PostgreSQL cannot keep."""
    if value.isascii():
        return value.replace("\x00", "") if "\x00" in value else value
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def clean(value: Any, scrubbing: bool = True) -> Any:
    """The same value with every string storable and, by default, scrubbed."""
    if isinstance(value, str):
        return scrub(storable(value)) if scrubbing else storable(value)
    if isinstance(value, dict):
        if not scrubbing:
            return {storable(name): clean(item, False) for name, item in value.items()}
        return {scrub(storable(name)): _clean_member(name, item) for name, item in value.items()}
    if isinstance(value, list):
        return [clean(one, scrubbing) for one in value]
    return value


def _clean_member(name: str, item: Any) -> Any:
    """What a name calls a secret, or who somebody is, goes whatever it looks like."""
    if isinstance(item, (dict, list)):
        return clean(item)
    blanked = member(name, item)
    return clean(item) if blanked is None else blanked


def dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def fit(properties: dict[str, Any], limit: int = PROPERTIES_BYTES) -> dict[str, Any]:
    """`properties` within `limit` bytes: the largest values go first, `_cut` says how many."""
    if len(dumps(properties)) <= limit:
        return properties
    kept = dict(properties)
    by_size = sorted(kept, key=lambda key: len(dumps(kept[key])), reverse=True)
    for count, key in enumerate(by_size, 1):
        del kept[key]
        if len(dumps(kept)) + 20 <= limit:
            return {**kept, "_cut": count}
    return {}


def milliseconds(moment: Any) -> int:
    """Milliseconds since 1970 of a datetime (naive means UTC) or of a number of seconds."""
    if isinstance(moment, datetime):
        aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        return int(aware.timestamp() * 1000)
    return int(float(moment) * 1000)


def isoformat(stamp: int) -> str:
    """2026-11-21T04:02:39.120Z, always of this length for years 1000 to 9999."""
    seconds, millis = divmod(stamp, 1000)
    moment = datetime(1970, 1, 1) + timedelta(seconds=seconds)
    return f"{moment.isoformat()}.{millis:03d}Z"
