"""Starting the process that maps crashes, from a worker where one waits."""

from __future__ import annotations

import threading

from database import Database
from stories.operation.process import Process

TURN = 7_266_031  # lock of the process that maps
PROCESS = Process("symbols")  # of this worker

_arrived = threading.Event()


def poke() -> None:
    """A crash has arrived that may wait: the worker's jobs look at once."""
    _arrived.set()


def wait(seconds: float) -> None:
    """Until a crash has arrived, or so long."""
    _arrived.wait(seconds)
    _arrived.clear()


def start(database: Database, process: Process = PROCESS) -> None:
    """Start the process, unless one runs or nothing waits. Raises Unavailable."""
    if process.is_running():
        return
    with database.transaction(5, autocommit=True) as tx:
        is_due = tx.value("symbols/waits_crash") and not tx.value("symbols/is_locked", lock=TURN)
    if is_due:
        process.start(database.dsn)
