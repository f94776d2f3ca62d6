"""The connections that reports read through: a streaming standby while it is well, else the primary.

An answer holds what the primary held when it was asked for: before a read the primary says where its
log ends, and the standby gets a moment to come up to there. One that is gone, or is more than a minute
behind, is not read from; then reports cost the primary what they did without a standby.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from database import Database, Transaction, Unavailable

log = logging.getLogger("stories.replica")

ASK_SECONDS = 0.5
WAIT_SECONDS = 0.5  # for what a healthy standby lacks, which is some milliseconds of the log
POLL_SECONDS = 0.01
MAX_BEHIND = 60.0  # seconds; from there on doctor warns about the fold too
PAUSE_SECONDS = 5.0  # before one that was gone, or came up too slowly, is waited for again
POSITION = "operation/wal_position"
LAG = "operation/replica_lag"


class ReportsDatabase(Database):
    """Like the primary, for who only reads. A report that is being read when the standby goes fails,
    as it does when the primary goes; the next one is read from the primary."""

    def __init__(self, dsn: str, size: int, primary: Database) -> None:
        super().__init__(dsn, size)
        self._primary = primary
        self._not_before = 0.0  # these two on time.monotonic's clock
        self._no_wait_before = 0.0
        self._told = ""

    @contextmanager
    def transaction(
        self,
        seconds: float | None = 30,
        *,
        isolation: str | None = None,
        read_only: bool = True,
        autocommit: bool = False,
        probe: bool = False,
        keeps_plans: bool = False,
    ) -> Iterator[Transaction]:
        """As Database.transaction, of the standby or of the primary."""
        read = super().transaction if self._is_ready() else self._primary.transaction
        with read(
            seconds,
            isolation=isolation,
            read_only=read_only,
            autocommit=autocommit,
            probe=probe,
            keeps_plans=keeps_plans,
        ) as tx:
            yield tx

    def lag(self) -> float | None:
        """Seconds that the standby is behind the primary, for who watches; None when there is none to
        read from. On connections of its own. Raises Unavailable when the primary is gone."""
        position = self._primary.ping(POSITION, ASK_SECONDS)
        try:
            lag: float | None = self.ping(LAG, ASK_SECONDS, position=position)
            if lag:  # it may only be on its way
                time.sleep(0.1)
                lag = self.ping(LAG, ASK_SECONDS, position=position)
        except Unavailable:
            return None
        return lag

    def _is_ready(self) -> bool:
        if time.monotonic() < self._not_before:
            return False
        with self._primary.transaction(seconds=5, autocommit=True) as tx:
            position = str(tx.value(POSITION))
        try:
            lag = self._catch_up(position)
        except Unavailable as error:
            return self._leave(f"does not answer: {error}")
        if lag is None:
            return self._leave("is no standby")
        if lag > MAX_BEHIND:
            return self._leave("is more than a minute behind")
        self._tell("")
        return True

    def _catch_up(self, position: str) -> float | None:
        """The standby's lag, as soon as it is 0 or has been waited for in vain."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            with super().transaction(ASK_SECONDS, autocommit=True) as tx:
                lag: float | None = tx.value(LAG, position=position)
            now = time.monotonic()
            if not lag or now < self._no_wait_before:
                return lag
            if now >= deadline:
                self._no_wait_before = now + PAUSE_SECONDS
                return lag
            time.sleep(POLL_SECONDS)

    def _leave(self, why: str) -> bool:
        self._not_before = time.monotonic() + PAUSE_SECONDS
        self._tell(why)
        return False

    def _tell(self, why: str) -> None:
        """Log what has changed, once."""
        if why.partition(":")[0] == self._told:
            return
        self._told = why.partition(":")[0]
        if why:
            log.warning("reports are read from the primary: the replica %s", why)
        else:
            log.warning("reports are read from the replica again")
