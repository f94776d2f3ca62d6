"""How much one worker works on at a time: bytes of bodies, and seconds before other requests run.

A worker is one thread. A body of 5 MB full of text to scrub keeps it busy for seconds, so large
bodies wait for each other, before they are parsed, and work on many items gives way to other
requests every few milliseconds.
"""

from __future__ import annotations

import threading
import time
from collections import deque

import gevent

from stories.errors import ApiError

SMALL = 16 * 1024  # bytes: some 50 events; a smaller body waits for nobody
BYTES_AT_WORK = 256 * 1024  # of larger bodies; one that is larger than this is worked on alone
WAIT_SECONDS = 10.0
RETRY_SECONDS = 5
SLICE_SECONDS = 0.01
# Not 0: gevent would run this greenlet again, up to 50 times, before it looks at any socket.
PAUSE_SECONDS = 0.001


class WorkBudget:
    """The bytes that a worker has at work. Bodies are admitted in the order in which they came, so
    that a large one is not overtaken for ever. Made after gevent has patched `threading`."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()
        self._at_work = 0

    def take(self, size: int) -> int:
        """Wait for the turn of a body of `size` bytes. Returns what `give_back` takes. Raises ApiError
        503 when it does not come within WAIT_SECONDS."""
        if size <= SMALL:
            return 0
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                if not self._changed.wait_for(lambda: self._is_next(ticket, size), WAIT_SECONDS):
                    raise ApiError(
                        503,
                        "busy",
                        "too many large bodies are being worked on: send this again",
                        retry_after=RETRY_SECONDS,
                    )
                self._at_work += size
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()
        return size

    def give_back(self, size: int) -> None:
        with self._changed:
            self._at_work -= size
            self._changed.notify_all()

    def _is_next(self, ticket: object, size: int) -> bool:
        fits = self._at_work == 0 or self._at_work + size <= BYTES_AT_WORK
        return fits and self._queue[0] is ticket


class TimeSlice:
    """Work in a loop: `give_way` in each round lets other requests run when it has gone on for
    SLICE_SECONDS."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    def give_way(self) -> None:
        if time.perf_counter() - self._began > SLICE_SECONDS:
            gevent.sleep(PAUSE_SECONDS)
            self._began = time.perf_counter()
