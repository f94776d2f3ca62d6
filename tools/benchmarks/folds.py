"""What segments cost the fold: the same events folded by the release before there were any, by the
present one without a segment, and with three. Turn by turn, so that what else the machine does meets
them all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stories.config import ROOT
from tools.benchmarks.place import Place
from tools.drills.upgrades import BEFORE_FILTERS, extract

EVENTS, QUICK_EVENTS = 100_000, 10_000
TURNS = 3
THREE = [
    ["version:gte:1.0"],
    ["platform_family:is:macOS", "country:in:US,DE"],
    ["prop.source:is:widget"],
]
PROGRAM = Path(__file__).with_name("fold_once.py")


def measure_folds(place: Place, quick: bool) -> dict[str, Any]:
    """{"turns", and for "before", "none" and "three" the turn that took the processor least, as
    fold_once.py gives it}."""
    events, turns = (QUICK_EVENTS, 1) if quick else (EVENTS, TURNS)
    now = datetime.now(UTC)
    taken: dict[str, list[dict[str, float]]] = {"before": [], "none": [], "three": []}
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before"
        extract(BEFORE_FILTERS, before)
        for _ in range(turns):
            for name, results in taken.items():
                dsn = place.create("bench_folds")
                root = before if name == "before" else ROOT
                segments = THREE if name == "three" else []
                results.append(_fold(root, dsn, events, now, segments))
    place.drop("bench_folds")
    best = {
        name: min(results, key=lambda result: result["processor_seconds"])
        for name, results in taken.items()
    }
    return {"turns": turns, **best}


def _fold(
    root: Path, dsn: str, events: int, now: datetime, segments: list[list[str]]
) -> dict[str, float]:
    done = subprocess.run(
        [
            *(sys.executable, "-P", str(PROGRAM)),
            *(dsn, str(events), now.isoformat(), json.dumps(segments)),
        ],
        cwd=root,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(root)},
        check=True,
        stdout=subprocess.PIPE,
    )
    return dict(json.loads(done.stdout))
