"""Reading the events for an answer: one such answer at a time in a worker, none that takes long, and
each can be ended by who knows its id.

Who waits for a turn does so in the database, under the question's name: so it can be ended too.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from uuid import UUID

from database import Row, Stopped, Transaction, Unavailable
from stories.errors import ApiError
from stories.web import parameters
from stories.web.services import services

SECONDS = 20.0
WAIT_SECONDS = 8.0  # for one's turn
SPARE_SECONDS = 2.0  # in which the database itself ends a statement whose time is up
RETRY_SECONDS = 60
PLACES = 4  # one that reads and three that wait; the other connections of a worker are for the rest

_places = threading.BoundedSemaphore(PLACES)


class _Timed(Transaction):
    """Each statement may take what is left of the time."""

    def __init__(self, connection: Any, ends: float) -> None:
        super().__init__(connection)
        self._ends = ends

    def _execute(self, name: str, params: Row) -> Any:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise Stopped("the time is up")
        timeout = {"setting": "statement_timeout", "value": f"{int(left * 1000) + 1}ms"}
        super()._execute("operation/set_local", timeout).close()
        return super()._execute(name, params)


@contextmanager
def asking(seconds: float = SECONDS) -> Iterator[Transaction]:
    """A snapshot in which no statement goes on past the time that is left; the database itself ends it.
    Raises ApiError: 503 where that happens or nobody's turn comes, 409 where the question was ended
    by its id, which the request gives as `question_id`."""
    question_id = parameters.uuid("question_id")
    waits_until = time.monotonic() + WAIT_SECONDS
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise _busy()
    ends = waits_until + seconds
    try:
        with services().reading(WAIT_SECONDS + seconds + SPARE_SECONDS) as tx:
            if question_id is not None:
                tx.set_local(application_name=_name(question_id))
            _take_turn(tx, waits_until)
            ends = time.monotonic() + seconds
            yield _Timed(tx.connection, ends)
    except Stopped:
        if time.monotonic() < ends:
            raise ApiError(409, "cancelled", "this question was cancelled") from None
        raise ApiError(
            503,
            "too_slow",
            f"this took longer than {seconds:g} s: ask for fewer days, or save the filter as a segment",
            retry_after=RETRY_SECONDS,
        ) from None
    finally:
        _places.release()


def end_question(question_id: UUID) -> bool:
    """Whichever worker it is in. False: it is not running, or not any more."""
    ended = False
    for database in {services().database, services().reports}:
        with database.transaction(5, autocommit=True) as tx:
            ended |= bool(tx.rows("operation/cancel_question", name=_name(question_id)))
    return ended


def _name(question_id: UUID) -> str:
    return f"stories question {question_id}"  # PostgreSQL cuts names at 63 bytes


def _take_turn(tx: Transaction, waits_until: float) -> None:
    """To the end of the transaction. Raises Stopped where the question is ended meanwhile."""
    wait = max(0.001, waits_until - time.monotonic())
    tx.set_local(lock_timeout=f"{int(wait * 1000) + 1}ms")
    try:
        with tx.savepoint():
            tx.run("operation/take_turn", turn=_turn(os.getpid()))
    except Stopped:
        raise
    except Unavailable:
        if time.monotonic() < waits_until:
            raise
        raise _busy() from None


@cache
def _turn(process: int) -> int:
    """The key of this worker's lock; workers on other machines may have the same process id."""
    return secrets.randbits(62)


def _busy() -> ApiError:
    return ApiError(503, "busy", "another question is being answered", retry_after=2)
