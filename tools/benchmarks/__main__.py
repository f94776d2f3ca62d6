"""python -m tools.benchmarks: the whole bench, or parts of it. Settings come from the environment, so
that `make bench BENCH_EVENTS=1000000` works.

    BENCH_EVENTS   sizes to load, comma-separated, or up-to-N: of 1, 10 and 30 million those up to N
                   (up-to-30000000)
    BENCH_DIR      folder of the bench's own PostgreSQL (./.data/bench)
    BENCH_PARTS    of load, reports, filters, explore, questions, folds, compression, issues,
                   symbols, ingest, start, envelopes (all of them but envelopes, for which Bugsink
                   is installed)

A part that is run replaces its own tables in docs/BENCHMARKS.md and leaves the others as they are.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from stories.config import ROOT
from stories.errors import SetupError
from stories.operation import local_postgres
from tools.benchmarks import write_up
from tools.benchmarks.compression import measure_compression
from tools.benchmarks.crashes import measure_crashes
from tools.benchmarks.envelopes import measure_envelopes
from tools.benchmarks.explore import ask_explorations
from tools.benchmarks.filters import ask_filtered
from tools.benchmarks.folds import measure_folds
from tools.benchmarks.ingest import ingest
from tools.benchmarks.issues import ask_issues
from tools.benchmarks.limits import measure
from tools.benchmarks.load import load, settle
from tools.benchmarks.place import Place, check_disk, opened, query
from tools.benchmarks.questions import ask_questions
from tools.benchmarks.reports import ask_all
from tools.benchmarks.server import OURS, serving
from tools.benchmarks.sizes import sizes
from tools.benchmarks.symbols import measure_symbols
from tools.benchmarks.table import machine, merge, moment, render

OF_LOADED = ("load", "reports", "filters", "explore", "questions", "start")
PARTS = (*OF_LOADED[:-1], "folds", "compression", "issues", "symbols", "ingest", "start")
ALSO = ("envelopes",)  # only where it is named
QUICK_EVENTS = 100_000
SIZES = (1_000_000, 10_000_000, 30_000_000)
UP_TO = "up-to-"
LIMIT_ROWS = 200_000


def main() -> int:
    options = _options()
    folder = Path(os.environ.get("BENCH_DIR") or ROOT / ".data" / "bench").absolute()
    before = os.getloadavg()[0]
    try:
        with opened(folder) as place:
            results = _measure(place, options)
            about = machine(
                query(place.dsn, "select version()")[0][0].split(" on ")[0], measure(place, "sync")
            )
        if "start" in options.parts:
            results["start_with_postgres"] = _start_with_postgres(folder)
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    text = render(write_up.sections(results), about, moment(before))
    print(text)
    if options.quick:
        print("\nA quick try: docs/BENCHMARKS.md is left alone.")
    else:
        merge(text)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"{QUICK_EVENTS:,} events and little ingest; writes no document",
    )
    parser.add_argument(
        "--reuse",
        action="store_true",
        help="measure again what an earlier run has loaded, and load only the rest",
    )
    parser.add_argument("--keep", action="store_true", help="keep the loaded databases for --reuse")
    options = parser.parse_args()
    events = os.environ.get("BENCH_EVENTS") or f"{UP_TO}{SIZES[-1]}"
    try:
        options.events = sizes_of(events)
    except ValueError as error:
        parser.error(str(error))
    options.parts = tuple((os.environ.get("BENCH_PARTS") or ",".join(PARTS)).split(","))
    if options.quick:
        options.events = [QUICK_EVENTS]
    if unknown := sorted(set(options.parts) - {*PARTS, *ALSO}):
        parser.error(f"BENCH_PARTS knows {', '.join((*PARTS, *ALSO))}, not {unknown[0]}")
    return options


def sizes_of(text: str) -> list[int]:
    """How many events to load, the fewest first: of "1000000,30000000" those, of "up-to-10000000" all
    of SIZES up to that. Raises ValueError for anything else."""
    numbers = text.removeprefix(UP_TO).split(",")
    if all(number.isdecimal() and int(number) for number in numbers):
        sizes = {int(number) for number in numbers}
        if not text.startswith(UP_TO):
            return sorted(sizes)
        if upto := [size for size in SIZES if size <= max(sizes)]:
            return upto
    least = f"{UP_TO}{SIZES[0]} or more"
    raise ValueError(f"BENCH_EVENTS is a number, several with commas, or {least}, not {text}")


def _measure(place: Place, options: argparse.Namespace) -> dict[str, Any]:
    results: dict[str, Any] = {
        name: [] for name in ("loads", "reports", "filters", "explore", "questions", "ingest")
    }
    for events in options.events:
        if not set(OF_LOADED) & set(options.parts):
            break
        name = f"bench_{events}"
        loaded = place.noted(name) if options.reuse else None
        if loaded is None:
            loaded = _load(place, name, events)
        dsn = place.database(name)
        if "load" in options.parts:
            results["loads"].append(
                {"size": events} | loaded | _beside(place, dsn, loaded["events"])
            )
        if "reports" in options.parts:
            _say(f"{events:,} events: asking every report")
            trip = measure(place, "trip", dsn)
            calls = ask_all(dsn, loaded["now"])
            results["reports"].append(
                {"size": events, "events": loaded["events"], "trip": trip, "calls": calls}
            )
        if "filters" in options.parts:
            _say(f"{events:,} events: asking under filters")
            asked = ask_filtered(dsn, loaded["now"])
            results["filters"].append({"size": events, "events": loaded["events"], **asked})
        if "explore" in options.parts:
            _say(f"{events:,} events: exploring")
            calls = ask_explorations(dsn, loaded["now"])
            results["explore"].append({"size": events, "events": loaded["events"], "calls": calls})
        if "questions" in options.parts:
            _say(f"{events:,} events: asking questions")
            answered = ask_questions(dsn, loaded["now"])
            results["questions"].append({"size": events, "events": loaded["events"], **answered})
        if "start" in options.parts and "start" not in results:
            results["start"] = _start(dsn)
        if not (options.keep or options.reuse):
            place.drop(name)
    if "folds" in options.parts:
        _say("folding with and without segments")
        results["folds"] = measure_folds(place, options.quick)
    if "compression" in options.parts:
        _say("compressing old days")
        results["compression"] = measure_compression(place, options.quick)
    if "issues" in options.parts:
        _say("issues: loading crashes, asking lists and pages")
        results["issues"] = ask_issues(place, options.quick)
    if "symbols" in options.parts:
        _say("crashes that get real names")
        results["symbols"] = measure_symbols(place)
    if "ingest" in options.parts:
        _say("ingest over HTTP")
        share = 0.05 if options.quick else 1.0
        results["ingest"] = ingest(place, share)
        results["crashes"] = measure_crashes(place, share)
    if "envelopes" in options.parts:
        _say("envelopes of Sentry's SDKs, here and in Bugsink")
        results["envelopes"] = measure_envelopes(place, 0.1 if options.quick else 1.0)
    return results


def _load(place: Place, name: str, events: int) -> dict[str, Any]:
    check_disk(place.folder, events)
    _say(f"{events:,} events: loading")
    dsn = place.create(name)
    loaded = load(dsn, events)
    settle(dsn)
    query(dsn, "vacuum analyze")
    place.note(name, loaded)
    return loaded


def _beside(place: Place, dsn: str, events: int) -> dict[str, Any]:
    """Sizes, and the limits that belong beside the figures of a load."""
    rows = min(LIMIT_ROWS, events)
    return {
        "sizes": sizes(dsn),
        "copy": measure(place, "copy", dsn, rows, 1),
        "group": measure(place, "group", dsn, rows),
    }


def _start(dsn: str) -> float:
    with serving(OURS, dsn) as server:
        return server.seconds_to_healthy


def _start_with_postgres(folder: Path) -> float:
    """From nothing running to healthy, on a database that exists: ours is started too."""
    local_postgres.stop()
    for _ in range(2):  # the first makes the schema
        with serving(OURS, "", DATA_DIR=str(folder)) as server:
            seconds = server.seconds_to_healthy
    return seconds


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
