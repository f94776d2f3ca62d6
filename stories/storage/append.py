"""The append: from validated rows to a commit, each row stored once.

Requests that wait in one worker go into one statement (group commit): it nearly doubled the rate of
10-event batches. A row that PostgreSQL refuses does not fail the other rows of the statement: the
statement is split until the row stands alone.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec

from database import Conflict, Database, NoPartition, Refused, Unavailable, has_citus
from stories import prometheus
from stories.privacy.person_keys import PersonKey
from stories.storage import partitions

MERGE_ROWS = 5000  # past this a transaction gains nothing and everybody in it waits longer
APPEND_SECONDS = 10.0
MAX_WAITING = 20_000  # rows; past this the memory they take is the danger
WAIT_SECONDS = 5.0  # for the appends in front; then 503: a retry is exactly-once, a queue is not
ATTEMPTS = 4
LATE = timedelta(days=3)  # older rows may be in chunks already: compression leaves a week alone
MOST_LATE = 1_000  # such rows of a statement: each is looked up in its chunk


class Row(Protocol):
    """models.EventRow or models.CrashRow; `position` is set here, the place in the statement."""

    position: int
    timestamp: datetime


@dataclass
class Outcome:
    """What became of the rows of one request; `refused` by their index in it."""

    stored: int = 0
    duplicates: int = 0
    refused: dict[int, str] = field(default_factory=dict)


COMPRESSED = ("events", "bot")  # kinds whose rows compression packs
DUPLICATE, STORED, REFUSED = range(3)  # a byte for each row of a statement


class _Ticket:
    """One request's rows in the queue. Its thread sleeps on `wake` until somebody has committed them,
    or until it is the one to commit next (`leads`)."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.outcome: Outcome | None = None
        self.error: Exception | None = None
        self.leads = False
        self.wake = threading.Lock()
        self.wake.acquire()


def may_be_compressed(moment: datetime) -> bool:
    """Whether an event of this time may be in a chunk."""
    return moment < datetime.now(UTC) - LATE


class Appender:
    """Appends rows of one kind ("events", "crashes", "bot", "handled", "feedback", "sessions"); shared
    by a worker's threads.

    The first thread commits its rows and those that wait by then; the others wait, and the first of
    them commits next. So each thread is woken once, whatever the size of a group.
    """

    def __init__(self, database: Database, key: PersonKey, kind: str) -> None:
        self._database = database
        self._key = key
        self._statement = f"storage/append_{kind}"
        self._late_statement = f"storage/append_late_{kind}" if kind in COMPRESSED else None
        self._waiting: list[_Ticket] = []
        self._busy = False
        self._guard = threading.Lock()

    def append(self, rows: Sequence[Row]) -> Outcome:
        """Returns after the commit. Raises Unavailable when nothing is known to be stored."""
        if not rows:
            return Outcome()
        ticket = _Ticket(rows)
        with self._guard:
            ticket.leads, self._busy = not self._busy, True
            if not ticket.leads:
                if sum(len(each.rows) for each in self._waiting) + len(rows) > MAX_WAITING:
                    raise Unavailable("too many requests are waiting for the database")
                self._waiting.append(ticket)
        if not ticket.leads:
            self._wait(ticket)
        if ticket.leads:
            try:
                self._commit([ticket, *self._take(len(rows))])
            finally:
                self._hand_over()
        if ticket.error is not None:
            raise ticket.error
        assert ticket.outcome is not None
        return ticket.outcome

    def _wait(self, ticket: _Ticket) -> None:
        if ticket.wake.acquire(timeout=WAIT_SECONDS):
            return
        with self._guard:
            if ticket.leads:  # just now
                return
            if ticket in self._waiting:
                self._waiting.remove(ticket)
        raise Unavailable("too many requests are waiting for the database")

    def _hand_over(self) -> None:
        with self._guard:
            self._busy = bool(self._waiting)
            if self._busy:
                following = self._waiting.pop(0)
                following.leads = True
                following.wake.release()

    def _take(self, size: int) -> list[_Ticket]:
        """The tickets that join one of `size` rows, in order of arrival: all are ours to finish."""
        with self._guard:
            taken: list[_Ticket] = []
            while self._waiting and size + len(self._waiting[0].rows) <= MERGE_ROWS:
                ticket = self._waiting.pop(0)
                taken.append(ticket)
                size += len(ticket.rows)
            return taken

    def _take_all(self) -> list[_Ticket]:
        with self._guard:
            taken, self._waiting = self._waiting, []
            return taken

    def _commit(self, tickets: list[_Ticket]) -> None:
        rows = [row for ticket in tickets for row in ticket.rows]
        fate = bytearray(len(rows))
        reasons: dict[int, str] = {}
        prometheus.append_rows.observe(len(rows))
        try:
            with prometheus.append_seconds.time():
                self._store(rows, 0, fate, reasons)
        except Exception as error:  # every waiting thread must get it, whatever it is
            if isinstance(error, Unavailable):
                tickets = tickets + self._take_all()  # they would only wait for the same answer
            for ticket in tickets:
                ticket.error = error
                ticket.wake.release()
            return
        start = 0
        for ticket in tickets:
            end = start + len(ticket.rows)
            ticket.outcome = Outcome(
                stored=fate.count(STORED, start, end),
                duplicates=fate.count(DUPLICATE, start, end),
                refused={at - start: why for at, why in reasons.items() if start <= at < end},
            )
            start = end
            ticket.wake.release()

    def _store(
        self, rows: Sequence[Row], first: int, fate: bytearray, reasons: dict[int, str]
    ) -> None:
        """Store rows (the first of them is number `first` of the whole), noting each one's fate;
        on a refusal halve until the row that caused it stands alone."""
        if len(rows) > MOST_LATE and self._late(rows) > MOST_LATE:
            self._store_halves(rows, first, fate, reasons)
            return
        try:
            stored = self._run(rows)
        except Refused as refusal:
            if len(rows) == 1:
                fate[first], reasons[first] = REFUSED, str(refusal)
                return
            self._store_halves(rows, first, fate, reasons)
            return
        for position in range(len(rows)) if stored is None else stored:
            fate[first + position] = STORED

    def _store_halves(
        self, rows: Sequence[Row], first: int, fate: bytearray, reasons: dict[int, str]
    ) -> None:
        middle = len(rows) // 2
        self._store(rows[:middle], first, fate, reasons)
        self._store(rows[middle:], first + middle, fate, reasons)

    def _late(self, rows: Sequence[Row]) -> int:
        """How many of the rows may be in chunks already."""
        if self._late_statement is None or has_citus():  # nothing is compressed there
            return 0
        limit = datetime.now(UTC) - LATE
        return sum(row.timestamp < limit for row in rows)

    def _run(self, rows: Sequence[Row]) -> list[int] | None:
        """Store rows in one statement, with retries; the positions of those that were new, None when
        all were."""
        for position, row in enumerate(rows):
            row.position = position
        document = msgspec.json.encode(rows).decode()
        digest = self._key.digest()
        statement = self._statement
        if self._late(rows):
            assert self._late_statement is not None
            statement = self._late_statement
        for attempt in range(ATTEMPTS):
            last = attempt == ATTEMPTS - 1
            try:
                with self._database.transaction(APPEND_SECONDS, autocommit=True, probe=True) as tx:
                    stored: list[int] | None = tx.value(
                        statement, rows=document, count=len(rows), person_digest=digest
                    )
                    return stored
            except NoPartition:
                if last:
                    raise
                partitions.ensure_for(self._database, [row.timestamp for row in rows])
            except Conflict:
                if last:
                    raise
        raise AssertionError("unreachable")
