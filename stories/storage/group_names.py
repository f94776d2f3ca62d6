"""Names of groups: written with the first crash of a fingerprint, and at most so many an hour.

A client whose fingerprints are random would make as many issues as crashes. Past NEW_AN_HOUR new ones
of an app in an hour of arrival, crashes of unknown fingerprints are counted in one group, CATCH_ALL.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import msgspec

from database import Database, Transaction
from stories.crashes.grouping import CATCH_ALL, CATCH_ALL_TITLE
from stories.payloads.crash import GroupName

NEW_AN_HOUR = 200
MAX_KNOWN = 20_000  # fingerprints in the memory of a worker, 2 MB
SECONDS = 5.0


class GroupNames:
    """Which fingerprints of an app are named, as one worker knows it. Safe to use from several
    threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._guard = threading.Lock()
        self._hour: datetime | None = None
        self._known: set[tuple[int, bytes]] = set()

    def admit(self, name: GroupName, now: datetime) -> bool:
        """Whether crashes of this fingerprint are counted in a group of its own, which has its name
        then; if not, CATCH_ALL has one. now: of the arrival. Raises Unavailable."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self._is_known(name, hour):
            return True
        if self._ensure_named(name, hour, now):
            self._remember(name, hour)
            return True
        many = _many(name)
        if not self._is_known(many, hour):
            with self._database.transaction(SECONDS, autocommit=True, probe=True) as tx:
                write(tx, many, now)
            self._remember(many, hour)
        return False

    def _ensure_named(self, name: GroupName, hour: datetime, now: datetime) -> bool:
        """Whether the group has a name or, as fewer than NEW_AN_HOUR were given, got one."""
        with self._database.transaction(SECONDS, autocommit=True, probe=True) as tx:
            is_named = _state(tx, name, hour)
        if is_named is None:
            with self._database.transaction(SECONDS) as tx:
                tx.rows("storage/lock_group_names", app_id=name.app_id)
                is_named = _state(tx, name, hour)
                if is_named is None:
                    write(tx, name, now)
        return is_named is not False

    def _is_known(self, name: GroupName, hour: datetime) -> bool:
        with self._guard:
            if self._hour != hour:  # a name may be gone by now, with the last crash that it had
                self._hour = hour
                self._known.clear()
            return (name.app_id, name.fingerprint) in self._known

    def _remember(self, name: GroupName, hour: datetime) -> None:
        with self._guard:
            if self._hour == hour and len(self._known) < MAX_KNOWN:
                self._known.add((name.app_id, name.fingerprint))


def ensure_named(tx: Transaction, name: GroupName) -> bool:
    """As GroupNames.admit, within a transaction and with nothing remembered: whether the group has a
    name or got one."""
    now = datetime.now(UTC)
    tx.rows("storage/lock_group_names", app_id=name.app_id)
    is_named = _state(tx, name, now.replace(minute=0, second=0, microsecond=0))
    if is_named is None:
        write(tx, name, now)
    return is_named is not False


def write(tx: Transaction, name: GroupName, now: datetime) -> None:
    """Name a group, unless it has a name. now: when that counts as given."""
    tx.run("storage/name_group", **msgspec.structs.asdict(name), named_at=now)


def _state(tx: Transaction, name: GroupName, hour: datetime) -> bool | None:
    """True: it has a name. False: it has none, nor can it get one this hour. None: it can."""
    row = tx.row(
        "storage/find_group_name",
        app_id=name.app_id,
        fingerprint=name.fingerprint,
        since=hour,
        most=NEW_AN_HOUR,
    )
    assert row is not None
    if row["is_named"]:
        return True
    return False if row["new_names"] >= NEW_AN_HOUR else None


def _many(name: GroupName) -> GroupName:
    return GroupName(
        app_id=name.app_id,
        fingerprint=CATCH_ALL,
        title=CATCH_ALL_TITLE,
        culprit="",
        crash_type=name.crash_type,
        raw=False,
        handled=False,
        why=[f"more than {NEW_AN_HOUR} new groups in an hour"],
        keys=[],
    )
