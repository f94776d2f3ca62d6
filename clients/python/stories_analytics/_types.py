"""The few shapes that every module here shares."""

from __future__ import annotations

import logging
from collections.abc import Coroutine, Generator
from typing import Any, Literal, NamedTuple

Kind = Literal["event", "crash", "visit", "generation", "bot"]
KINDS: tuple[Kind, ...] = ("crash", "event", "visit", "generation", "bot")
"""Every kind of item, in the order in which they are sent."""

logger = logging.getLogger("stories_analytics")


class Item(NamedTuple):
    """Something that was tracked and is not on disk yet.

    stamp: milliseconds since 1970 by this machine's clock.
    fixed: the caller chose the time, so a wrong clock must not move it.
    fields: a private copy of plain values, except `image`, which may hold bytes.
    """

    kind: Kind
    stamp: int
    fixed: bool
    fields: dict[str, Any]


class Row(NamedTuple):
    """An item on disk that this process has claimed and may send. stamp is final."""

    seq: int
    stamp: int
    body: bytes


class Queued(Coroutine[Any, Any, bool]):
    """What every tracking call answers: True when the item was taken, False when it was not.

    The work is already done when this is returned. It can also be awaited and handed to
    `asyncio.create_task`, so that the same call reads naturally in a coroutine.
    """

    __slots__ = ("_taken",)

    def __init__(self, taken: bool) -> None:
        self._taken = taken

    def __bool__(self) -> bool:
        return self._taken

    def __repr__(self) -> str:
        return f"Queued({self._taken})"

    def __await__(self) -> Generator[Any, Any, bool]:
        return self._taken
        yield  # makes this a generator that ends at once

    def send(self, value: Any) -> Any:
        raise StopIteration(self._taken)

    def throw(self, typ: Any, val: Any = None, tb: Any = None) -> Any:
        if isinstance(typ, BaseException):
            raise typ
        raise typ if val is None else val

    def close(self) -> None:
        return None


TAKEN = Queued(True)
REFUSED = Queued(False)


class Stats(NamedTuple):
    """Counts of this process since the client was made.

    pending: items that wait now, of every process that shares the file; None when unreadable.
    unsaved: how many of them the disk could not take; they are sent from memory.
    dropped: items lost for good, by reason (memory_full, disk_full, too_old, too_large, …).
    rejected: items that the server refused, by its reason code.
    """

    pending: int | None
    unsaved: int
    sent: int
    duplicates: int
    retries: int
    dropped: dict[str, int]
    rejected: dict[str, int]
    clock_offset_seconds: float | None
    last_error: str | None
