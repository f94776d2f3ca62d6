"""Counters that several threads write, and log lines that must not repeat."""

from __future__ import annotations

import threading
from collections import Counter

from ._types import logger


class Counts:
    """What happened to items. Never touched on the usual path of `track`."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Starts from nothing, with a new lock: a forked child cannot trust the old one."""
        self._lock = threading.Lock()
        self._logged: set[str] = set()
        self.sent = 0
        self.lost = 0  # of what a call had said was taken
        self.duplicates = 0
        self.retries = 0
        self.dropped: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.last_error: str | None = None

    def drop(self, reason: str, n: int = 1) -> None:
        """Items that a call did not take or the server refused."""
        if n:
            with self._lock:
                self.dropped[reason] += n
            self.once(reason, f"items are being dropped: {reason}")

    def lose(self, reason: str, n: int = 1) -> None:
        """Items that were taken and are given up: flush() tells."""
        with self._lock:
            self.lost += n
        self.drop(reason, n)

    def reject(self, code: str, n: int = 1) -> None:
        with self._lock:
            self.rejected[code] += n

    def delivered(self, sent: int, duplicates: int) -> None:
        with self._lock:
            self.sent += sent
            self.duplicates += duplicates

    def retry(self, error: str) -> None:
        with self._lock:
            self.retries += 1
            self.last_error = error

    def once(self, key: str, sentence: str) -> None:
        """Logs a warning the first time `key` comes up, until `forget(key)`."""
        if key not in self._logged:
            self._logged.add(key)
            logger.warning("%s", sentence)

    def forget(self, key: str) -> None:
        self._logged.discard(key)
