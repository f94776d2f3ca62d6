"""The fold: what the outbox names is added to the rollups and taken out of it, in one transaction.

That is exactly once by construction: no watermark, nothing to lose in a dump or a failover; a late
event is simply in the outbox now. Any number of processes may try, an advisory lock lets one do it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import msgspec

from database import Database, Inline, Refused, Transaction
from stories import catalogue
from stories.apps import Apps
from stories.catalogue import App
from stories.privacy.person_keys import PersonKey

log = logging.getLogger("stories.fold")

FOLD_LOCK = 7_266_002
SLICE = 20_000  # events a transaction: about a second of work, and of lost work when it is killed
SLICE_SECONDS = 600
MAX_LABELS = 200

# Tables that an append fills and the fold empties of what slipped in while its person was erased.
APPENDED = ("events", "crashes", "contents", "images", "external_ids")

# What a slice goes through, in this order: the rollups without people; then, while the people's
# tables still say how things were, everything that changes by the difference; then the people's
# tables.
STEPS = (
    "rollups/known_labels",
    "rollups/label_names",
    "rollups/daily_events",
    "rollups/daily_values",
    "rollups/daily_numbers",
    "rollups/daily_crashes",
    "rollups/new_days",
    "rollups/active_gaps",
    "rollups/new_people",
    "rollups/lifetimes",
    "rollups/people_now",
    "rollups/cohort_weeks",
    "rollups/users",
    "rollups/person_days",
    "rollups/new_sessions",
    "rollups/daily_sessions",
    "rollups/sessions_out",
    "rollups/sessions_in",
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
    """Fold all that was pending when it began; returns how many events and crashes were taken from
    the outbox (testers' among them). Stops if another process is folding. What comes in meanwhile
    is the next call's: with appends that never pause this would not end."""
    with database.transaction(seconds=5, autocommit=True) as tx:
        newest = _newest(tx)
    return 0 if newest is None else sum(_slices(database, apps, key, SLICE, newest))


def fold_slice(database: Database, apps: Apps, key: PersonKey, most: int = SLICE) -> int:
    """Fold the oldest `most` events, more or less, in one transaction; returns how many it took."""
    return next(_slices(database, apps, key, most), 0)


def fold_pending(tx: Transaction, apps: Apps, key: PersonKey) -> None:
    """Fold what is pending now inside a transaction that holds the lock and goes on with more. An
    event that breaks the fold breaks it here too: call `fold` before, it sets such events aside."""
    newest = _newest(tx)
    while _take(tx, apps, key, SLICE, newest):
        tx.run(
            Inline(
                "/* fold.fold_pending */ drop table slice_keys, slice, new_days, new_people, "
                "new_sessions, erased_keys"
            )
        )


def try_again(database: Database) -> int:
    """Put what was set aside back into the outbox, for the next fold; returns how many."""
    with database.transaction(seconds=60) as tx:
        wait_for_lock(tx)
        return tx.run("rollups/try_again")


def wait_for_lock(tx: Transaction) -> None:
    """The folder's lock to the end of the transaction, for jobs that must happen now. Limits that
    the server sets for everybody's statements are not meant for them."""
    tx.run(
        Inline(f"/* fold.wait_for_lock */ select {UNLIMITED}, pg_advisory_xact_lock(%(key)s)"),
        key=FOLD_LOCK,
    )


def lock(tx: Transaction) -> bool:
    """The same if it is free; false if somebody else has it."""
    row = tx.row(
        Inline(f"/* fold.lock */ select {UNLIMITED}, pg_try_advisory_xact_lock(%(key)s) as mine"),
        key=FOLD_LOCK,
    )
    return row is not None and bool(row["mine"])


UNLIMITED = (
    "set_config('statement_timeout', '0', true), "
    "set_config('idle_in_transaction_session_timeout', '0', true)"
)


def pending(tx: Transaction, newest: int | None = None) -> bool:
    """Whether something waits to be folded; with `newest`, something no newer than that row."""
    return bool(
        tx.value(
            Inline(
                "/* fold.pending */ select exists (select from outbox "
                "where %(newest)s::bigint is null or id <= %(newest)s)"
            ),
            newest=newest,
        )
    )


def _newest(tx: Transaction) -> int | None:
    found: int | None = tx.value(Inline("/* fold.newest */ select max(id) from outbox"))
    return found


def _slices(
    database: Database, apps: Apps, key: PersonKey, most: int, newest: int | None = None
) -> Iterator[int]:
    """A slice a step, each in a transaction of its own; gives how many events each took, and ends
    when nothing is left or another process is folding.

    Something that breaks the fold is found by smaller and smaller slices and set aside. The slices
    grow again slowly, so that a run of bad events costs little more than one.
    """
    size, told = most, False
    while True:
        try:
            with database.transaction(seconds=SLICE_SECONDS) as tx:
                taken = _take(tx, apps, key, size, newest) if lock(tx) else 0
        except Refused as refusal:
            size, aside = _narrow(database, size, refusal)
            if aside and not told:
                log.error("set aside an event that broke the fold: %s", refusal)
                told = True
            if not size:
                return
            if aside:
                yield aside
            continue
        if not taken:
            return
        yield taken
        size = min(most, size * 2)


def _take(tx: Transaction, apps: Apps, key: PersonKey, most: int, newest: int | None) -> int:
    if not pending(tx, newest):
        return 0
    tx.script_named("rollups/tables")
    taken: int = tx.value("rollups/take", most=most)
    if tx.value(Inline("/* fold.take */ select exists (select from tombstones)")):
        _drop_erased(tx, key)
    # Read after the take: an event in it was accepted by a catalogue no newer than this one.
    add_slice(tx, definitions(apps.read(tx)))
    tx.run("rollups/done")
    return taken


def _drop_erased(tx: Transaction, key: PersonKey) -> None:
    """Remove what slipped past the append while its person was being erased."""
    if tx.run("rollups/erased_keys", person_digest=key.digest()):
        _small_joins(tx, True)
        for table in APPENDED:
            tx.run(f"rollups/drop_erased_{table}")
        _small_joins(tx, False)


def _small_joins(tx: Transaction, wanted: bool) -> None:
    """A slice is small beside the tables: each key is looked up, whatever the statistics say."""
    for method in ("hashjoin", "mergejoin"):
        tx.run(
            Inline(
                f"/* fold.small_joins */ set local enable_{method} = {'off' if wanted else 'on'}"
            )
        )


def add_slice(tx: Transaction, defined: dict[str, Any]) -> None:
    """Add the events and crashes in `slice_keys` to the rollups that the transaction sees."""
    tx.run_all(("rollups/slice", *STEPS), **defined)


def clear_slice(tx: Transaction) -> None:
    """Empty the work tables for another slice in the same transaction."""
    tx.run(
        Inline(
            "/* fold.clear_slice */ truncate slice_keys, slice, new_days, new_people, new_sessions"
        )
    )


def _narrow(database: Database, size: int, refusal: Refused) -> tuple[int, int]:
    """Something in the oldest `size` events breaks the fold: a smaller size, then halves of one
    outbox row, then the one event is set aside with the reason. Returns the size to go on with, 0
    if another process is folding, and how many events were set aside."""
    with database.transaction(seconds=60) as tx:
        if not lock(tx):
            return 0, 0
        first = tx.row("rollups/first")
        if first is None:
            return 0, 0
        size = min(size, first["waiting"])
        if size > first["n"]:
            return max(first["n"], size // 2), 0
        if first["n"] > 1:
            tx.run("rollups/split_outbox", id=first["id"])
            return max(1, first["n"] // 2), 0
        tx.run("rollups/set_aside", id=first["id"], reason=str(refusal))
        return 1, 1
