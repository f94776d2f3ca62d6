"""From what was measured to the sections of the document, each figure beside aim and limit."""

from __future__ import annotations

from typing import Any

from tools.benchmarks import filter_tables
from tools.benchmarks.reports import FLOOR
from tools.benchmarks.symbols import FRAMES
from tools.benchmarks.table import Figure, Section, figures, number, rate, times, with_processor

Results = dict[str, Any]
TOP_STEPS = 12
PAGES = ("/stats", "page ", "/releases")
FILTERS = ("country", "app_version", "platform")


def sections(results: Results) -> list[Section]:
    parts = [_load(loaded) for loaded in results["loads"]]
    if results["loads"]:
        parts.append(_steps(results["loads"]))
    if results["reports"]:
        parts.append(_reports(results["reports"]))
    if results["filters"]:
        parts.append(filter_tables.one(results["filters"]))
        parts += [filter_tables.pages(asked) for asked in results["filters"]]
    if results["explore"]:
        parts.append(_explore(results["explore"]))
    parts += [_questions(asked) for asked in results["questions"]]
    if "folds" in results:
        parts.append(filter_tables.folds(results["folds"]))
    if "compression" in results:
        parts.append(_compression(results["compression"]))
    if "issues" in results:
        parts.append(_issues(results["issues"]))
    if "symbols" in results:
        parts.append(_symbols(results["symbols"]))
    if results["ingest"]:
        parts.append(_ingest(results["ingest"]))
        parts.append(_crashes(results["crashes"]))
    if "envelopes" in results:
        parts.append(_envelopes(results["envelopes"]))
    if "start" in results:
        parts.append(_operation(results))
    return parts


def _load(loaded: Results) -> Section:
    size, copied = loaded["sizes"], loaded["copy"]["rate"]
    copy = f"COPY, same tables and indexes: {number(copied)}"
    fold, alone = rate(loaded["fold"]), rate(loaded["fold_alone"])
    tenths = loaded["tenths"]
    rows = [
        Figure("append alone, events/s", number(rate(loaded["append_alone"])), limit=copy),
        Figure("append while folding", number(rate(loaded["append"]))),
        Figure("validation in Python", number(rate(loaded["validate"])),
               limit="one process, no database"),
        Figure("fold alone, events/s", number(alone), "≥ 20,000",
               f"one GROUP BY over the same rows: {number(loaded['group'])}"),
        Figure("fold while appending", number(fold)),
        Figure("append and fold together", number(loaded["events"] / loaded["seconds"]),
               limit="the generator runs on the same cores"),
        Figure("minutes", number(loaded["seconds"] / 60, 1), "≤ 75 of 30 million"),
        Figure("bytes per event, indexes included", number(size["event"]), "≤ 340",
               f"the same row as COPY text: {number(loaded['copy']['bytes'])}"),
        Figure("of that, indexes", number(size["event_indexes"])),
        Figure("rollups, bytes per event", number(size["rollups"])),
        Figure("bytes per crash, indexes included", number(size["crash"])),
    ]  # fmt: skip
    if len(tenths) > 3:
        speeds = f"{number(tenths[0])} in the first tenth, {number(tenths[-2])} near the end"
        times_as_fast = f"{number(tenths[-2] / tenths[0], 2)} times as fast"
        rows.insert(5, Figure("fold as the tables grow", speeds, "≥ 1 times", times_as_fast))
    title = (
        f"Load of {loaded['size']:,}: {loaded['events']:,} events and "
        f"{loaded['crashes']['n']:,} crashes of a year"
    )
    return figures(title, rows)


def _steps(loads: list[Results]) -> Section:
    """Where the fold's time goes, microseconds an event, at each size."""
    shares: list[dict[str, float]] = []
    for loaded in loads:
        folded = loaded["fold"]["n"] + loaded["fold_alone"]["n"]
        shares.append({name: s / folded * 1e6 for name, s in loaded["steps"].items()})
    names = sorted(shares[-1], key=lambda name: -shares[-1][name])
    rows = [
        (name, *(number(share.get(name, 0.0), 1) for share in shares)) for name in names[:TOP_STEPS]
    ]
    rest = (sum(share.get(name, 0.0) for name in names[TOP_STEPS:]) for share in shares)
    rows.append(("everything else", *(number(value, 1) for value in rest)))
    rows.append(("together", *(number(sum(share.values()), 1) for share in shares)))
    head = ("statement", *(f"µs an event at {loaded['events']:,}" for loaded in loads))
    return Section("Where the fold's time goes", head, rows)


def _reports(measured: list[Results]) -> Section:
    """p50, p95 and the processor's time at each size, and how p95 compares with that of the smallest."""
    by_size = [{call["path"]: call for call in run["calls"]} for run in measured]
    rows = [
        ("`select 1` on an open connection",
         *(times(run["trip"]) for run in measured), "", "the floor")
    ]  # fmt: skip
    for path in by_size[-1]:
        cells, calls = [], [calls.get(path) for calls in by_size]
        for call in calls:
            if call is None:
                cells.append("–")
            elif call["status"] != 200:
                cells.append(f"answers {call['status']}")
            else:
                cells.append(with_processor(call))
        first, *larger = calls
        ratio = ", ".join(
            number(call["p95"] / first["p95"], 2)
            for call in larger
            if first and first["p95"] and call and call["p95"]
        )
        if path == FLOOR:
            aim = "the floor"
        elif path.startswith(PAGES) and not any(f"&{name}=" in path for name in FILTERS):
            aim = "≤ 50, or ratio ≤ 1.5"
        else:
            aim = "≤ 300"
        rows.append((path, *cells, ratio, aim))
    sizes = (f"p50 / p95 · processor ms at {run['events']:,}" for run in measured)
    head = ("GET", *sizes, "p95 by size, times the first", "aim ms")
    note = (
        "One connection, the answer cache cold before each call, the server's two workers and "
        "PostgreSQL on the same cores."
    )
    return Section("Reports over HTTP", head, rows, note)


def _explore(measured: list[Results]) -> Section:
    """p50 and p95 at each size, and how many times as long it takes to read the events."""
    by_size = [{call["path"]: call for call in run["calls"]} for run in measured]
    rows: list[tuple[str, ...]] = []
    for path, last in by_size[-1].items():
        cells = [
            times(calls[path])
            if calls[path]["status"] == 200
            else f"answers {calls[path]['status']}"
            for calls in by_size
        ]
        beside = by_size[-1].get(last["beside"])
        ratio = number(last["p50"] / beside["p50"], 1) if beside and beside["p50"] else ""
        rows.append((path, *cells, ratio))
    sizes = (f"p50 / p95 ms at {run['events']:,}" for run in measured)
    head = ("GET", *sizes, "times the rollups")
    return Section("Explore and key numbers over HTTP", head, rows)


def _questions(asked: Results) -> Section:
    aims = {30: "≤ 500", 365: "≤ 1,700"}
    rows = []
    for call in asked["calls"]:
        scan = asked["scans"][call["days"]]
        what = f"{call['path']}, {call['days']} days"
        is_aimed = call["path"].startswith("funnel of four") and asked["size"] <= 1_000_000
        aim = aims[call["days"]] if is_aimed else ""
        limit = f"{number(call['p50'] / scan, 1)} times a scan of the events, {number(scan)} ms"
        rows.append(Figure(what, with_processor(call), aim, limit))
    title = f"Questions of {asked['size']:,}: from {asked['events']:,} events of a year"
    return figures(title, rows, "p50 / p95 · processor, in milliseconds.")


def _issues(measured: Results) -> Section:
    """p50 and p95 of lists of issues, of the largest issue's page and of releases."""
    rows: list[tuple[str, ...]] = []
    for call in measured["calls"]:
        cell = times(call) if call["status"] == 200 else f"answers {call['status']}"
        is_page, is_list = call["path"].startswith("an issue"), call["path"].startswith("/issues")
        rows.append((call["path"], cell, "≤ 100" if is_page else "≤ 50" if is_list else ""))
    note = (
        f"{measured['crashes']:,} crashes of 90 days in {measured['issues']:,} issues, the largest "
        f"of which has a tenth; grouped, appended and folded in {number(measured['seconds'])} s by "
        "one process."
    )
    return Section("Issues over HTTP", ("GET", "p50 / p95 ms", "aim ms"), rows, note)


def _ingest(measured: list[Results]) -> Section:
    head = (
        "batches of", "events/s, fold caught up", "of COPY's", "times the baseline's",
        "p50 / p99 ms", "p99 ms at half load", "acknowledged/s", "COPY/s", "baseline/s",
    )  # fmt: skip
    rows: list[tuple[str, ...]] = [
        ("*aim*", "", "≥ 0.1 at 10, ≥ 0.25 at 100", "≥ 3", "", "≤ 50", "", "", ""),
    ]
    for run in measured:
        rows.append((
            str(run["batch"]),
            number(run["rate"]),
            number(run["rate"] / run["limit"], 3),
            number(run["rate"] / run["baseline"]["rate"], 2),
            f"{number(run['p50'], 1)} / {number(run['p99'], 1)}",
            number(run["half_p99"], 1),
            number(run["acknowledged"]),
            number(run["limit"]),
            number(run["baseline"]["rate"]),
        ))  # fmt: skip
    refused = sum(
        run["refused"] + run["reconnected"] + sum(run["bad"].values()) for run in measured
    )
    note = (
        f"{measured[-1]['events']:,} events at 100. 32 connections, two workers; "
        "generator, server and PostgreSQL share the cores. COPY: two connections, no fold. "
        "Baseline: no deduplication, no rollups, "
        f"{number(measured[-1]['baseline']['bytes'])} bytes per event. Refused, reconnected or "
        f"failed: {refused}."
    )
    return Section("Ingest over HTTP, fold included", head, rows, note)


def _envelopes(run: Results) -> Section:
    """Least and most of the turns."""
    times = [ours / other for ours, other in zip(run["ours"], run["bugsink"], strict=True)]
    rows = [
        ("here, folded", *(f"{rate:,.0f}" for rate in run["ours"])),
        ("Bugsink 2.6.2, digested", *(f"{rate:,.1f}" for rate in run["bugsink"])),
        ("times as many (aim 10)", *(f"{each:,.1f}" for each in times)),
    ]
    head = ("envelopes a second", *(f"turn {n + 1}" for n in range(len(times))))
    note = (
        f"{run['n']:,} envelopes here, {run['bugsink_n']:,} there, a turn; {run['bytes']:,} bytes each, "
        "two workers each, until the last was processed."
    )
    return Section("Envelopes of Sentry's SDKs: here and in Bugsink", head, rows, note)


def _crashes(run: Results) -> Section:
    empty = run["empty_rate"]
    rows: list[tuple[str, ...]] = [
        (
            what,
            number(run[f"{kind}_rate"]),
            number(run[f"{kind}_rate"] / empty, 2),
            number(run[f"{kind}_p99"], 1),
            number(run[f"{kind}_bytes"]),
        )
        for what, kind in (("kept whole, of 150 faults", "whole"), ("thinned, of one", "thin"))
    ]
    head = ("crashes", "a second", "of an empty answer's", "p99 ms", "bytes each, indexes included")
    note = (
        f"One a request, stacks of 20 frames, 32 connections, two workers. An empty answer of Flask "
        f"under the same gunicorn: {number(empty)} a second."
    )
    return Section("Crashes over HTTP", head, rows, note)


def _symbols(measured: Results) -> Section:
    rows = [
        Figure("first crash, from its request to its names, ms", number(measured["first"]), "≤ 3,000"),
        Figure("a later one, ms", number(measured["each"], 1), "≤ 50"),
        Figure("memory of the process that maps, MB", number(measured["memory"]), "≤ 256"),
        Figure("the most that it took, MB", number(measured["peak"])),
        Figure("p99 of /health, ms", number(measured["health"], 1)),
        Figure(f"while a map of {number(measured['large_bytes'] / 2**20)} MB is opened, ms",
               number(measured["health_opening"], 1), "as above"),
    ]  # fmt: skip
    note = (
        f"A map of {number(measured['map_bytes'] / 2**20, 1)} MB with {measured['tokens']:,} tokens, "
        f"of a script of {number(measured['script_bytes'] / 2**20, 1)} MB. The first crash starts the "
        f"process; {measured['later']} later ones of {FRAMES} frames are sent one after the other, and "
        "their requests are in the time."
    )
    return figures("Real names", rows, note)


def _compression(measured: Results) -> Section:
    rows: list[tuple[str, ...]] = []
    aims = {"usual": "≤ 40 bytes, ≥ 50,000/s", "varied": "≤ a quarter of the row"}
    for kind, run in measured.items():
        largest = sorted(run["columns"].items(), key=lambda column: -column[1])[:5]
        rows.append((
            f"{kind} properties",
            f"{number(run['row'])} ({number(run['heap'])} without indexes)",
            number(run["chunk"], 1),
            number(run["chunk"] / run["row"], 2),
            number(run["events"] / run["seconds"]),
            number(run["events"] / run["processor_seconds"]),
            aims[kind],
            ", ".join(f"{name} {number(size, 1)}" for name, size in largest),
        ))  # fmt: skip
    head = (
        "traffic", "bytes an event as rows", "in chunks", "of the rows'", "packed/s",
        "packed a second of the processor", "aim", "columns, bytes an event",
    )  # fmt: skip
    note = (
        f"{measured['usual']['events']:,} events of a year, each with its own received_at; one process "
        "packs them. Varied: six properties more, with random numbers and texts."
    )
    return Section("Old days, compressed", head, rows, note)


def _operation(results: Results) -> Section:
    rows = [
        Figure("start to healthy, PostgreSQL running, s", number(results["start"], 2), "≤ 3"),
        Figure("start to healthy, PostgreSQL started too, s",
               number(results["start_with_postgres"], 2), "≤ 3"),
    ]  # fmt: skip
    for run in results["ingest"][-1:]:
        rows.append(
            Figure(
                "memory of all processes after ingest, MB",
                f"{number(run['memory']['pss'])} PSS, {number(run['memory']['rss'])} RSS",
                "≤ 200",
                "two workers and gunicorn's arbiter, PostgreSQL aside",
            )
        )
    return figures("Start and memory", rows)
