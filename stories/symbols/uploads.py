"""What is being sent: chunks of files, and whole uploads that wait for taking_in.py."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha1
from typing import Any

import msgspec

from database import Database, Row, Transaction
from stories.symbols.artifacts import MAX_DIST, MAX_URL, plain_text

MAX_CHUNK = 2**20
MAX_FILE = 256 * 2**20
MAX_OWN_BYTES = 512 * 2**20  # of an uploader's chunks that wait
MAX_ALL_BYTES = 2 * 2**30
MAX_WAITING = 100  # uploads of an app
MAX_ALL_WAITING = 400
FAILURE_SECONDS = 15  # who asks for the same file later than that may send it again
LISTED = 100
MAX_TOLD = 1_000  # uploads of an app whose end is remembered
MAX_NAME = 100
TURN = 7_266_030  # lock of the process that takes uploads in


class UploadRefused(Exception):
    """Why an upload is not taken, a sentence for whoever sends it."""


class TooManyUploads(UploadRefused):
    """Something has to end, or be given up, first."""


class Part(msgspec.Struct):
    """A file of an upload. part: bundle, symbols, file or map. chunks: SHA-1 in hex."""

    part: str
    name: str
    bytes: int
    chunks: list[str]


def checksum(data: bytes) -> str:
    """SHA-1 in hex, as sentry-cli has it."""
    return sha1(data, usedforsecurity=False).hexdigest()


def add_chunk(tx: Transaction, uploader: str, data: bytes) -> str:
    """Keep a piece of at most MAX_CHUNK bytes for a day; its SHA-1. Raises UploadRefused."""
    digest = checksum(data)
    row = tx.row(
        "symbols/add_chunk",
        uploader=uploader,
        sha1=bytes.fromhex(digest),
        data=data,
        own_limit=MAX_OWN_BYTES,
        all_limit=MAX_ALL_BYTES,
    )
    if row is None:
        raise TooManyUploads(
            f"More than {MAX_OWN_BYTES >> 20} MB of you, or {MAX_ALL_BYTES >> 20} MB of everybody, wait "
            "to be put together: finish what you have begun, or try again tomorrow."
        )
    return digest


def missing_chunks(tx: Transaction, uploader: str, chunks: Sequence[str]) -> list[str]:
    """Those that have to be sent, in their order; the others stay for another day. Raises
    UploadRefused where they make more than MAX_FILE."""
    wanted = dict.fromkeys(chunks)
    rows = tx.rows(
        "symbols/renew_chunks", uploader=uploader, sha1s=[bytes.fromhex(each) for each in wanted]
    )
    sizes = {row["sha1"]: row["bytes"] for row in rows}
    if sum(sizes.get(each, 0) for each in chunks) > MAX_FILE:
        raise UploadRefused(f"A file may have {MAX_FILE >> 20} MB at most.")
    return [each for each in wanted if each not in sizes]


def queue(
    tx: Transaction,
    app_id: int,
    uploader: str,
    kind: str,
    digest: str,
    parts: Sequence[Part],
    release: str | None = None,
    dist: str | None = None,
    url: str | None = None,
) -> int:
    """Let an upload wait to be taken in; its id. kind: bundle, symbols or script. digest: SHA-1 of its
    first part, in hex. Raises UploadRefused."""
    for part in parts:
        part.name = plain_text(part.name)[-MAX_NAME:]
    upload_id = tx.value(
        "symbols/queue_upload",
        app_id=app_id,
        uploader=uploader,
        kind=kind,
        sha1=bytes.fromhex(digest),
        parts=_json(list(parts)),
        release=release,
        dist=cut_dist(dist),
        url=url and plain_text(url)[:MAX_URL],
        limit=MAX_WAITING,
        all_limit=MAX_ALL_WAITING,
    )
    if upload_id is None:
        raise TooManyUploads(f"{MAX_WAITING} uploads of this app wait already: try again later.")
    return int(upload_id)


def cut_dist(dist: str | None) -> str | None:
    return plain_text(dist)[:MAX_DIST] if dist else None


def same(
    tx: Transaction, app_id: int, kind: str, digest: str, release: str | None, dist: str | None
) -> Row | None:
    """{upload_id, state, detail, stored, queued} of the same file sent before, unless what was stored
    is gone, or it failed some time ago: then it may be sent again."""
    return tx.row(
        "symbols/same_upload",
        app_id=app_id,
        kind=kind,
        sha1=bytes.fromhex(digest),
        release=release,
        dist=cut_dist(dist),
        seconds=FAILURE_SECONDS,
    )


def state(database: Database, upload_id: int) -> Row | None:
    """{upload_id, state, detail, stored, queued}."""
    with database.transaction(5, autocommit=True) as tx:
        return tx.row("symbols/upload_state", upload_id=upload_id)


def is_due(database: Database) -> bool:
    """Whether an upload waits while no process takes any in."""
    with database.transaction(5, autocommit=True) as tx:
        waits: bool = tx.value("symbols/waits_upload")
        return waits and not tx.value("symbols/is_locked", lock=TURN)


def finish(
    tx: Transaction, row: Row, stored: Sequence[Row] | None, queued: int = 0, detail: str = ""
) -> None:
    """Say what became of an upload, and let its chunks go. row: with upload_id, uploader, parts.
    stored: None where it failed."""
    tx.run(
        "symbols/finish_upload",
        upload_id=row["upload_id"],
        state="failed" if stored is None else "stored",
        detail=plain_text(detail)[:500],
        stored=_json(list(stored or ())),
        queued=queued,
    )
    chunks = {bytes.fromhex(chunk) for part in row["parts"] for chunk in part["chunks"]}
    tx.run("symbols/delete_chunks", uploader=row["uploader"], sha1s=list(chunks))


def expire(database: Database) -> dict[str, int]:
    with database.transaction() as tx:
        return {
            "upload_chunks": tx.run("symbols/expire_chunks"),
            "uploads": tx.run("symbols/expire_uploads", most=MAX_TOLD),
        }


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
