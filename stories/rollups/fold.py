"""The fold: what the outbox names is added to the rollups and taken out of it, in one transaction.

That is exactly once by construction: no watermark, nothing to lose in a dump or a failover; a late
event is simply in the outbox now. Any number of processes may try, an advisory lock lets one do it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from typing import Any

from database import Database, Inline, Refused, Row, Stopped, Transaction
from stories.apps import Apps
from stories.privacy.person_keys import PersonKey
from stories.rollups import schema, work_tables
from stories.rollups.definitions import definitions

log = logging.getLogger("stories.fold")

FOLD_LOCK = 7_266_002
# A fold costs what some hundred events do, however few there are. Who reads folds first, so nobody sees
# that a few have waited.
ENOUGH = 500  # events that are folded at the next tick
SLICE = 20_000  # events a transaction: about a second of work, and of lost work when it is killed
SLICE_SECONDS = 600
STATEMENT_SECONDS = 30  # of one statement of a slice; what takes longer is tried again in parts
PARTS_SECONDS = 30  # for the parts of one slice; what is left then goes to the end of the outbox

# Tables that an append fills and the fold empties of what slipped in while its person was erased.
APPENDED = ("events", "crashes", "contents", "images", "external_ids", "error_details")

# What finds the groups and issues of crashes and adds them up: the fold, and a move between groups.
GROUP_STEPS = (
    "crashes/slice_groups",
    "crashes/new_groups",
    "crashes/known_issues",
    "crashes/new_issues",
    "crashes/group_days",
    "crashes/group_hours",
    "crashes/group_people",
    "crashes/group_counters",
)
# All that has nothing to do in a slice without a crash or handled error.
STEPS_OF_GROUPS = {
    *GROUP_STEPS,
    "crashes/slice_issues",
    "crashes/issue_counters",
    "crashes/regressed",
    "crashes/back",
}
# Only for what has left with compressed days.
RETURN_SESSIONS = "rollups/return_sessions"
# What a slice goes through, in this order: the people as they were sent; which values count by their
# own name; the rollups without people; then, while the people's tables still say how things were,
# everything that changes by the difference; then the people's tables.
STEPS = (
    "rollups/new_people",
    "rollups/label_facts",
    "rollups/kept_values",
    "rollups/name_others",
    "rollups/label_names",
    "rollups/daily_events",
    "rollups/daily_values",
    "rollups/daily_numbers",
    "rollups/daily_crashes",
    "crashes/releases",
    *GROUP_STEPS,
    "crashes/slice_issues",
    "crashes/issue_counters",
    "crashes/regressed",
    "crashes/back",
    "rollups/note_nobody",
    "rollups/new_days",
    "rollups/kept_value_people",
    "rollups/active_gaps",
    "rollups/facet_gaps",
    "rollups/lifetimes",
    "rollups/present_gaps",
    "rollups/people_now",
    "rollups/cohort_weeks",
    "rollups/users",
    "rollups/person_days",
    RETURN_SESSIONS,
    "rollups/new_sessions",
    "rollups/daily_sessions",
    "rollups/sessions_out",
    "rollups/sessions_longer",
    "rollups/sessions_in",
)
# Sessions of SDKs, if the slice names some: after all that reads the tables they are put into.
SESSION_STEPS = (
    "rollups/slice_sdk_sessions",
    "rollups/kept_values",
    "rollups/session_days",
    "crashes/releases",
)
# The part of them that needs nothing but the events themselves.
COUNTING_STEPS = (
    "rollups/label_facts",
    "rollups/kept_values",
    "rollups/name_others",
    "rollups/daily_events",
    "rollups/daily_values",
    "rollups/daily_numbers",
    "rollups/daily_crashes",
)
EVENT_STEPS = (*COUNTING_STEPS, "crashes/group_days", "crashes/group_hours")
# What becomes of issues is decided once, when a crash is folded: a recount only counts, from nothing.
DECISIONS = (
    "crashes/releases",
    "crashes/slice_groups",
    "crashes/new_groups",
    "crashes/known_issues",
    "crashes/new_issues",
    "crashes/slice_issues",
    "crashes/group_counters",
    "crashes/issue_counters",
    "crashes/regressed",
    "crashes/back",
    "rollups/note_nobody",
    RETURN_SESSIONS,
)


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
    """Fold what is pending now inside a transaction that holds the lock and goes on with more."""
    newest = _newest(tx)
    while _take(tx, apps, key, SLICE, newest)[0]:
        work_tables.clear_taken(tx)


def return_set_aside(database: Database) -> int:
    """Put what was set aside back into the outbox, for the next fold; returns how many."""
    with database.transaction(seconds=60) as tx:
        wait_for_lock(tx)
        return tx.run("rollups/return_set_aside")


def wait_for_lock(tx: Transaction) -> None:
    """The fold's lock to the end of the transaction, for jobs that must happen now. Raises Unavailable
    where the tables are not this release's, or about to be others."""
    schema.hold(tx)
    wait_for(tx, FOLD_LOCK)


def wait_for(tx: Transaction, key: int) -> None:
    """An advisory lock to the end of the transaction. Limits that the server sets for everybody's
    statements are not meant for who needs it."""
    tx.run(
        Inline(f"/* fold.wait_for */ select {UNLIMITED}, pg_advisory_xact_lock(%(key)s)"), key=key
    )


def lock(tx: Transaction) -> bool:
    """The fold's lock if it is free; false if somebody else has it, or migrates. Raises
    schema.NewerSchema."""
    row = tx.row(
        Inline(
            f"/* fold.lock */ select {UNLIMITED}, pg_try_advisory_xact_lock_shared(%(migration)s) "
            "and pg_try_advisory_xact_lock(%(key)s) as mine"
        ),
        migration=schema.MIGRATION_LOCK,
        key=FOLD_LOCK,
    )
    if row is None or not row["mine"]:
        return False
    schema.check(tx)
    return True


UNLIMITED = (
    "set_config('statement_timeout', '0', true), "
    "set_config('idle_in_transaction_session_timeout', '0', true)"
)


def pending(tx: Transaction, newest: int | None = None) -> bool:
    """Whether something waits to be folded; with `newest`, something no newer than that row."""
    return bool(tx.value("rollups/pending", newest=newest))


def _newest(tx: Transaction) -> int | None:
    newest: int | None = tx.value("rollups/newest_outbox_row")
    return newest


def _slices(
    database: Database, apps: Apps, key: PersonKey, most: int, newest: int | None = None
) -> Iterator[int]:
    """A slice a step, each in a transaction of its own; gives how many events each took, and ends
    when nothing is left or another process is folding."""
    reported = False
    while True:
        with database.transaction(seconds=SLICE_SECONDS, keeps_plans=True) as tx:
            taken, reasons = _take(tx, apps, key, most, newest) if lock(tx) else (0, [])
        if reasons and not reported:
            log.error("set aside %d events that broke the fold: %s", len(reasons), reasons[0])
            reported = True
        if not taken:
            return
        yield taken


def _take(
    tx: Transaction, apps: Apps, key: PersonKey, most: int, newest: int | None
) -> tuple[int, list[str]]:
    """Fold the oldest `most` events. Returns how many were taken from the outbox, and for each
    that broke the fold and was set aside the reason."""
    if not pending(tx, newest):
        return 0, []
    work_tables.make(tx)
    # Of these the planner knows no numbers and takes a sort for cheap, where a hash of a slice saves a
    # tenth of the fold.
    tx.set_local(enable_sort="off")
    taken: int = tx.value("rollups/take_from_outbox", most=most)
    if tx.value("rollups/anybody_erased"):
        _drop_erased(tx, key)
    # Read after the take: an event in it was accepted by a catalogue no newer than this one.
    defined = definitions(tx, apps)
    reasons: list[str] = []
    try:
        _try_slice(tx, defined)
    except (Refused, Stopped):
        tx.run("rollups/number_keys")
        reasons = _add_in_parts(tx, defined)
    tx.run("rollups/mark_changed")
    return taken, reasons


def _try_slice(tx: Transaction, defined: dict[str, Any], part: tuple[int, int] = (0, 0)) -> None:
    """Add a slice, or the part of what was taken that is named, or leave no trace of it. Raises
    Refused, or Stopped where a statement takes too long."""
    with tx.savepoint():
        if part != (0, 0):
            work_tables.clear(tx)
            tx.run("rollups/take_part", first=part[0], last=part[1])
        tx.set_local(statement_timeout=f"{STATEMENT_SECONDS}s")
        add_slice(tx, defined)
    tx.set_local(statement_timeout="0")


def _add_in_parts(tx: Transaction, defined: dict[str, Any]) -> list[str]:
    """Something in what was taken breaks the fold: find it by halves and halves of halves, set each
    such event aside, and add the rest. Returns the reasons. When time is up, the parts not
    tried yet go to the end of the outbox, so that good events need not wait for many bad ones."""
    parts = _halves(1, tx.value("rollups/count_taken"))
    reasons, until = [], time.monotonic() + PARTS_SECONDS
    while parts and time.monotonic() < until:
        first, last = parts.pop()
        try:
            _try_slice(tx, defined, (first, last))
        except (Refused, Stopped) as failure:
            if first < last:
                parts += _halves(first, last)
            else:
                reasons.append(str(failure))
                tx.run("rollups/set_aside", place=first, reason=str(failure)[:500])
    for first, last in parts:
        tx.run("rollups/put_back", first=first, last=last)
    return reasons


def _halves(first: int, last: int) -> list[tuple[int, int]]:
    """The later half first: parts are taken from the end."""
    middle = (first + last) // 2
    return [(middle + 1, last), (first, middle)] if first < last else [(first, last)]


def _drop_erased(tx: Transaction, key: PersonKey) -> None:
    """Remove what slipped past the append while its person was being erased."""
    if tx.value("rollups/held_apart"):
        tx.script_named("rollups/copy_events")
    if tx.run("rollups/erased_keys", person_digest=key.digest()):
        _small_joins(tx, True)
        for table in APPENDED:
            tx.run(f"rollups/drop_erased_{table}")
        _small_joins(tx, False)


def _small_joins(tx: Transaction, wanted: bool) -> None:
    """A slice is small beside the tables: each key is looked up, whatever the statistics say."""
    state = "off" if wanted else "on"
    tx.set_local(enable_hashjoin=state, enable_mergejoin=state)


def add_slice(tx: Transaction, defined: dict[str, Any]) -> None:
    """Add the events, crashes and sessions in `slice_keys` to the rollups, and decide what becomes of
    issues."""
    _run(tx, STEPS, defined, keep_plans=True)


def count_slice(tx: Transaction, defined: dict[str, Any]) -> None:
    """Add them to the rollups that the transaction sees and decide nothing: what a recount does."""
    _run(tx, [step for step in STEPS if step not in DECISIONS], defined, keep_plans=False)


def _run(
    tx: Transaction, steps: Sequence[str], defined: dict[str, Any], *, keep_plans: bool
) -> None:
    """A small slice spends its time on statements, whatever they find: a third of them are of groups.
    Its plans are kept; more events are worth plans for as many."""
    [apart] = tx.rows("rollups/held_apart")
    run = tx.run_kept if keep_plans and apart["few"] and not apart["events"] else tx.run_all
    run(_reading(apart), **defined)
    if not tx.value("rollups/has_groups"):
        steps = [step for step in steps if step not in STEPS_OF_GROUPS]
    if not apart["has_left"] or RETURN_SESSIONS not in steps or not tx.value("rollups/left_places"):
        steps = [step for step in steps if step != RETURN_SESSIONS]
    run(steps, **defined)
    if apart["sessions"]:
        run(SESSION_STEPS, **defined)


def add_events_only(tx: Transaction, defined: dict[str, Any]) -> None:
    """The same for the rollups that count events and crashes and no people."""
    tx.run_all((*reading(tx), *EVENT_STEPS), **defined)


def reading(tx: Transaction) -> list[str]:
    """What fills `slice`, and on Citus the copies that hide the views of what is held."""
    [apart] = tx.rows("rollups/held_apart")
    return _reading(apart)


def _reading(apart: Row) -> list[str]:
    names = ["rollups/copy_events"] if apart["events"] else []
    return [
        *names,
        "rollups/slice_segments",
        "rollups/slice",
        *(["rollups/copy_people"] if apart["people"] else []),
    ]
