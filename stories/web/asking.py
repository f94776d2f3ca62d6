"""Reading the events for an answer: one such answer at a time in a worker, and none that takes long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from database import Transaction, Unavailable
from stories.errors import ApiError
from stories.web.services import services

SECONDS = 20.0
RETRY_SECONDS = 60


@contextmanager
def asking(seconds: float = SECONDS) -> Iterator[Transaction]:
    """A snapshot in which no statement may go on past the time that is left; the database itself ends
    it. Raises a 503 in a sentence where that happens."""
    began = time.monotonic()
    try:
        with services().reading(seconds) as tx:
            tx.set_local(statement_timeout=f"{int(seconds * 1000)}ms")
            yield tx
    except Unavailable:
        if time.monotonic() - began < seconds:
            raise
        raise ApiError(
            503,
            "too_slow",
            f"this took longer than {seconds:g} s: ask for fewer days, or save the filter as a segment",
            retry_after=RETRY_SECONDS,
        ) from None
