"""Where the bench runs: a PostgreSQL of its own under BENCH_DIR, with the settings of production.

One database for each number of events, so that one that took an hour to load can be measured again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from stories.errors import SetupError
from stories.operation import local_postgres

BYTES_PER_EVENT = 700  # tables, indexes and rollups take about 450; room for dead rows
SLACK = 3 * 1024**3  # WAL up to 1 GB, sorts, the COPY limit's second copy of a sample


@dataclass(frozen=True)
class Place:
    """The bench's folder with a running server in it."""

    folder: Path
    dsn: str  # of the server's own database; `database` names ours

    def database(self, name: str) -> str:
        """A libpq URI for another database of the same server."""
        return urlsplit(self.dsn)._replace(path=f"/{name}").geturl()

    def create(self, name: str) -> str:
        """An empty database in place of any of that name."""
        self.drop(name)
        self._run(f'create database "{name}"')
        return self.database(name)

    def drop(self, name: str) -> None:
        self._run(f'drop database if exists "{name}" with (force)')

    def exists(self, name: str) -> bool:
        return bool(self._run("select 1 from pg_database where datname = %s", (name,)))

    def _run(self, statement: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
        return query(self.dsn, statement, parameters)

    def note(self, name: str, figures: dict[str, Any]) -> None:
        """Keep what was measured while a database was loaded, for a run that reuses it."""
        (self.folder / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n")

    def noted(self, name: str) -> dict[str, Any] | None:
        path = self.folder / f"{name}.json"
        if not (path.exists() and self.exists(name)):
            return None
        return dict(json.loads(path.read_text()))


def query(dsn: str, statement: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
    """One statement on a connection of its own, committed by itself."""
    connection = psycopg2.connect(dsn)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@contextmanager
def opened(folder: Path) -> Iterator[Place]:
    """The folder's server, started if it does not run, stopped by whoever leaves last."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        folder.chmod(0o711)  # root's server runs as somebody else, who has to get in
    with local_postgres.start(folder) as server:
        yield Place(folder, server.dsn)


def check_disk(folder: Path, events: int) -> None:
    """Raises SetupError unless `events` more events fit."""
    folder.mkdir(parents=True, exist_ok=True)
    needed, free = events * BYTES_PER_EVENT + SLACK, shutil.disk_usage(folder).free
    if free < needed:
        raise SetupError(
            f"{events:,} events need about {needed / 1e9:.0f} GB and {folder} has "
            f"{free / 1e9:.0f} GB free: set BENCH_DIR to a folder with more room, or "
            "BENCH_EVENTS to fewer events."
        )
