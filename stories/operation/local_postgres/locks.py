"""Locks on files and folders that end with the process that holds them (flock)."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from stories.errors import SetupError

SHARED = fcntl.LOCK_SH
EXCLUSIVE = fcntl.LOCK_EX

_POLL_SECONDS = 0.05

# A forked child (a gunicorn worker) must neither keep the server from being the parent's to stop,
# nor hold it up when the parent is gone, so it closes its copies at once. That does not unlock: the
# parent's own descriptor still holds the lock.
_open: set[int] = set()


def _forget() -> None:
    for descriptor in _open:
        os.close(descriptor)
    _open.clear()


os.register_at_fork(after_in_child=_forget)


def acquire(path: Path, kind: int, patience: float) -> int:
    """Lock a file, made if missing, or a folder, waiting at most `patience` seconds.

    Answers a descriptor for `release`.
    """
    flags = os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT
    descriptor = os.open(path, flags, 0o600)
    _open.add(descriptor)
    deadline = time.monotonic() + patience
    while not attempt(descriptor, kind):
        if time.monotonic() > deadline:
            release(descriptor)
            raise SetupError(
                f"Another process is still starting or stopping the database in {path.parent}: "
                "try again in a minute."
            )
        time.sleep(_POLL_SECONDS)
    return descriptor


def attempt(descriptor: int, kind: int) -> bool:
    """Lock, or turn one lock into another, without waiting. A failed turn loses the first one."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def release(descriptor: int) -> None:
    if descriptor in _open:
        _open.discard(descriptor)
        os.close(descriptor)
