"""What the families of calls have in common, and the promise that none of them raises."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from typing import Any, Callable, TypeVar, cast

from ._plain import milliseconds, snapshot
from ._types import REFUSED, Item, Kind, Queued, logger

F = TypeVar("F", bound=Callable[..., Any])


def quiet(function: F) -> F:
    """Wrong arguments and our own mistakes end in a debug line, never in the caller."""

    @functools.wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception:
            _report_own_mistake(function.__name__)
            return REFUSED

    return cast(F, guarded)


def _report_own_mistake(name: str) -> None:
    try:
        logger.debug("%s failed", name, exc_info=True)
    except Exception:  # a log handler's own mistake
        return


class Calls:
    """Base of the call families. `_take` puts an item on its way; the client implements it."""

    def _take(self, item: Item, durable: bool | None = None) -> Queued:
        raise NotImplementedError

    def _queue(
        self,
        kind: Kind,
        fields: dict[str, Any],
        timestamp: Any = None,
        durable: bool | None = None,
    ) -> Queued:
        if timestamp is None:
            return self._take(Item(kind, int(time.time() * 1000), False, fields), durable)
        return self._take(Item(kind, milliseconds(timestamp), True, fields), durable)


def bag(values: Mapping[str, Any] | None, **more: Any) -> dict[str, Any] | None:
    """A private copy of `values` with `more` on top; None when that leaves nothing."""
    copied = snapshot(values) if values is not None else {}
    copied.update(snapshot({name: value for name, value in more.items() if value is not None}))
    return copied or None
