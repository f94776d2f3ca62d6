"""python -m tools.dates [name...]: the tests that know days, at dates where days go wrong.

Each date is one run of pytest over the tests marked `dates`, under libfaketime: tests, servers and
PostgreSQL live at that date. Two dates run at a time. Exits 1 when one of them fails.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from stories.config import ROOT
from tools import faked_clock

# UTC. At the hour of a change of clocks a day of 23 or 25 hours is going on.
DATES = {
    "the day it broke": "2026-11-28 12:00",
    "ten minutes before midnight": "2026-12-05 23:50",
    "last day of a year": "2026-12-31 12:00",
    "first day of a year": "2027-01-01 00:30",
    "last day of February": "2027-02-28 12:00",
    "leap day": "2028-02-29 12:00",
    "New York, clocks forward": "2027-03-14 07:30",
    "New York, clocks back": "2027-11-07 06:30",
    "Berlin, clocks forward": "2027-03-28 01:30",
    "Berlin, clocks back": "2027-10-31 01:30",
    "a Monday": "2027-06-07 06:00",
    "a Sunday": "2027-06-13 18:00",
}
AT_ONCE = 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.dates", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help="; ".join(DATES))
    names = parser.parse_args().names or list(DATES)
    if unknown := sorted(set(names) - DATES.keys()):
        parser.error(f"there is no date {unknown[0]!r}; there are: {'; '.join(DATES)}")
    library = faked_clock.library()
    if library is None:
        print(
            "error: libfaketime is not installed (Debian: apt install faketime).", file=sys.stderr
        )
        return 1
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        clock = faked_clock.settings(library, Path(folder))
        files = _files()
        codes = list(pool.map(lambda name: _run(name, clock, files), names))
    return 1 if any(codes) else 0


def _files() -> list[str]:
    """Those with marked tests: pytest would import two hundred others for each date."""
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(path) for path in paths if "pytest.mark.dates" in path.read_text()]


def _run(name: str, clock: dict[str, str], files: list[str]) -> int:
    """pytest at a date; its output is shown when it fails. Returns its exit code."""
    began = time.monotonic()
    offset = datetime.fromisoformat(DATES[name]).replace(tzinfo=UTC) - datetime.now(UTC)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "dates", "-p", "no:cacheprovider", *files],
        cwd=ROOT,
        env={**os.environ, **clock, "FAKETIME": f"{offset.total_seconds():+.0f}"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        print(done.stdout, done.stderr)
    result = done.stdout.strip().splitlines()[-1:] or ["no output"]
    print(f"{DATES[name]} {name}: {result[0]} ({time.monotonic() - began:.0f} s)", flush=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
