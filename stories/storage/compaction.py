"""Rollups give back the room that their rows do not need.

Rows that come in any order and change with each fold leave the pages of an index half full, and holes
in those of a table. After its first rebuild a table is rebuilt again when it takes a quarter more a row.
"""

from __future__ import annotations

import logging
import time

from database import Database, Stopped
from stories.storage import sizes
from stories.storage.table_locks import with_each

LEAST_BYTES = 1024 * 1024
GROWN = 1.25
WHOLE_BYTES = 32 * 1024 * 1024
WHOLE_SECONDS = 5  # on a machine that is busy; else it is a fraction of one
SECONDS = 120.0  # after which no other rebuild begins
OPEN_SECONDS = 10
LOCK_SECONDS = 2.0  # a rebuild of indexes waits in nobody's way

log = logging.getLogger("stories.compaction")


def compact(database: Database) -> int:
    """Rebuild the rollups for which it pays; returns how many. Those of up to WHOLE_BYTES as a whole,
    which holds up who reads them and the fold, for WHOLE_SECONDS at most; of others the indexes, beside
    all else. Nothing beside a transaction that stays open, such as a backup's: a rebuild would wait
    for it."""
    with database.transaction() as tx:
        if tx.value("storage/has_open_transaction", seconds=OPEN_SECONDS):
            log.info("rollups are not rebuilt: a transaction is open, perhaps a backup's")
            return 0
        due = tx.rows("storage/tables_to_compact", bytes=LEAST_BYTES, grown=GROWN)
    bytes_of = {row["name"]: row["bytes"] for row in due if sizes.kind(row["name"]) == "rollups"}
    until, done = time.monotonic() + SECONDS, 0

    def rebuild(name: str) -> None:
        nonlocal done
        if time.monotonic() > until:
            return
        if bytes_of[name] > WHOLE_BYTES or not _rewrite(database, name):
            database.rebuild_indexes(name, LOCK_SECONDS)
        with database.transaction() as tx:
            tx.run("storage/note_compacted", name=name)
        done += 1

    with_each(list(bytes_of), rebuild)
    return done


def _rewrite(database: Database, name: str) -> bool:
    """False where that takes longer than anybody should have to wait."""
    try:
        database.shrink(name, seconds=WHOLE_SECONDS)
    except Stopped:
        return False
    return True
