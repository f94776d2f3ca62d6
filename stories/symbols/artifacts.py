"""What names come from, as it is stored: deflated pieces, the keys that crashes want, the quota."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha1
from typing import Any

from database import Row, Transaction
from stories.crashes.wanted import MAX_NAME, debug_key, file_key, file_name, plain_debug_id
from stories.privacy import labels

SCRIPT, SOURCE_MAP, SYMCACHE, CFI = "script", "source_map", "symcache", "cfi"
PIECE = 2**20
MAX_URL, MAX_DIST, MAX_TROUBLE = 300, 64, 500
MAX_RELEASES = 200  # of an artifact whose content stays the same
MAX_ROWS = 500  # that find() gives
ROW_BYTES = 1024  # what the rows of an artifact take, so that many empty ones count too


class NoRoom(Exception):
    """The artifacts that may go do not make enough room. Its text is for whoever uploads."""


@dataclass(frozen=True)
class Content:
    """A file to be stored. debug_id: any form, "" for none. url: where a script or a map is served
    from, such as ~/assets/app.js. map_url: of a script, where it says that its map is."""

    kind: str
    data: bytes
    debug_id: str = ""
    url: str = ""
    name: str = ""
    map_url: str = ""


def release_of(text: str | None) -> str | None:
    """A release as the versions of crashes are stored, without `name@`; None for what is no version."""
    return labels.version((text or "").strip().rpartition("@")[2])


def find(tx: Transaction, app_id: int, keys: Collection[str]) -> list[Row]:
    """{artifact_id, kind, debug_id, url, name, map_url, bytes, key, releases: [{"release", "dist"}]},
    the newest uploads first; an artifact once for each of its keys among `keys`."""
    if not keys:
        return []
    return tx.rows("symbols/find_artifacts", app_id=app_id, keys=list(keys), limit=MAX_ROWS)


def read(tx: Transaction, artifact_id: int) -> bytes:
    """The content; raises KeyError if it is gone."""
    inflater, parts, n = zlib.decompressobj(), [], 0
    # One piece at a time: libpq holds a whole answer, written in hex.
    while (piece := tx.value("symbols/read_piece", artifact_id=artifact_id, n=n)) is not None:
        parts.append(inflater.decompress(piece))
        n += 1
    if n == 0:
        raise KeyError(artifact_id)
    return b"".join(parts)


def add(
    tx: Transaction, app_id: int, content: Content, releases: Iterable[tuple[str, str]] = ()
) -> dict[str, Any]:
    """Store it, or find what is the same. releases: (release, dist) as release_of() gives them.
    {"artifact_id", "keys", "is_new"}: the keys of all its releases; is_new: it was not there, or not
    of all of these releases."""
    debug_id = plain_debug_id(content.debug_id) or ""
    url = plain_text(content.url)[-MAX_URL:]
    row = tx.row(
        "symbols/add_artifact",
        app_id=app_id,
        kind=content.kind,
        sha1=sha1(content.data, usedforsecurity=False).digest(),
        debug_id=debug_id,
        url=url,
        name=file_name(plain_text(content.name or url))[-MAX_NAME:],
        map_url=plain_text(content.map_url)[-MAX_URL:],
        bytes=len(content.data),
    )
    assert row is not None
    artifact_id = row["artifact_id"]
    if row["is_new"]:
        _write(tx, artifact_id, content.data)
    of = sorted(set(releases))
    added = tx.run(
        "symbols/add_releases",
        app_id=app_id,
        artifact_id=artifact_id,
        releases=[release for release, _ in of],
        dists=[plain_text(dist)[:MAX_DIST] for _, dist in of],
        limit=MAX_RELEASES,
    )
    stored = tx.rows("symbols/releases_of", artifact_id=artifact_id)
    keys = list(_keys(content.kind, debug_id, url, {each["release"] for each in stored}))
    tx.run("symbols/add_keys", app_id=app_id, artifact_id=artifact_id, keys=keys)
    return {"artifact_id": artifact_id, "keys": keys, "is_new": bool(row["is_new"] or added)}


def _write(tx: Transaction, artifact_id: int, data: bytes) -> None:
    kept = 0
    for n, piece in enumerate(_deflated(data)):
        tx.run("symbols/add_piece", artifact_id=artifact_id, n=n, data=piece)
        kept += len(piece)
    tx.run("symbols/note_kept_bytes", artifact_id=artifact_id, kept_bytes=kept + ROW_BYTES)


def _deflated(data: bytes) -> Iterator[bytes]:
    deflater, waiting = zlib.compressobj(), bytearray()
    view = memoryview(data)
    for start in range(0, len(data), PIECE):
        waiting += deflater.compress(view[start : start + PIECE])
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    waiting += deflater.flush()
    for start in range(0, len(waiting), PIECE):
        yield bytes(waiting[start : start + PIECE])


def _keys(kind: str, debug_id: str, url: str, releases: Collection[str]) -> Iterator[str]:
    if debug_id:
        yield debug_key(debug_id)
    if url and kind in (SCRIPT, SOURCE_MAP):
        for release in sorted(releases):
            yield file_key(release, url)
            # A map without its script names the script's frames too.
            if kind == SOURCE_MAP and url.endswith(".map"):
                yield file_key(release, url.removesuffix(".map"))


def note_use(tx: Transaction, ids: Sequence[int]) -> None:
    """Crashes were named by these artifacts."""
    tx.run("symbols/note_use", ids=sorted(ids))


def note_trouble(tx: Transaction, artifact_id: int, sentence: str) -> None:
    """Why it could not be used."""
    sentence = plain_text(sentence)[:MAX_TROUBLE]
    tx.run("symbols/note_trouble", artifact_id=artifact_id, sentence=sentence)


def delete(tx: Transaction, ids: Sequence[int]) -> int:
    """How many there were of them."""
    return tx.run("symbols/delete_artifacts", ids=list(ids))


def delete_release(tx: Transaction, app_id: int, release: str) -> int:
    """Delete the artifacts that are of this release alone; how many. Others are of it no more."""
    rows = tx.rows("symbols/only_of_release", app_id=app_id, release=release)
    tx.run("symbols/leave_release", app_id=app_id, release=release)
    tx.run("symbols/leave_release_keys", app_id=app_id, prefix=file_key(release, ""))
    return delete(tx, [row["artifact_id"] for row in rows])


def make_room(tx: Transaction, needed: int, quota: int) -> int:
    """Delete the least recently used artifacts until `needed` more bytes, as they are stored, fit into
    `quota`; how many went. Never what this transaction has added, nor what is of an app's newest three
    releases: raises NoRoom where that is not enough, and nothing is deleted."""
    missing = tx.value("symbols/kept_bytes") + needed - quota
    if missing <= 0:
        return 0
    ids = []
    for row in tx.rows("symbols/removable_artifacts"):
        ids.append(row["artifact_id"])
        missing -= row["kept_bytes"]
        if missing <= 0:
            return delete(tx, ids)
    raise NoRoom(
        f"There is no room: ARTIFACTS_MB allows {quota >> 20} MB, and what is there belongs to the "
        "newest three releases of an app. Delete artifacts or raise ARTIFACTS_MB."
    )


def plain_text(text: str) -> str:
    """Without control characters and halves of pairs, neither of which PostgreSQL stores or a page
    shows."""
    kept = "".join(char for char in text if char.isprintable())
    return kept.encode(errors="ignore").decode()
