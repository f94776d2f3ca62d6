"""The fold and the jobs around it: from the outbox to the rollups.

`python aggregator.py fold | rebuild | expire | check | partitions` runs a job from cron; the workers
fold by themselves about once a second. Any number may try: an advisory lock lets one do it.
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
from database import Database, Refused, Transaction, Unavailable

log = logging.getLogger("stories.fold")

FOLD_LOCK = 7_266_002
SLICE = 20_000  # events a transaction: about a second of work, and of lost work when it is killed
MAX_LABELS = 200

# What a slice goes through, in this order: the rollups without people; then, while the people's tables
# still say how things were, everything that changes by the difference; then the people's tables.
STEPS = (
    "fold.known_labels",
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
        for event, properties in catalogue.CATALOGUES[app.kind].items():
            for name, item in properties.items():
                countable.append({"app_id": app.app_id, "event": event, "property": name, **asdict(item)})
        for number in catalogue.DERIVED[app.kind]:
            derived.append({"app_id": app.app_id, **asdict(number)})
        for flag in catalogue.FLAGS[app.kind]:
            rules.append({"app_id": app.app_id, "flag": flag.bit, **asdict(flag)})
    return {
        "countable": msgspec.json.encode(countable).decode(),
        "derived": msgspec.json.encode(derived).decode(),
        "rules": msgspec.json.encode(rules).decode(),
        "most": MAX_LABELS,
        "conversion": catalogue.CONVERSION,
    }


def fold(database: Database, apps: Apps) -> int:
    """Fold all that is pending; returns how many events and crashes were added up (testers' included
    in what is taken, not in what is counted). 0 at once if another process is folding."""
    total = 0
    while taken := _fold_slice(database, apps, SLICE):
        total += taken
    return total


def _fold_slice(database: Database, apps: Apps, most: int) -> int:
    try:
        with database.transaction(seconds=600) as tx:
            if not lock(tx):
                return 0
            taken = _take(tx, definitions(apps.all()), most)
            return taken
    except Refused as refusal:
        return _isolate(database, apps, most, refusal)


def lock(tx: Transaction) -> bool:
    """The folder's lock, held to the end of the transaction."""
    return bool(tx.value("/* aggregator.lock */ select pg_try_advisory_xact_lock(%(key)s)",
                         key=FOLD_LOCK))


def pending(tx: Transaction) -> bool:
    return bool(tx.value("/* aggregator.pending */ select exists (select from outbox)"))


def _take(tx: Transaction, defined: dict[str, Any], most: int) -> int:
    if not pending(tx):
        return 0
    tx.script_named("fold.tables")
    # The keys of a slice are few beside the tables: each is looked up, whatever the statistics say.
    tx.run("/* aggregator.take */ set local enable_hashjoin = off")
    tx.run("/* aggregator.take */ set local enable_mergejoin = off")
    taken = tx.value("fold.take", rules=defined["rules"], most=most)
    tx.run("/* aggregator.take */ set local enable_hashjoin = on")
    tx.run("/* aggregator.take */ set local enable_mergejoin = on")
    add_slice(tx, defined)
    tx.run("fold.done")
    return int(taken)


def add_slice(tx: Transaction, defined: dict[str, Any]) -> None:
    """Add what is in `slice` to the rollups that the transaction sees."""
    for name in STEPS:
        tx.run(name, **defined)


def _isolate(database: Database, apps: Apps, most: int, refusal: Exception) -> int:
    """Something in the oldest `most` events breaks the fold: smaller slices, then halves of one outbox
    row, then the one event set aside with the reason. The rest goes on."""
    with database.transaction(seconds=60) as tx:
        if not lock(tx):
            return 0
        first = tx.row("/* aggregator.isolate */ select id, n from outbox order by id limit 1")
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
    return _fold_slice(database, apps, smaller)
