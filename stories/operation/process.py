"""A job in a process of its own: for libraries too heavy for a worker, and for work that may hang or
take all of its memory.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from types import FrameType

from stories.config import ROOT

STOP_SECONDS = 3.0  # that a worker which ends waits for its process


class Process:
    """`python aggregator.py JOB`, at most once from this process. Safe to use from several threads."""

    def __init__(self, job: str) -> None:
        self._job = job
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, dsn: str, settings: Mapping[str, str] | None = None) -> None:
        """Start it with these settings beside this process's own, unless it runs."""
        environment = {**os.environ, "DATABASE_URL": dsn, **(settings or {})}
        # The workers' counters are files by process, and those of a process that is gone would stay.
        environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
        with self._lock:
            if self.is_running():
                return
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "aggregator.py"), self._job],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def is_running(self) -> bool:
        """Asking also takes note of its end: it leaves no zombie."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End it. It has STOP_SECONDS for what it has begun."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                return
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
                return
            self._process.kill()
            self._process.wait()


def asked_to_end() -> threading.Event:
    """Set once a signal asks this process to end. For the main thread of a job."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return stopped
