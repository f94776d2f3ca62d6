"""Applies migrations/*.sql in order. `psql -f` of the same files does the same by hand.

yoyo-migrations 9.0 was looked at first: it keeps hashes of its own in three tables that a file run by
psql cannot fill in, and its files are not plain SQL once they need a transaction setting.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path

from database import Database, Refused, Unavailable, on_citus
from stories.errors import SetupError
from stories.rollups.fold import wait_for
from stories.rollups.schema import MIGRATION_LOCK, files

log = logging.getLogger("stories.migrate")


def migrate(database: Database, patience: float = 10) -> list[str]:
    """Bring the schema up to date; returns the names applied now.

    patience: seconds to wait for a database that is still starting. Raises SetupError.
    """
    _wait_for(database, patience)
    try:
        missing = _missing(database)
        if not missing:  # and nobody's fold is held up
            return []
        log.info("%d migrations to apply, once what counts just now has ended", len(missing))
        with database.transaction(seconds=None) as lock:  # held to the end, also through PgBouncer
            wait_for(lock, MIGRATION_LOCK)
            missing = _missing(database)
            for path in missing:
                _apply(database, path)
            return [path.stem for path in missing]
    except Unavailable as error:
        raise SetupError(f"The database stopped answering during migration: {error}.") from error


def _missing(database: Database) -> list[Path]:
    """Raises SetupError where a newer release has migrated."""
    done = applied(database)
    if newer := sorted(done - {path.stem for path in files()}):
        raise SetupError(
            f"The database was migrated by a newer release ({newer[-1]}); "
            "update this server before starting it."
        )
    return [path for path in files() if path.stem not in done]


def _wait_for(database: Database, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            check_server(database)
            return
        except Unavailable as error:
            if time.monotonic() > deadline:
                raise SetupError(f"The database cannot be reached: {error}.") from error
            time.sleep(0.3)


def check_server(database: Database) -> int:
    """PostgreSQL's major version. Raises SetupError where it is too old or the database's texts are
    not Unicode, Unavailable where it does not answer."""
    with database.transaction(seconds=5, read_only=True) as tx:
        [row] = tx.rows("operation/server_version")
    on_citus(row["has_citus"])
    version: int = row["version"]
    if version < 15:
        raise SetupError(f"PostgreSQL 15 or newer is needed; this one is {version}.")
    if row["encoding"] != "UTF8":
        raise SetupError(
            f"The database's encoding is {row['encoding']} and must be UTF8: make it by "
            "createdb --encoding=UTF8 --template=template0."
        )
    return version


def applied(database: Database) -> set[str]:
    """The names of the migrations that the database has had; none where it is empty."""
    with database.transaction(read_only=True) as tx:
        if not tx.value("operation/was_migrated"):
            return set()
        return {row["name"] for row in tx.rows("operation/list_migrations")}


def _apply(database: Database, path: Path) -> None:
    log.info("migration %s", path.stem)
    try:
        # The file carries its own begin and commit, so that psql -f runs it just the same.
        with database.transaction(seconds=None, autocommit=True) as tx:
            tx.script(path.read_text(encoding="utf-8"))
    except (Refused, Unavailable) as error:
        raise SetupError(f"Migration {path.stem} failed and was rolled back: {error}.") from error
