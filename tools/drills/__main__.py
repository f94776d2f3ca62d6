"""python -m tools.drills [names…]: run the fault drills, print one tally, exit 1 when anything is off.

With no names all of them run, about half an hour, and docs/DRILLS.md gets the tally.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from stories.config import ROOT
from tools.benchmarks.limits import sync_rate
from tools.benchmarks.table import machine, render, write
from tools.drills import (
    clock,
    deploy,
    disk,
    hang,
    hostile,
    hostile_values,
    kills,
    logins,
    messages,
    moves,
    overload,
    several,
    slow,
    storm,
    upgrades,
)
from tools.drills.scene import CannotRun, Scene
from tools.drills.tally import Tally, section

DRILLS: dict[str, Callable[[Scene], None]] = {
    "kills": kills.kills,
    "disk": disk.disk,
    "hang": hang.hang,
    "deploy": deploy.deploy,
    "pair": several.pair,
    "pgbouncer": several.pgbouncer,
    "clock": clock.clock,
    "overload": overload.overload,
    "slow": slow.slow,
    "hostile": hostile.hostile,
    "logins": logins.logins,
    "hostile-values": hostile_values.hostile_values,
    "storm": storm.storm,
    "messages": messages.messages,
    "backup": moves.backup,
    "upgrade": upgrades.upgrade,
    "history": upgrades.history,
}
DOCUMENT = ROOT / "docs" / "DRILLS.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.drills", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(DRILLS))
    parser.add_argument("--seed", type=int, help="of an earlier run, to try the same again")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - DRILLS.keys()):
        parser.error(f"there is no drill {unknown[0]}; there are {', '.join(DRILLS)}")
    seed = secrets.randbelow(10**6) if options.seed is None else options.seed
    print(f"seed {seed}", file=sys.stderr, flush=True)
    tallies = [run(name, seed) for name in options.names or DRILLS]
    with tempfile.TemporaryDirectory() as folder:
        about = f"seed {seed} · " + machine("PostgreSQL of the wheel", sync_rate(Path(folder)))
    text = render([section(tallies)], about)
    print(text)
    if not options.names:
        write(text, DOCUMENT)
    return 1 if any(tally.problems for tally in tallies) else 0


def run(name: str, seed: int) -> Tally:
    """One drill in a scene of its own. What breaks the drill itself is a problem, too."""
    began = time.monotonic()
    with Scene(name, seed) as scene:
        try:
            DRILLS[name](scene)
        except CannotRun as reason:
            scene.tally.problems.append(f"not run: {reason} Name the others to leave it out.")
        except Exception as failure:
            traceback.print_exc()
            scene.tally.problems.append(f"{type(failure).__name__}: {failure}")
    scene.tally.seconds = time.monotonic() - began
    state = "; ".join(scene.tally.problems) or "all is well"
    print(f"{name}: {scene.tally.seconds:.0f} s, {state}", file=sys.stderr, flush=True)
    return scene.tally


if __name__ == "__main__":
    sys.exit(main())
