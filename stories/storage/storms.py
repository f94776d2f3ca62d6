"""Storms: every crash is counted, but of many alike only some are kept whole.

Of an app, a group and an hour of arrival a worker keeps whole the numbers 1 to 20, the powers of two,
and the first three of each version, 40 at most. Of an app in an hour it keeps 500; the last hundred are
for the first crash of a group, so that a new fault is seen whole beside the storms of others. Of the
rest only the row is stored, without what makes it long. Nothing is refused: clients lose what they are
refused.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

FIRST, OF_A_VERSION = 20, 3
WHOLE_OF_A_GROUP, WHOLE_OF_AN_APP, FOR_FIRSTS = 40, 500, 100
MAX_GROUPS = 5_000  # that a worker counts at a time, 5 MB

Key = tuple[int, bytes]  # app and fingerprint


@dataclass
class _Group:
    n: int = 0
    whole: int = 0
    versions: Counter[str] = field(default_factory=Counter)  # at most as many as are kept whole

    def count(self, version: str) -> bool:
        """Whether the crash that is counted here is kept whole."""
        self.n += 1
        if self.whole >= WHOLE_OF_A_GROUP:
            return False
        self.versions[version] += 1
        is_power_of_two = self.n & (self.n - 1) == 0
        is_whole = self.n <= FIRST or is_power_of_two or self.versions[version] <= OF_A_VERSION
        self.whole += is_whole
        return is_whole


@dataclass(frozen=True)
class Place:
    """That of one crash in its hour. is_whole: whether it is kept whole."""

    key: Key
    version: str
    hour: datetime | None
    is_whole: bool


class Storms:
    """The counts of one worker in the hour that is now. Safe to use from several threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._hour: datetime | None = None
        self._groups: dict[Key, _Group] = {}
        self._whole: Counter[int] = Counter()  # by app

    def count(self, app_id: int, fingerprint: bytes, version: str | None, now: datetime) -> Place:
        """Count a crash that arrived now."""
        key, version = (app_id, fingerprint), version or ""
        with self._guard:
            self._begin_hour(now)
            group = self._groups.get(key)
            if group is None and len(self._groups) < MAX_GROUPS:
                group = self._groups[key] = _Group()
            if group is None or self._whole[app_id] >= WHOLE_OF_AN_APP - FOR_FIRSTS * (group.n > 0):
                return Place(key, version, None, is_whole=False)
            is_whole = group.count(version)
            self._whole[app_id] += is_whole
            return Place(key, version, self._hour, is_whole)

    def take_back(self, place: Place) -> None:
        """Of a crash that was not stored after all, or is stored already: it takes no place."""
        with self._guard:
            if place.hour is None or place.hour != self._hour:
                return
            group = self._groups[place.key]
            group.n -= 1
            group.versions[place.version] -= group.versions[place.version] > 0
            group.whole -= place.is_whole
            self._whole[place.key[0]] -= place.is_whole

    def _begin_hour(self, now: datetime) -> None:
        """Forget the counts of another hour; a crash that waited while an hour ended is of the next."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self._hour is None or not hour <= self._hour <= hour + timedelta(hours=1):
            self._hour = hour
            self._groups.clear()
            self._whole.clear()
