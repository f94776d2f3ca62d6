"""The fold: what the outbox names is added to the rollups and taken out of it, in one transaction.

That is exactly once by construction: no watermark, nothing to lose in a dump or a failover; a late
event is simply in the outbox now. Any number of processes may try, an advisory lock lets one do it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import msgspec

import catalogue
from apps import Apps
from catalogue import App
from database import Database, Refused, Transaction
from people import PersonKey

log = logging.getLogger("stories.fold")

FOLD_LOCK = 7_266_002
SLICE = 20_000  # events a transaction: about a second of work, and of lost work when it is killed
MAX_LABELS = 200

# What a slice goes through, in this order: the rollups without people; then, while the people's tables
# still say how things were, everything that changes by the difference; then the people's tables.
STEPS = (
    "fold.known_labels",
    "fold.label_names",
    "fold.daily_events",
    "fold.daily_values",
    "fold.daily_numbers",
    "fold.daily_crashes",
    "fold.new_days",
    "fold.active_gaps",
    "fold.new_people",
    "fold.lifetimes",
    "fold.people_now",
    "fold.cohort_weeks",
    "fold.users",
    "fold.person_days",
    "fold.new_sessions",
    "fold.daily_sessions",
    "fold.sessions_out",
    "fold.sessions_in",
)


def definitions(apps: Iterable[App]) -> dict[str, Any]:
    """What the catalogue says, as the parameters of the fold's statements."""
    countable, derived, rules = [], [], []
    for app in apps:
        for event, properties in app.catalogue.items():
            countable += [
                {"app_id": app.app_id, "event": event, "property": name, **asdict(item)}
                for name, item in properties.items()
                if item.counted
            ]
        for number in catalogue.DERIVED[app.kind]:
            derived.append({"app_id": app.app_id, **asdict(number)})
        for flag in app.flags:
            rules.append({"app_id": app.app_id, "flag": flag.bit, **asdict(flag)})
    return {
        "countable": msgspec.json.encode(countable).decode(),
        "derived": msgspec.json.encode(derived).decode(),
        "rules": msgspec.json.encode(rules).decode(),
        "most": MAX_LABELS,
        "conversion": catalogue.CONVERSION,
    }


def fold(database: Database, apps: Apps, key: PersonKey) -> int:
    """Fold all that is pending; returns how many events and crashes were taken from the outbox
    (testers' among them). 0 at once if another process is folding."""
    total = 0
    while taken := fold_slice(database, apps, key):
        total += taken
    return total


def fold_pending(tx: Transaction, apps: Apps, key: PersonKey) -> None:
    """Fold all that is pending inside a transaction that holds the lock and goes on with more."""
    defined = definitions(apps.all())
    while _take(tx, defined, key, SLICE):
        tx.run("/* fold.fold_pending */ drop table slice_keys, slice, new_days, new_people, new_sessions")


def fold_slice(database: Database, apps: Apps, key: PersonKey, most: int = SLICE) -> int:
    """Fold the oldest `most` events, more or less, in one transaction; returns how many it took."""
    try:
        with database.transaction(seconds=600) as tx:
            if not lock(tx):
                return 0
            return _take(tx, definitions(apps.all()), key, most)
    except Refused as refusal:
        return _isolate(database, apps, key, most, refusal)


def wait_for_lock(tx: Transaction) -> None:
    """The same, waiting for whoever holds it: for jobs that must happen now."""
    tx.run("/* fold.wait_for_lock */ select pg_advisory_xact_lock(%(key)s)", key=FOLD_LOCK)


def lock(tx: Transaction) -> bool:
    """The folder's lock, held to the end of the transaction; false if somebody else has it."""
    return bool(tx.value("/* fold.lock */ select pg_try_advisory_xact_lock(%(key)s)",
                         key=FOLD_LOCK))


def pending(tx: Transaction) -> bool:
    return bool(tx.value("/* fold.pending */ select exists (select from outbox)"))


def _take(tx: Transaction, defined: dict[str, Any], key: PersonKey, most: int) -> int:
    if not pending(tx):
        return 0
    tx.script_named("fold.tables")
    taken: int = tx.value("fold.take", most=most)
    if tx.value("/* fold.take */ select exists (select from tombstones)"):
        for table in ("events", "crashes"):  # what slipped past the append in a race
            tx.run(f"fold.drop_erased_{table}", person_digest=key.digest())
    add_slice(tx, defined)
    tx.run("fold.done")
    return taken


def add_slice(tx: Transaction, defined: dict[str, Any]) -> None:
    """Add the events and crashes in `slice_keys` to the rollups that the transaction sees."""
    # A slice is small beside the tables: each key is looked up, whatever the statistics say.
    tx.run("/* fold.add_slice */ set local enable_hashjoin = off")
    tx.run("/* fold.add_slice */ set local enable_mergejoin = off")
    tx.run("fold.slice", **defined)
    tx.run("/* fold.add_slice */ set local enable_hashjoin = on")
    tx.run("/* fold.add_slice */ set local enable_mergejoin = on")
    for name in STEPS:
        tx.run(name, **defined)


def clear_slice(tx: Transaction) -> None:
    """Empty the work tables for another slice in the same transaction."""
    tx.run("/* fold.clear_slice */ truncate slice_keys, slice, new_days, new_people, new_sessions")


def _isolate(
    database: Database, apps: Apps, key: PersonKey, most: int, refusal: Exception
) -> int:
    """Something in the oldest `most` events breaks the fold: smaller slices, then halves of one outbox
    row, then the one event set aside with the reason. The rest goes on."""
    with database.transaction(seconds=60) as tx:
        if not lock(tx):
            return 0
        first = tx.row("/* fold.isolate */ select id, n from outbox order by id limit 1")
        if first is None:
            return 0
        if most > first["n"]:
            smaller = max(first["n"], most // 2)
        elif first["n"] > 1:
            tx.run("fold.split_outbox", id=first["id"])
            smaller = max(1, first["n"] // 2)
        else:
            tx.run("fold.set_aside", id=first["id"], reason=str(refusal))
            log.error("set aside an event that broke the fold: %s", refusal)
            return 1
    return fold_slice(database, apps, key, smaller)
