"""Whether the tables are still those of this release.

A worker of before may live on while a newer release migrates the database. It goes on storing what
comes in, by the database's own functions, or fails; but what it counted into tables that have changed
would be wrong, or set aside.
"""

from __future__ import annotations

from pathlib import Path

from database import Inline, Transaction, Unavailable
from stories.config import ROOT

FOLDER = ROOT / "migrations"
MIGRATION_LOCK = 7_266_001  # one server migrates, and nobody counts meanwhile


class NewerSchema(Unavailable):
    """A newer release has migrated the database. The message is a sentence."""


def files() -> list[Path]:
    """This release's migrations, in the order in which they are applied."""
    return sorted(FOLDER.glob("[0-9]*.sql"))


# When the process starts: the next release may be put into the same folder.
_OURS = [path.stem for path in files()]


def check(tx: Transaction) -> None:
    """Raises NewerSchema."""
    newer = tx.value("rollups/newer_migration", ours=_OURS)
    if newer is not None:
        raise NewerSchema(
            f"the database was migrated by a newer release ({newer}), so this server counts nothing "
            "any more: update it"
        )


def hold(tx: Transaction) -> None:
    """To the end of the transaction nobody migrates. It does not wait for who does: a migration may
    itself wait for what this transaction has read. Raises Unavailable, or NewerSchema."""
    if not tx.value(
        Inline("/* schema.hold */ select pg_try_advisory_xact_lock_shared(%(key)s)"),
        key=MIGRATION_LOCK,
    ):
        raise Unavailable("the database is being migrated")
    check(tx)
