"""Citus: which tables are spread over its workers, and spreading them (docs/GROWING.md).

Every unique key of a distributed table holds user_id, so that a person's rows lie on one worker. All
else stays a local table of the coordinator: it is small, or changes with every fold.
"""

from __future__ import annotations

from dataclasses import dataclass

from database import Database, Inline
from stories.errors import SetupError
from stories.rollups.fold import wait_for_lock

COLUMN = "user_id"
# In this order: all others lie where the first one's rows of the same person do.
DISTRIBUTED = (
    "events",
    "crashes",
    "users",
    "person_days",
    "sessions",
    "contents",
    "error_details",
    "images",
    "external_ids",
    "set_aside",
)

# Not files: a plain PostgreSQL, which all files are tried on, has none of these functions and tables.
IS_THERE = Inline("/* citus */ select to_regproc('create_distributed_table') is not null")
DISTRIBUTED_NOW = Inline("/* citus */ select logicalrel::text as name from pg_dist_partition")
DISTRIBUTE = Inline(
    "/* citus */ select create_distributed_table("
    "%(name)s::regclass, %(column)s, colocate_with => %(beside)s)"
)


@dataclass(frozen=True)
class Distribution:
    """Names of tables, in DISTRIBUTED's order."""

    distributed: list[str]
    before: list[str]  # had been distributed already


def distributed(database: Database) -> list[str] | None:
    """Which of DISTRIBUTED are; None where the database has no Citus."""
    with database.transaction(read_only=True) as tx:
        if not tx.value(IS_THERE):
            return None
        rows = tx.rows(DISTRIBUTED_NOW)
    names = {row["name"] for row in rows}
    return [name for name in DISTRIBUTED if name in names]


def distribute(database: Database) -> Distribution:
    """Spread over the workers what is not yet. Again after a failure: it goes on where it stopped.
    Raises SetupError where the database has no Citus, Unavailable or Refused with Citus' reason."""
    before = distributed(database)
    if before is None:
        raise SetupError(
            "The database has no Citus: install it, then `create extension citus` and add workers."
        )
    missing = [name for name in DISTRIBUTED if name not in before]
    with database.transaction(seconds=None) as holder:
        wait_for_lock(holder)  # nobody folds meanwhile
        for name in missing:
            _distribute(database, name)
    return Distribution(missing, before)


def _distribute(database: Database, name: str) -> None:
    with database.transaction(seconds=None) as tx:
        tx.set_local(statement_timeout="0")
        tx.run(
            DISTRIBUTE,
            name=name,
            column=COLUMN,
            beside="default" if name == DISTRIBUTED[0] else DISTRIBUTED[0],
        )
