"""From disk to the server: what to send, when, and what each answer means."""

from __future__ import annotations

import _thread
import random
import threading
import time
from typing import Any, Callable

from ._counts import Counts
from ._http import NoReply, Reply, Transport
from ._overflow import Overflow
from ._plain import isoformat
from ._types import KINDS, Kind, Row, logger

BATCH_ITEMS = 500
BATCH_BYTES = 900_000
TOLERATED_CLOCK_ERROR = 60.0
_FIRST_DELAY, _LONGEST_DELAY = 1.0, 300.0

_PATHS: dict[Kind, str] = {
    "event": "/track",
    "crash": "/crash",
    "visit": "/api/visits",
    "generation": "/api/generations",
    "bot": "/api/bot/events",
}


class _Hold:
    """Until when a kind waits. `ordered`: the server said so, and flush() must not override it."""

    def __init__(self) -> None:
        self.failures = 0
        self.until = 0.0
        self.ordered = False

    def fail(self, retry_after: float | None) -> None:
        """Exponential backoff with full jitter, or the server's Retry-After and a little more."""
        ceiling = min(_LONGEST_DELAY, _FIRST_DELAY * 2.0 ** min(self.failures, 20))
        self.failures += 1
        self.ordered = retry_after is not None
        if retry_after is not None:
            delay = retry_after + random.uniform(0.0, min(1.0, 0.1 * retry_after))
        else:
            delay = random.uniform(0.0, ceiling)
        self.until = time.monotonic() + delay

    def succeed(self) -> None:
        self.failures, self.until, self.ordered = 0, 0.0, False


class Sender:
    """One thread that empties the store. It alone decides; everybody else may only wake it."""

    def __init__(
        self,
        store: Overflow,
        transport: Transport,
        counts: Counts,
        flush_interval: float,
        flush_at: int,
        max_age_seconds: float,
    ) -> None:
        self._store = store
        self._transport = transport
        self._counts = counts
        self._interval = flush_interval
        self._flush_at = flush_at
        self._max_age = max_age_seconds
        self.clock_offset: float | None = None
        self.before_round: Callable[[], None] = lambda: None
        self.reset()

    def reset(self) -> None:
        """As new, without a thread. What is known about the clock stays."""
        self._started = False
        self._stopped = False
        self._turn = threading.Condition()
        self._working = threading.Lock()
        self._holds: dict[Kind, _Hold] = {kind: _Hold() for kind in KINDS}
        self._limits: dict[Kind, int] = {kind: BATCH_ITEMS for kind in KINDS}
        self._limits["crash"] = 1
        self._fresh = 0  # items stored since the last cycle
        self._due: float | None = None  # monotonic time of the next cycle
        self._cycles = 0

    # -- being woken -----------------------------------------------------------------------------

    def stored(self, count: int, urgent: bool) -> None:
        """The writer put `count` items on disk."""
        with self._turn:
            self._fresh += count
            now = time.monotonic()
            soon = urgent or self._fresh >= self._flush_at
            due = now if soon else now + self._interval
            self._due = due if self._due is None else min(self._due, due)
            self._turn.notify_all()
        self.start()

    def start(self, due: bool = False) -> None:
        if due:
            with self._turn:
                self._due = time.monotonic()
                self._turn.notify_all()
        if not self._started:
            self._started = True
            try:
                _thread.start_new_thread(self._run, ())
            except RuntimeError:  # the interpreter is closing
                self._started = False

    def flush(self, timeout: float) -> bool:
        """Sends what is on disk now. True when all of it was answered for.

        Ends early when a whole round failed: waiting on would not help, and the items are safe.
        Ignores our own backoff but not a Retry-After.
        """
        deadline = time.monotonic() + timeout
        target = self._store.last_seq()
        if not self._store.pending(target):
            return True
        with self._turn:
            for hold in self._holds.values():
                if not hold.ordered:
                    hold.until = 0.0
            wanted = self._cycles + 1
            if self._working.locked():
                wanted += 1  # the running round may have passed our items already
            self._due = time.monotonic()
            self._turn.notify_all()
        self.start()
        if not self._started:
            self._cycle(deadline)
            return not self._store.pending(target)
        while time.monotonic() < deadline:
            with self._turn:
                if self._cycles < wanted:
                    self._turn.wait(max(0.0, min(0.25, deadline - time.monotonic())))
                done = self._cycles >= wanted
            if not self._store.pending(target):
                return True
            if done:
                return False
        return False

    # -- the thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        while self._wait():
            try:
                self._cycle(None)
            except Exception as error:
                logger.debug("sender", exc_info=True)
                self._counts.retry(f"{type(error).__name__}: {error}")
                self._plan(time.monotonic() + 1.0)

    def _wait(self) -> bool:
        """Until the next round is due; False when there is none because the client was closed."""
        with self._turn:
            while not self._stopped and (self._due is None or time.monotonic() < self._due):
                self._turn.wait(None if self._due is None else self._due - time.monotonic())
            self._due, self._fresh = None, 0
            return not self._stopped

    def stop(self, wait: float) -> None:
        """Ends the thread after the request that it may be in; waits for that at most `wait` s."""
        with self._turn:
            self._stopped = True
            self._turn.notify_all()
        if self._working.acquire(timeout=wait):
            self._working.release()

    def _plan(self, moment: float) -> None:
        with self._turn:
            self._due = moment if self._due is None else min(self._due, moment)

    def _cycle(self, deadline: float | None) -> None:
        """One round over every kind that may be sent now."""
        with self._working:
            try:
                self.before_round()
                if self._learn_clock(deadline):
                    self._expire()
                    for kind in KINDS:
                        self._empty(kind, deadline)
            finally:
                if self._stopped:
                    self._store.close()
                else:
                    self._store.release()
                    self._plan_retries()
                with self._turn:
                    self._cycles += 1
                    self._turn.notify_all()

    def _plan_retries(self) -> None:
        held = [hold.until for hold in self._holds.values() if hold.failures]
        if held:
            self._plan(min(held))
        elif self._store.pending():
            self._plan(time.monotonic() + max(self._interval, 1.0))  # another process's claims

    def _empty(self, kind: Kind, deadline: float | None) -> None:
        hold = self._holds[kind]
        while time.monotonic() >= hold.until and not self._stopped and not _past(deadline):
            offset = int((self.clock_offset or 0.0) * 1000)
            rows = self._store.claim(kind, self._limits[kind], BATCH_BYTES, offset)
            if not rows:
                return
            try:
                started = time.time()
                reply = self._transport.post(_PATHS[kind], _body(kind, rows), _left(deadline))
            except NoReply as error:
                self._hold_all(str(error))
                return
            self._note_time(reply, started)
            self._answer(kind, rows, reply)
            self._store.release()

    # -- the clock -------------------------------------------------------------------------------

    def _learn_clock(self, deadline: float | None) -> bool:
        """Before the first batch: asks /health what time it is. False when nobody answered."""
        if self.clock_offset is not None:
            return True
        if time.monotonic() < min(hold.until for hold in self._holds.values()):
            return False
        if not self._store.pending():
            return False
        started = time.time()
        try:
            reply = self._transport.get("/health", _left(deadline))
        except NoReply as error:
            self._hold_all(str(error))
            return False
        self._note_time(reply, started)
        if self.clock_offset is None:
            self.clock_offset = 0.0
        return True

    def _note_time(self, reply: Reply, started: float) -> None:
        if reply.server_time is not None:
            offset = reply.server_time - (started + time.time()) / 2
            self.clock_offset = offset if abs(offset) > TOLERATED_CLOCK_ERROR else 0.0

    def _expire(self) -> None:
        # Only with a clock that was checked: one that jumped to 2099 would empty the queue.
        now = time.time() + (self.clock_offset or 0.0)
        self._store.expire(int((now - self._max_age) * 1000))

    # -- answers ---------------------------------------------------------------------------------

    def _hold_all(self, error: str) -> None:
        self._counts.retry(error)
        self._counts.once("unreachable", f"the server does not answer, will try again: {error}")
        for hold in self._holds.values():
            hold.fail(None)

    def _answer(self, kind: Kind, rows: list[Row], reply: Reply) -> None:
        ours = isinstance(reply.body.get("success"), bool)
        if reply.status == 200 and reply.body.get("success") is True:
            self._accepted(kind, rows, reply.body)
        elif reply.status == 413:
            self._too_large(kind, rows)
        elif reply.status in (400, 422) and ours:
            self._refused(kind, rows, reply.body)
        else:
            self._later(kind, reply)

    def _accepted(self, kind: Kind, rows: list[Row], body: dict[str, Any]) -> None:
        rejected = _by_index(body.get("rejected"), len(rows))
        for code in rejected.values():
            self._counts.reject(code)
        if rejected:
            self._counts.once("rejected", f"the server rejected items: {sorted(rejected.values())}")
        self._store.finish([row.seq for row in rows])
        duplicates = body.get("duplicates")
        self._counts.delivered(
            len(rows) - len(rejected), duplicates if isinstance(duplicates, int) else 0
        )
        self._holds[kind].succeed()
        self._counts.forget("unreachable")
        self._counts.forget(f"answer {kind}")
        if kind != "crash":
            self._limits[kind] = min(BATCH_ITEMS, self._limits[kind] * 2)

    def _too_large(self, kind: Kind, rows: list[Row]) -> None:
        if len(rows) == 1:
            self._store.finish([rows[0].seq])
            self._counts.drop("too_large")
        else:
            self._limits[kind] = max(1, len(rows) // 2)

    def _refused(self, kind: Kind, rows: list[Row], body: dict[str, Any]) -> None:
        """A 400: the items it names are dropped; when it names none, halving finds the culprit."""
        named = _by_index(body.get("details"), len(rows))
        if not named and len(rows) == 1:
            named = {0: str(body.get("code") or "bad_request")}
        if not named:
            self._limits[kind] = max(1, len(rows) // 2)
            return
        for code in named.values():
            self._counts.reject(code)
        self._counts.once("rejected", f"the server rejected items: {body.get('error')}")
        self._store.finish([rows[index].seq for index in named])

    def _later(self, kind: Kind, reply: Reply) -> None:
        """Everything else keeps the items. 401 too: a corrected key sends them."""
        error = f"{_PATHS[kind]} answered {reply.status}"
        if reply.status == 401:
            error += ": the app key is wrong"
        elif reply.location:
            error += f": it moved to {reply.location}"
        elif reply.status == 200:
            error += " but this is no Stories Analytics server"
        self._counts.retry(error)
        self._counts.once(f"answer {kind}", f"{error}; items are kept and tried again")
        busy = reply.status in (429, 503)
        for one in KINDS if busy else (kind,):
            self._holds[one].fail(reply.retry_after)


def _body(kind: Kind, rows: list[Row]) -> bytes:
    """The request. Each item is rebuilt from what is on disk, so a resend has the same bytes."""
    name = b"created_at" if kind == "bot" else b"timestamp"
    items = (b'{"%b":"%b",%b' % (name, isoformat(row.stamp).encode(), row.body) for row in rows)
    if kind == "crash":
        return next(items)
    joined = b"[" + b",".join(items) + b"]"
    return b'{"events":' + joined + b"}" if kind == "event" else joined


def _by_index(entries: Any, count: int) -> dict[int, str]:
    """index -> reason code, of entries that name an item which we sent."""
    found: dict[int, str] = {}
    for entry in entries if isinstance(entries, list) else ():
        index = entry.get("index") if isinstance(entry, dict) else None
        if isinstance(index, int) and 0 <= index < count:
            found[index] = str(entry.get("code") or "rejected")
    return found


def _past(deadline: float | None) -> bool:
    return deadline is not None and time.monotonic() >= deadline


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.05, deadline - time.monotonic())
