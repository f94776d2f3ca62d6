"""The tables that a fold works with, and whatever else runs its statements. A connection makes them once
and keeps them; each transaction finds them empty.

Made and dropped by every fold they took a quarter of a small one, and left 1,500 dead rows in
PostgreSQL's catalogue each time.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b

from database import Inline, Transaction, sql

TABLES = (
    "slice_keys, slice, slice_segments, label_facts, new_days, new_people, new_sessions, other_values, "
    "slice_groups, slice_people, slice_issues, new_groups, slice_sdk_sessions, left_places"
)
OF_EVENTS = "slice_keys, slice, slice_segments, label_facts, other_values"


def make(tx: Transaction) -> None:
    """See to it that the connection has them. Asked each time, and of PostgreSQL: behind PgBouncer the
    next transaction may meet another connection, or one that has those of the release before."""
    if tx.value("rollups/work_tables_made") != _shape():
        tx.script_named("rollups/work_tables")
        tx.run(
            Inline("/* work_tables.make */ comment on table pg_temp.slice_keys is %(shape)s"),
            shape=_shape(),
        )


@cache
def _shape() -> str:
    return blake2b(sql("rollups/work_tables").encode(), digest_size=8).hexdigest()


def clear(tx: Transaction) -> None:
    """Empty them for another slice in the same transaction."""
    tx.run(Inline(f"/* work_tables.clear */ truncate {TABLES}"))


def clear_taken(tx: Transaction) -> None:
    """The same for another turn of the fold."""
    tx.run(Inline(f"/* work_tables.clear_taken */ truncate {TABLES}, taken_keys, erased_keys"))


def clear_events_only(tx: Transaction) -> None:
    """As clear, for what fold.add_events_only works with (rollups/share_tables)."""
    tx.run(Inline(f"/* work_tables.clear_events_only */ truncate {OF_EVENTS}"))
