"""Processes whose clock is moved by libfaketime (Debian: apt install faketime).

Only the clock on the wall moves: not the one for time limits, and not the times of files, which the
kernel writes and reads by the same clock.
"""

from __future__ import annotations

import os
from pathlib import Path

# What a child needs to live by the clock of its parent.
INHERITED = (
    "LD_PRELOAD",
    "FAKETIME",
    "FAKETIME_DONT_FAKE_MONOTONIC",
    "NO_FAKE_STAT",
    "PYTHONPATH",
)

# libfaketime 0.9.10 breaks absolute sleeps on the monotonic clock while that is not faked (later ones
# do not), and those are what Python's time.sleep makes: this one is relative.
SLEEP = """
import select, time
time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""


def library() -> Path | None:
    return next(Path("/usr/lib").glob("**/faketime/libfaketimeMT.so.1"), None)


def settings(library: Path, folder: Path) -> dict[str, str]:
    """Environment variables for a process whose clock is to be moved; add FAKETIME ("+3600": an hour
    ahead) or FAKETIME_TIMESTAMP_FILE. folder: on its import path."""
    (folder / "sitecustomize.py").write_text(SLEEP)
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
        "PYTHONPATH": str(folder),
    }


def inherited() -> dict[str, str]:
    """Our own such variables; none while our clock is the machine's."""
    if "FAKETIME" not in os.environ:
        return {}
    return {name: os.environ[name] for name in INHERITED if name in os.environ}
