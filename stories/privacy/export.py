"""A copy of everything that is held about one person."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from uuid import UUID

import msgspec

from database import Database, Transaction
from stories.apps import Apps
from stories.catalogue import App
from stories.privacy.erasure import PEOPLE_TABLES, ids_of_person

PIECE = 64 * 1024  # bytes
BATCH = 200  # rows held in memory at a time: a crash has 80 KB at most, an image that waits 10 MB


class NothingHeld(Exception):
    """No table has a row of this person."""


def export(
    database: Database, apps: Apps, user_id: UUID, app: App | None
) -> Generator[bytes, None, None]:
    """All that is held about a person, under all ids that are linked, as pieces of a JSON document:
    {"success": true, "user_id", and the rows of each table}, in one snapshot. Raises NothingHeld,
    before the first piece. Holds a connection until it is exhausted or closed."""
    held, document = False, bytearray(b'{"success":true,"user_id":"%s"' % str(user_id).encode())
    people = ids_of_person(database, apps, user_id, app)
    with database.transaction(seconds=None, isolation="REPEATABLE READ", read_only=True) as tx:
        for table in PEOPLE_TABLES:
            document += b',"%s":[' % table.encode()
            separator = b""
            # Links of one id name all the others.
            ids = people if table != "person_links" else people[-1:]
            for row in chain.from_iterable(_rows(tx, table, *each) for each in ids):
                held = True
                document += separator + msgspec.json.encode(row)
                separator = b","
                if len(document) > PIECE:
                    yield bytes(document)
                    document.clear()
            document += b"]"
    if not held:
        raise NothingHeld
    yield bytes(document) + b"}"


def _rows(tx: Transaction, table: str, user_id: UUID, app: App | None) -> Iterator[dict[str, Any]]:
    rows = tx.stream(f"privacy/{table}", BATCH, user_id=user_id, app_id=app.app_id if app else None)
    names = next(rows)
    for values in rows:
        yield {
            name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
            for name, value in zip(names, values, strict=True)
        }
