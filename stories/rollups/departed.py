"""What people leave behind in the rollups when their rows are deleted, by expiry or erasure.

The counts never change by that. So that a recount still agrees with them, a person's share of what
depends on whole histories moves to rows `departed`, and an erased person's share of each day is added
to the tables departed_*, which a recount starts from. Expired days are sealed instead.

All of these run under the fold's lock, before the rows are deleted.
"""

from __future__ import annotations

from typing import Any

from database import Refused, Stopped, Transaction
from stories.rollups import held, work_tables
from stories.rollups.fold import add_events_only, wait_for

DELETION_LOCK = 7_266_003  # of an erasure, and of whoever must not see half of one


def wait_for_deletions(tx: Transaction) -> None:
    """To the end of the transaction no erasure is under way elsewhere. Take it before the folder's
    lock."""
    wait_for(tx, DELETION_LOCK)


def move_histories(tx: Transaction) -> None:
    """The share of the people in `leaving` of lifetimes, people_now and cohort_weeks."""
    for name in ("lifetimes", "people_now", "cohort_weeks"):
        tx.run(f"rollups/depart_{name}")


def carry_days(tx: Transaction) -> None:
    """What the people in `leaving` leave in the daily rollups of people and sessions."""
    for name in ("active_gaps", "facet_gaps", "daily_sessions", "days"):
        tx.run(f"rollups/depart_{name}")


def carry_events(tx: Transaction, defined: dict[str, Any], most: int, **person: Any) -> int:
    """What a person's oldest `most` events and crashes each have added to the daily rollups,
    counted by the fold's own statements; their keys are in `erased_keys` then. Returns their
    number. What breaks the fold, or takes too long, seals its days."""
    work_tables.make(tx)
    tx.script_named("rollups/share_tables")
    held.hold_of(tx, person, most)
    keys: int = tx.value("rollups/share_keys", most=most, **person)
    if keys:
        tx.run("rollups/share_choices")
        try:
            with tx.savepoint():
                add_events_only(tx, defined)
                tx.script_named("rollups/share_carry")
        except (Refused, Stopped):
            tx.run("rollups/share_seal")
    return keys
