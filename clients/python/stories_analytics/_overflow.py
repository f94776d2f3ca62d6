"""The queue as writer and sender see it: the file, and memory for what the file cannot take."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from typing import Callable, NamedTuple, TypeVar

from ._counts import Counts
from ._store import BUSY, Store, StoredItem
from ._types import Kind, Row, logger

MAX_MEMORY_BYTES = 16 * 1024 * 1024

T = TypeVar("T")


class Position(NamedTuple):
    """The last row of the file and the last one in memory at some moment."""

    disk: int
    memory: int


class Overflow:
    """A Store whose rows go to memory while the disk is full or cannot be written.

    Rows in memory are sent from there and move to the file as soon as it takes rows again. Their
    sequence numbers are negative. Methods raise what Store raises only where memory cannot help.
    """

    def __init__(self, disk: Store, counts: Counts) -> None:
        self._disk = disk
        self._counts = counts
        self._making = threading.Lock()
        self._memory: Store | None = None

    def _the_memory(self) -> Store:
        with self._making:
            if self._memory is None:
                self._memory = Store(":memory:", MAX_MEMORY_BYTES, 60.0, self._counts)
                self._memory.full_reason = "memory_full"
            return self._memory

    # -- writing ---------------------------------------------------------------------------------

    def append(self, rows: list[StoredItem]) -> None:
        """Stores rows. Raises sqlite3.OperationalError only while a process holds the file."""
        try:
            self._disk.append(rows)
        except (sqlite3.Error, OSError) as error:
            if any(word in str(error).lower() for word in BUSY):
                raise
            self.keep_in_memory(rows, error)
        else:
            self.move_to_disk()

    def keep_in_memory(self, rows: list[StoredItem], error: Exception) -> None:
        """Takes rows that the file did not."""
        self._counts.once("write", f"the queue file cannot be written, memory has to do: {error}")
        self._the_memory().append(rows)

    def move_to_disk(self) -> None:
        """The file takes rows again: what waits in memory goes there too."""
        memory = self._memory
        if memory is None or not memory.pending():
            return
        rows = memory.take_unclaimed()
        if not rows:
            return
        try:
            self._disk.append(rows)
            self._counts.forget("write")
        except (sqlite3.Error, OSError):
            memory.append(rows)

    def installation_id(self) -> str:
        """The person, when the caller names none; of this process only while the disk is full."""
        try:
            return self._disk.installation_id()
        except (sqlite3.Error, OSError):
            return self._the_memory().installation_id()

    def clear_usage(self) -> None:
        """Opt-out: forgets everything but crashes."""
        if self._memory is not None:
            self._memory.clear_usage()
        self._disk.clear_usage()

    # -- sending ---------------------------------------------------------------------------------

    def claim(self, kind: Kind, limit: int, max_bytes: int, clock_offset: int) -> list[Row]:
        """As Store.claim; rows of the file wait there while it is too full to note the claim."""
        if self._memory is None:
            return self._disk.claim(kind, limit, max_bytes, clock_offset)
        rows = self._memory.claim(kind, limit, max_bytes, clock_offset)
        if rows:
            return [row._replace(seq=-row.seq) for row in rows]
        return self._despite_a_full_disk(
            lambda: self._disk.claim(kind, limit, max_bytes, clock_offset), []
        )

    def finish(self, sequence_numbers: list[int]) -> None:
        """Deletes rows that need no further sending."""
        in_memory = [-seq for seq in sequence_numbers if seq < 0]
        on_disk = [seq for seq in sequence_numbers if seq > 0]
        if in_memory and self._memory is not None:
            self._memory.finish(in_memory)
        if on_disk:
            self._disk.finish(on_disk)

    def expire(self, oldest_stamp: int) -> None:
        """Drops what was stamped before `oldest_stamp` (ms)."""
        if self._memory is not None:
            self._memory.expire(oldest_stamp)
        self._despite_a_full_disk(lambda: self._disk.expire(oldest_stamp), None)

    def release(self) -> None:
        """Gives this process's claims back; the times stay frozen."""
        if self._memory is not None:
            self._memory.release()
        self._despite_a_full_disk(self._disk.release, None)

    def close(self) -> None:
        """Closes the file. What memory still holds goes there, or is lost and counted."""
        with contextlib.suppress(sqlite3.Error, OSError):
            self.release()
        memory, self._memory = self._memory, None
        left = memory.take_unclaimed() if memory is not None else []
        if left:
            try:
                self._disk.append(left)
            except (sqlite3.Error, OSError):
                self._counts.lose("disk_full", len(left))
        self._disk.close()

    def _despite_a_full_disk(self, work: Callable[[], T], otherwise: T) -> T:
        if self._memory is None:
            return work()
        try:
            return work()
        except (sqlite3.Error, OSError) as error:
            logger.debug("the queue file: %s", error)
            return otherwise

    # -- asking ----------------------------------------------------------------------------------

    def last_seq(self) -> Position:
        return Position(self._disk.last_seq(), self._memory.last_seq() if self._memory else 0)

    def pending(self, up_to: Position | None = None) -> int:
        """How many rows wait, of every process that shares the file; those up to a position."""
        waiting = self._disk.pending(up_to.disk if up_to else None)
        if self._memory is not None:
            waiting += self._memory.pending(up_to.memory if up_to else None)
        return waiting

    def in_memory(self) -> int:
        """How many rows of this process are in no file."""
        waiting = self._memory.pending() if self._memory is not None else 0
        return waiting + (self._disk.pending() if self._disk.in_memory else 0)

    # -- fork ------------------------------------------------------------------------------------

    def before_fork(self) -> None:
        self._disk.before_fork()

    def after_fork_in_parent(self) -> None:
        self._disk.after_fork_in_parent()

    def after_fork_in_child(self) -> None:
        self._making = threading.Lock()
        self._memory = None  # the parent sends what it holds
        self._disk.after_fork_in_child()
