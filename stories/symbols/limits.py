"""Bounds of a process that works on what strangers sent: its priority, its memory, and the time of a
piece of work.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

NICE = 10
MEMORY = 2**30  # of addresses, so that a hostile file ends this process and not the server
CPU_SECONDS = 60
WAIT_SECONDS = 120  # by the clock, with what the database takes


class TookTooLong(Exception):
    """A piece of work is past its time."""


def be_small() -> None:
    """Of this process, to its end."""
    os.nice(NICE)
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what it works on is nobody's to keep


@contextmanager
def piece_of_work(seconds: float | None = None) -> Iterator[None]:
    """Raises TookTooLong past its time, `seconds` or WAIT_SECONDS by the clock. Code in C hears no
    signal of Python's: there the kernel ends the process a little later. For the main thread."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TookTooLong

    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds or WAIT_SECONDS)
    limit = used + CPU_SECONDS
    if most != resource.RLIM_INFINITY:
        limit = min(limit, most)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, most))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_CPU, (most, most))
