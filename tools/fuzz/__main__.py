"""`make fuzz`: coverage-guided inputs to every decoder and to the whole app, then the described API.

    python -m tools.fuzz [--inputs 100000] [--only TARGET…]

An input that does harm is printed, kept in a file, and ends the run with exit code 1.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from database import Database
from stories.operation import local_postgres, migrate
from stories.storage import partitions
from tools.fuzz import described
from tools.fuzz.decoders import TARGETS

# Of the inputs, what goes to the whole app: an input takes milliseconds there, microseconds elsewhere.
REQUESTS = 0.4
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000, help="in all")
    parser.add_argument("--only", nargs="*", default=[*TARGETS, "requests", "described"])
    chosen = parser.parse_args()
    failed = []
    with local_postgres.throwaway(FAST) as server, tempfile.TemporaryDirectory() as folder:
        database = Database(server.dsn, 2)
        migrate.migrate(database)
        partitions.ensure_all(database, 365)
        database.close()
        for name in chosen.only:
            began = time.monotonic()
            if name == "described":
                good = described.run(server.dsn, folder)
            else:
                share = REQUESTS if name == "requests" else (1 - REQUESTS) / len(TARGETS)
                good = _guided(name, round(chosen.inputs * share), server.dsn, Path(folder))
            print(
                f"{name:<18} {'ok' if good else 'FAILED'}  {time.monotonic() - began:.0f} s",
                flush=True,
            )
            if not good:
                failed.append(name)
    return 1 if failed else 0


def _guided(name: str, inputs: int, dsn: str, folder: Path) -> bool:
    corpus = folder / name
    corpus.mkdir()
    command = [sys.executable, "-m", "tools.fuzz.guided", name, str(corpus), f"-runs={inputs}"]
    done = subprocess.run(
        [*command, f"-artifact_prefix={tempfile.gettempdir()}/fuzz-{name}-"],
        env={**os.environ, "FUZZ_DSN": dsn, "LOG_LEVEL": "error"},
        capture_output=True,
    )
    told = done.stderr.decode(errors="replace") + done.stdout.decode(errors="replace")
    print(
        "\n".join(
            line for line in told.splitlines() if "DONE" in line or "number_of_executed" in line
        )
    )
    if done.returncode != 0:
        print(told[-6000:])
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
