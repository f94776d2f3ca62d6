"""Whether the database answers, asked at most once a second however many ask /health."""

from __future__ import annotations

import threading
import time

from database import Database, Unavailable
from stories.operation.replica import ReportsDatabase

PROBE_SECONDS = 1.0  # without an answer; then the database counts as away
KEPT_SECONDS = 1.0


class HealthProbe:
    """One probe at a time in a worker, on a connection of its own: a busy pool is not illness. Who
    asks meanwhile waits for the same answer."""

    def __init__(self, database: Database, replica: ReportsDatabase | None = None) -> None:
        """replica_lag: of the replica when the last probe was made; None: there is none to read
        from."""
        self._database = database
        self._replica = replica
        self.replica_lag: float | None = None
        self._probing = threading.Lock()  # the module's: gevent has patched it
        self._lag: float | None = None
        self._expires = 0.0
        self._answer: bytes | None = None

    def rollup_lag(self) -> float | None:
        """Seconds that the rollups are behind, at most KEPT_SECONDS old; None: no database."""
        with self._probing:
            if time.monotonic() >= self._expires:
                self._lag = self._ask()
                self._expires = time.monotonic() + KEPT_SECONDS
            return self._lag

    def keep_answer(self, answer: bytes) -> None:
        """The body of a 200, for `kept_answer` to give out."""
        self._answer = answer

    def kept_answer(self) -> bytes | None:
        """What /health last answered, while that is fresh or the database is being asked anew; None when
        somebody has to ask."""
        fresh = time.monotonic() < self._expires or self._probing.locked()
        return self._answer if fresh and self._lag is not None else None

    def _ask(self) -> float | None:
        try:
            lag = float(self._database.ping("operation/fold_lag", PROBE_SECONDS))
            self.replica_lag = None if self._replica is None else self._replica.lag()
            return lag
        except Unavailable:
            return None
