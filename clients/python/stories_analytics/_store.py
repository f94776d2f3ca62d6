"""The queue on disk: one SQLite file in WAL mode, shared by threads and processes.

Why SQLite and not append-only segments: a segment needs an owner, a lock that survives fork, a
checksum per line, adoption of dead owners' files, and its own size and age accounting. SQLite gives
all of that, and a commit in WAL mode (synchronous=NORMAL, no fsync) survives SIGKILL.

Life of a row: inserted with the time as stamped · claimed, which also freezes its time for good, in
one transaction, before the first byte goes out · deleted when the server answered, or released.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Callable, TypeVar

from ._counts import Counts
from ._types import Kind, Row, logger

_SCHEMA = """
create table if not exists items (
    seq integer primary key autoincrement,
    kind text not null,
    stamp integer not null,             -- milliseconds since 1970; final once frozen = 1
    frozen integer not null,
    owner text not null default '',     -- who is sending it now
    body blob not null                  -- the JSON object after its timestamp
);
create index if not exists items_free on items (kind, owner, seq);
create index if not exists items_claimed on items (owner) where owner <> '';
create table if not exists owners (owner text primary key, until real not null);
create table if not exists facts (name text primary key, value text not null);
"""
BUSY = ("locked", "busy")
_BROKEN = ("malformed", "not a database", "corrupt", "no such table", "unsupported file format")

_live_owners: set[str] = set()
_abandoned: list[sqlite3.Connection] = []  # a child must not even close what its parent opened

T = TypeVar("T")

StoredItem = tuple[Kind, int, bool, bytes]
"""kind, stamp in ms, whether the time is final, body"""


class Store:
    """Thread-safe. Every method may raise sqlite3.Error or OSError; callers keep their items then.

    max_bytes bounds the pages in use, and so the file, give or take one transaction. The
    write-ahead log beside it stays at about 4 MB, or the largest transaction (one image).
    """

    def __init__(self, path: str, max_bytes: int, lease_seconds: float, counts: Counts) -> None:
        self._path = path
        self._max_bytes = max(max_bytes, 256 * 1024)
        self._lease = lease_seconds
        self._counts = counts
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._held_for_fork = False
        self.full_reason = "disk_full"
        self._new_owner()

    @property
    def in_memory(self) -> bool:
        return self._path == ":memory:"

    def _new_owner(self) -> None:
        self._owner = f"{os.getpid()}.{uuid.uuid4().hex[:12]}"
        _live_owners.add(self._owner)

    # -- opening ---------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._connection = self._connect(self._path)
            except (sqlite3.DatabaseError, OSError) as error:
                self._connection = self._second_try(error)
        return self._connection

    def _second_try(self, error: Exception) -> sqlite3.Connection:
        """A broken file is set aside; a place that cannot be written is replaced by memory."""
        sentence = str(error).lower()
        if any(word in sentence for word in BUSY):
            raise error
        if any(word in sentence for word in _BROKEN):
            self._counts.once("broken", f"the queue file was unreadable and was set aside: {error}")
            for suffix in ("-wal", "-shm"):
                with contextlib.suppress(OSError):
                    os.unlink(self._path + suffix)
            with contextlib.suppress(OSError):
                os.replace(self._path, self._path + ".broken")
                return self._connect(self._path)
        self._counts.once("no_disk", f"the queue is kept in memory only: {error}")
        self._path = ":memory:"
        return self._connect(self._path)

    def _connect(self, path: str) -> sqlite3.Connection:
        if path != ":memory:":
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            # It can hold messages and addresses: for its owner only. -wal and -shm follow its mode.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(
            path, timeout=0.5, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("pragma journal_mode=wal")
            connection.execute("pragma synchronous=normal")
            connection.execute("pragma journal_size_limit=1000000")
            tables = connection.execute("select count(*) from sqlite_master").fetchone()
            if tables[0] < 5:
                connection.executescript(f"begin immediate; {_SCHEMA} commit;")
        except BaseException:
            connection.close()
            raise
        return connection

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """`work` in one immediate transaction; a file that broke meanwhile is replaced once."""
        with self._lock:
            for attempt in (1, 2, 3):
                try:
                    connection = self._open()
                    with _transaction(connection):
                        return work(connection)
                except sqlite3.DatabaseError as error:
                    sentence = str(error).lower()
                    broken = any(word in sentence for word in _BROKEN)
                    if attempt == 3 or not (broken or any(word in sentence for word in BUSY)):
                        raise
                    if broken:
                        self._close()
                        self._connection = self._second_try(error)
            raise sqlite3.OperationalError("unreachable")

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def close(self) -> None:
        """Gives back this process's claims and closes the file; a later call opens it again."""
        with contextlib.suppress(sqlite3.Error, OSError):
            self.release()
        with self._lock:
            if not self.in_memory:
                self._close()

    # -- fork ------------------------------------------------------------------------------------
    # SQLite keeps its view of file locks per process and fork copies the view but not the locks: a
    # child that opens the same file while the parent's connection is open can lose data. So there
    # is no open connection at the moment of the fork.

    def before_fork(self) -> None:
        self._held_for_fork = self._lock.acquire(timeout=2.0)
        if self._held_for_fork and not self.in_memory:
            self._close()

    def after_fork_in_parent(self) -> None:
        if self._held_for_fork:
            self._held_for_fork = False
            self._lock.release()

    def after_fork_in_child(self) -> None:
        clean = self._held_for_fork
        self._held_for_fork = False
        self._lock = threading.Lock()
        if self._connection is not None:
            _abandoned.append(self._connection)
            self._connection = None
        if not clean:
            logger.warning("forked in the middle of a write: this process queues in memory only")
            self._path = ":memory:"
        mine = f"{os.getpid()}."
        _live_owners.difference_update({one for one in _live_owners if not one.startswith(mine)})
        self._new_owner()

    # -- writing ---------------------------------------------------------------------------------

    def append(self, rows: list[StoredItem]) -> None:
        """Stores rows. On disk when this returns."""

        def work(connection: sqlite3.Connection) -> int:
            connection.executemany(
                "insert into items (kind, stamp, frozen, body) values (?, ?, ?, ?)", rows
            )
            return self._trim(connection)

        self._counts.lose(self.full_reason, self._run(work))

    def _trim(self, connection: sqlite3.Connection) -> int:
        """Deletes the oldest rows, crashes last, until the pages in use fit. Returns how many."""
        gone = 0
        if self._used(connection) <= self._max_bytes:
            return 0
        for condition in ("kind <> 'crash'", "kind = 'crash'"):
            while self._used(connection) > self._max_bytes * 9 // 10:
                excess = self._used(connection) - self._max_bytes * 9 // 10
                last = -1
                for seq, size in connection.execute(
                    "select seq, length(body) from items "
                    f"where owner = '' and {condition} order by seq limit 64"
                ).fetchall():
                    last, excess = seq, excess - size
                    if excess <= 0:
                        break
                if last < 0:
                    break
                gone += connection.execute(
                    f"delete from items where owner = '' and {condition} and seq <= ?", (last,)
                ).rowcount
        return gone

    @staticmethod
    def _used(connection: sqlite3.Connection) -> int:
        pages, free, size = (
            int(connection.execute(f"pragma {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    def expire(self, oldest_stamp: int) -> None:
        """Drops what was stamped before `oldest_stamp` (ms)."""

        def work(connection: sqlite3.Connection) -> int:
            return connection.execute(
                "delete from items where stamp < ? and owner = ''", (oldest_stamp,)
            ).rowcount

        self._counts.lose("too_old", self._run(work))

    def take_unclaimed(self) -> list[StoredItem]:
        """Removes and returns the rows that nobody is sending."""

        def work(connection: sqlite3.Connection) -> list[StoredItem]:
            rows = connection.execute(
                "select kind, stamp, frozen, body from items where owner = '' order by seq"
            ).fetchall()
            connection.execute("delete from items where owner = ''")
            return [(kind, stamp, bool(frozen), body) for kind, stamp, frozen, body in rows]

        return self._run(work)

    def clear_usage(self) -> None:
        """Opt-out: forgets everything but crashes."""
        self._run(lambda connection: connection.execute("delete from items where kind <> 'crash'"))

    # -- sending ---------------------------------------------------------------------------------

    def claim(self, kind: Kind, limit: int, max_bytes: int, clock_offset: int) -> list[Row]:
        """The oldest rows of a kind that nobody is sending, now ours, their times frozen.

        clock_offset (ms) is added to the times of rows that were never claimed before. It is
        committed before anything is sent, so a resend after a kill has the same bytes.
        """

        def work(connection: sqlite3.Connection) -> list[Row]:
            self._free_the_dead(connection)
            last, size = -1, 0
            for seq, length in connection.execute(
                "select seq, length(body) from items where kind = ? and owner = '' "
                "order by seq limit ?",
                (kind, limit),
            ).fetchall():
                size += length + 64
                if last >= 0 and size > max_bytes:
                    break
                last = seq
            if last < 0:
                return []
            connection.execute(
                "insert or replace into owners values (?, ?)",
                (self._owner, time.time() + self._lease),
            )
            connection.execute(
                "update items set owner = ?, frozen = 1, "
                "stamp = stamp + case frozen when 0 then ? else 0 end "
                "where kind = ? and owner = '' and seq <= ?",
                (self._owner, clock_offset, kind, last),
            )
            found = connection.execute(
                "select seq, stamp, body from items where owner = ? and kind = ? order by seq",
                (self._owner, kind),
            )
            return [Row(*row) for row in found]

        return self._run(work)

    def _free_the_dead(self, connection: sqlite3.Connection) -> None:
        """Gives back what a process claimed that is gone or has been silent for its lease."""
        now = time.time()
        held = connection.execute(
            "select i.owner, o.until from (select distinct owner from items where owner <> '') i "
            "left join owners o on o.owner = i.owner where i.owner <> ?",
            (self._owner,),
        ).fetchall()
        for owner, until in held:
            lapsed = until is None or not now - 1 < until <= now + self._lease + 1
            if lapsed or not _alive(owner):
                connection.execute("update items set owner = '' where owner = ?", (owner,))
                connection.execute("delete from owners where owner = ?", (owner,))

    def finish(self, sequence_numbers: list[int]) -> None:
        """Deletes rows that need no further sending."""
        self._run(
            lambda connection: connection.executemany(
                "delete from items where seq = ?", [(seq,) for seq in sequence_numbers]
            )
        )

    def release(self) -> None:
        """Gives this process's claims back; the times stay frozen."""
        if self._connection is not None:
            self._run(
                lambda connection: connection.execute(
                    "update items set owner = '' where owner = ?", (self._owner,)
                )
            )

    # -- asking ----------------------------------------------------------------------------------

    def last_seq(self) -> int:
        return self._ask("select coalesce(max(seq), 0) from items")

    def pending(self, up_to: int | None = None) -> int:
        return self._ask("select count(*) from items where ?1 is null or seq <= ?1", up_to)

    def _ask(self, sql: str, *parameters: object) -> int:
        with self._lock:
            return int(self._open().execute(sql, parameters).fetchone()[0])

    def installation_id(self) -> str:
        """A random UUID, made once per queue file: the person, when the caller names none."""

        def work(connection: sqlite3.Connection) -> str:
            connection.execute(
                "insert or ignore into facts values ('installation_id', ?)", (str(uuid.uuid4()),)
            )
            found = connection.execute("select value from facts where name = 'installation_id'")
            return str(found.fetchone()[0])

        return self._run(work)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("begin immediate")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("rollback")
        raise


def _alive(owner: str) -> bool:
    """Whether the process that claimed may still be sending. In doubt yes: the lease decides.

    In another container the answer can be wrong; then both send, and the server keeps one.
    """
    if os.name != "posix":
        return True  # os.kill(pid, 0) is no question on Windows, it interrupts
    pid = int(owner.partition(".")[0] or 0)
    if pid == os.getpid():
        return owner in _live_owners
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
