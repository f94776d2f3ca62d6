"""The drop ledger: what was not stored, by day, app and reason. Counts only, nothing of the item.

Counted in memory and written by the worker's ticker: a refusal must not cost a transaction. A killed
worker loses the last second's counts, never an event.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date, datetime

from database import Database


class Ledger:
    """The counts of one worker, between two writes. Safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts: Counter[tuple[date, int, str]] = Counter()
        self._guard = threading.Lock()

    def add(self, moment: datetime, app_id: int, reason: str, n: int = 1) -> None:
        """Count n items that were not stored; reason: a code of errors.ApiError."""
        with self._guard:
            self._counts[moment.date(), app_id, reason] += n

    def write(self) -> None:
        """Add the counts to the table; if that fails they are kept for the next try, and it raises."""
        with self._guard:
            taken, self._counts = self._counts, Counter()
        if not taken:
            return
        try:
            with self._database.transaction(seconds=5) as tx:
                for (day, app_id, reason), n in sorted(taken.items()):
                    tx.run("storage/drop_ledger_add", day=day, app_id=app_id, reason=reason, n=n)
        except Exception:
            with self._guard:
                self._counts += taken
            raise
