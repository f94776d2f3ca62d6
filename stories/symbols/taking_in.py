"""Takes uploads in: `python aggregator.py artifacts`, a process of its own, started by a worker when an
upload waits.

What was sent may be hostile: it is unpacked and parsed with bounds of memory and time (limits.py), and
an upload whose process dies is begun again, MAX_ATTEMPTS times at most. All of an upload is stored in
one transaction, or nothing.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha1
from pathlib import Path
from typing import IO, Any

from database import Conflict, Database, Row, Transaction
from stories.config import Config
from stories.crashes.wanted import file_name
from stories.operation.process import Process, asked_to_end
from stories.symbols import artifacts, bundles, holding, limits, listing, native, scripts, uploads
from stories.symbols.artifacts import CFI, SYMCACHE, Content, NoRoom
from stories.symbols.native import NoSymbols
from stories.symbols.uploads import UploadRefused

log = logging.getLogger("stories.symbols")

MAX_ATTEMPTS = 3
IDLE_SECONDS = 30.0
LOOK_SECONDS = 0.2  # how often it looks for more, while it is idle
# By the clock. A bundle of 200 MB takes 8 s of the processor, and on a busy server has a part of it.
WAIT_SECONDS = 300.0
EXPIRE_SECONDS = 600.0  # how often it deletes what is old, while it lives
MAX_TOLD = 1_000  # files of an upload that are listed
MAX_SYMBOL_FILES = 2_000  # in a ZIP of them

PROCESS = Process("artifacts")  # of this worker


def start(config: Config, database: Database, process: Process = PROCESS) -> None:
    """Start the process, unless one runs or nothing waits."""
    if not process.is_running() and uploads.is_due(database):
        process.start(database.dsn, {"ARTIFACTS_MB": str(config.artifacts_mb)})


def take_in_until_idle(config: Config, database: Database) -> dict[str, int]:
    """As a process of its own, which a signal asks to end. {"stored", "failed"}: uploads."""
    stopped = asked_to_end()
    limits.be_small()
    counts = {"stored": 0, "failed": 0}
    last, expired = time.monotonic(), 0.0
    while not stopped.is_set() and time.monotonic() - last < IDLE_SECONDS:
        if time.monotonic() - expired > EXPIRE_SECONDS:
            uploads.expire(database)
            expired = time.monotonic()
        state = take_next_in(config, database)
        if state is None:
            stopped.wait(LOOK_SECONDS)
            continue
        counts[state] += 1
        last = time.monotonic()
    return counts


def take_next_in(config: Config, database: Database) -> str | None:
    """Take in the upload that has waited longest: "stored" or "failed"; None: there is none, or another
    process is at it. Raises Unavailable."""
    with database.transaction(seconds=None) as turn:
        if not turn.value("symbols/lock_turn", lock=uploads.TURN):
            return None
        with database.transaction() as tx:
            for row in tx.rows("symbols/worn_out_uploads", most=MAX_ATTEMPTS):
                uploads.finish(tx, row, None, detail=_worn_out())
            upload = tx.row("symbols/claim_upload", most=MAX_ATTEMPTS)
        if upload is None:
            return None
        sentence = _try(config, database, upload)
        if sentence is None:
            return "stored"
        log.warning("upload %s was not taken in: %s", upload["upload_id"], sentence)
        with database.transaction() as tx:
            uploads.finish(tx, upload, None, detail=sentence)
        return "failed"


def _worn_out() -> str:
    return (
        f"Taking it in did not come to an end in {MAX_ATTEMPTS} attempts: it needs more than "
        f"{limits.MEMORY >> 20} MB of memory, or more than {limits.CPU_SECONDS} seconds."
    )


def _try(config: Config, database: Database, upload: Row) -> str | None:
    """Why it failed, a sentence; None: it is stored."""
    try:
        with limits.piece_of_work(WAIT_SECONDS):
            take_in(config, database, upload)
    except (UploadRefused, NoRoom) as error:
        return str(error)
    except limits.TookTooLong:
        return f"Taking it in took longer than {WAIT_SECONDS:.0f} seconds."
    except MemoryError:
        return f"Taking it in needs more than {limits.MEMORY >> 20} MB of memory."
    except Conflict:
        return "The database was busy with the same files: send it again."
    return None


def take_in(config: Config, database: Database, upload: Row) -> None:
    """Raises UploadRefused, NoRoom, Conflict or Unavailable; then nothing is stored."""
    with database.transaction(seconds=WAIT_SECONDS) as tx, _files(tx, upload) as files:
        stored: list[dict[str, Any]] = []
        new_keys: set[str] = set()
        for content, releases, more in _contents(upload, files):
            added = artifacts.add(tx, upload["app_id"], content, releases)
            if added["is_new"]:  # else the crashes that want it have been mapped by it
                new_keys.update(added["keys"])
            stored.append(
                {
                    "artifact_id": added["artifact_id"],
                    "kind": content.kind,
                    "debug_id": content.debug_id,
                    "url": content.url,
                    "bytes": len(content.data),
                    "name": content.name,
                    **more,
                }
            )
        artifacts.make_room(tx, 0, config.artifacts_mb * 2**20)
        queued = holding.queue_for(tx, upload["app_id"], sorted(new_keys))
        uploads.finish(tx, upload, stored[:MAX_TOLD], queued)
    # A crash that came in between saw no upload to wait for, and was not seen above.
    with suppress(Conflict), database.transaction() as tx:
        holding.queue_for(tx, upload["app_id"], sorted(new_keys))


Files = dict[str, tuple[str, IO[bytes]]]  # name and content by part
# With its releases, and what else is told of it.
Taken = tuple[Content, list[tuple[str, str]], dict[str, Any]]


@contextmanager
def _files(tx: Transaction, upload: Row) -> Iterator[Files]:
    """The files of an upload, put together. They have no name on the disk, so none is left behind."""
    files: Files = {}
    try:
        for number, part in enumerate(upload["parts"]):
            file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed below
            files[part["part"]] = (part["name"] or part["part"], file)
            digest = sha1(usedforsecurity=False)
            for chunk in part["chunks"]:
                data = tx.value(
                    "symbols/read_chunk", uploader=upload["uploader"], sha1=bytes.fromhex(chunk)
                )
                if data is None:
                    raise UploadRefused(f"{part['name']} is not whole any more: send it again.")
                digest.update(data)
                file.write(data)
            if number == 0 and digest.digest() != bytes(upload["sha1"]):
                raise UploadRefused(
                    f"The checksum of {part['name']} is not the one announced: send it again."
                )
            if file.tell() > uploads.MAX_FILE:
                raise UploadRefused(f"{part['name']} has more than {uploads.MAX_FILE >> 20} MB.")
            file.seek(0)
        yield files
    finally:
        for _, file in files.values():
            file.close()


def _contents(upload: Row, files: Files) -> Iterator[Taken]:
    if upload["kind"] == "bundle":
        return _of_bundle(upload, *files["bundle"])
    if upload["kind"] == "symbols":
        return _of_symbols(*files["symbols"])
    return _of_scripts(upload, files)


def _of_bundle(upload: Row, name: str, file: IO[bytes]) -> Iterator[Taken]:
    archive = bundles.Archive(file, name)
    manifest = bundles.read_manifest(archive)
    release = upload["release"] or artifacts.release_of(manifest.release)
    releases = _releases(release, upload["dist"] or manifest.dist)
    yield from _findable(bundles.contents(archive, manifest), releases, name)


def _of_scripts(upload: Row, files: Files) -> Iterator[Taken]:
    read = {part: (name, file.read(scripts.MAX_SCRIPT + 1)) for part, (name, file) in files.items()}
    releases = _releases(upload["release"], upload["dist"])
    name = ", ".join(name for name, _ in read.values())
    yield from _findable(
        scripts.pair(read.get("file"), read.get("map"), upload["url"]), releases, name
    )


def _findable(
    contents: Iterable[Content], releases: list[tuple[str, str]], what: str
) -> Iterator[Taken]:
    """Refuses what no crash could find."""
    empty = True
    for content in contents:
        if not content.debug_id and not releases:
            raise UploadRefused(
                f"{content.name} has no debug id and {what} names no release, so no crash would find "
                "it: inject debug ids, or name a release such as 1.2.0, as the app sends it."
            )
        empty = False
        yield content, releases, {}
    if empty:
        raise UploadRefused(f"{what} has no script and no source map in it.")


def _releases(release: str | None, dist: str | None) -> list[tuple[str, str]]:
    return [(release, dist or "")] if release else []


def _of_symbols(name: str, file: IO[bytes]) -> Iterator[Taken]:
    """A file of symbols, or a ZIP of them."""
    if not listing.has_symbolic():
        raise UploadRefused(
            "This server cannot read native symbols: whoever runs it has to install symbolic, by "
            "pip install -r requirements/symbols.txt."
        )
    if not bundles.is_zip(file):
        try:
            yield from _built(name, file)
        except NoSymbols as error:
            raise UploadRefused(f"{name}: {error}.") from error
        return
    archive = bundles.Archive(file, name)
    if bundles.MANIFEST in archive.names:
        return  # sources that sentry-cli sends beside symbols: names, files and lines are in those
    if len(archive.names) > MAX_SYMBOL_FILES:
        raise UploadRefused(f"{name} has more than {MAX_SYMBOL_FILES} files in it.")
    empty = True
    for entry in archive.names:
        with tempfile.TemporaryFile() as inner:
            for piece in archive.pieces(entry, bundles.MAX_INFLATED):
                inner.write(piece)
            # Beside symbols there may be a licence, or a file that was stripped.
            with suppress(NoSymbols):
                for taken in _built(entry, inner):
                    empty = False
                    yield taken
    if empty:
        raise UploadRefused(f"{name} has no file with symbols and a debug id in it.")


def _built(name: str, file: IO[bytes]) -> Iterator[Taken]:
    """Raises NoSymbols."""
    file.flush()
    # The file has no name any more; its descriptor has.
    for built in native.build(Path(f"/dev/fd/{file.fileno()}")):
        for kind, data in ((SYMCACHE, built.symcache), (CFI, built.cfi)):
            if data:
                content = Content(kind, data, built.debug_id, name=file_name(built.name or name))
                yield content, [], {"arch": built.arch}
