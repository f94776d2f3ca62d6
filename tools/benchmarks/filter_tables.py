"""The tables of filters.py and folds.py."""

from __future__ import annotations

from typing import Any

from tools.benchmarks.filters import FREE, FREE_EVENTS, MONTH, SEGMENT
from tools.benchmarks.table import Figure, Section, figures, number, rate, with_processor

Results = dict[str, Any]
FILTERED_MS = 100
FREE_MS = 2_500


def one(measured: list[Results]) -> Section:
    """Every report under one condition or a segment, at each size."""
    by_size = [{call["path"]: call for call in asked["one"]} for asked in measured]
    rows: list[tuple[str, ...]] = []
    for path in by_size[-1]:
        cells = [with_processor(calls[path]) if path in calls else "–" for calls in by_size]
        rows.append((path, *cells, f"≤ {FILTERED_MS}" if "include=" not in path else ""))
    sizes = (f"p50 / p95 · processor ms at {asked['events']:,}" for asked in measured)
    reports = [call for call in measured[-1]["one"] if "include=" not in call["path"]]
    slow = [call for call in reports if call["p95"] > FILTERED_MS]
    filled = " ".join(
        f"Of {asked['events']:,} events it counted {asked['segment']['events']:,} of "
        f"{asked['segment']['days']} days back at {number(rate(_pace(asked['segment'])))} a second."
        for asked in measured
        if asked["segment"]["days"]
    )
    note = (
        f"{len(reports) - len(slow)} of {len(reports)} reports have a p95 of {FILTERED_MS} ms or "
        f"less at {measured[-1]['events']:,} events; the families all at once have no limit of "
        f"their own. The segment is {' and '.join(SEGMENT['filter'])}. {filled}"
    )
    return Section("Reports under one filter", ("GET", *sizes, "limit, p95"), rows, note)


def _pace(filled: Results) -> Results:
    return {"n": filled["events"], "seconds": filled["seconds"]}


def pages(asked: Results) -> Section:
    """Whole pages: without a filter, and under two conditions."""
    rows: list[tuple[str, ...]] = [
        (call["path"], "none", "", with_processor(call), "") for call in asked["pages"]
    ]
    for call in asked["free"]:
        # The limit is of 200,000 events, and of more of them as many times as much.
        limit = FREE_MS * max(1.0, call["events"] / FREE_EVENTS)
        events, most = number(call["events"]), f"≤ {number(limit)}"
        rows.append((call["path"], "two conditions", events, with_processor(call), most))
    note = (
        f"Conditions: {FREE}. A page is asked for with the period before it, of which as many events "
        f"are read again. The limit for two conditions is {number(FREE_MS)} ms for {MONTH} days of "
        f"{FREE_EVENTS:,} events, and grows with the events beyond."
    )
    head = ("page", "filter", "events of its days", "p50 / p95 · processor ms", "limit")
    return Section(f"Pages of the dashboard at {asked['size']:,}: whole", head, rows, note)


def folds(measured: Results) -> Section:
    """The fold of the release before segments, of this one, and with three of them."""
    before = _cost(measured["before"])
    names = {"none": ("with no segment", 10), "three": ("with three segments", 20)}
    lines = [Figure("the release before segments, µs an event", number(before, 1))]
    for name, (text, most) in names.items():
        cost = _cost(measured[name])
        slower = f"{100 * (cost / before - 1):+.0f} %"
        lines.append(Figure(f"{text}, µs an event", number(cost, 1), f"≤ +{most} %", slower))
    small, fresh = (measured["none"][name] for name in ("small_ms", "fresh_ms"))
    first = number(measured["before"]["small_ms"], 1)
    lines += [
        Figure("the release before segments, a fold of one event, ms", first),
        Figure(
            "a fold of one event, ms", number(small, 1), "≤ 0.5 times", f"fresh {number(fresh, 1)}"
        ),
    ]
    note = (
        f"{measured['none']['events']:,.0f} events of a year that wait in the outbox of an empty "
        "database, "
        "in microseconds of the processor, the fold's and PostgreSQL's together: those depend less on "
        "what else the machine does. A fold of one event: PostgreSQL's processor alone; fresh: on a "
        "connection that keeps neither work tables nor plans. "
        f"The least of {measured['turns']} turns. By the clock: "
        + ", ".join(
            f"{number(measured[name]['events'] / measured[name]['seconds'])} events/s {text}"
            for name, text in (("before", "before"), ("none", "with none"), ("three", "with three"))
        )
        + "."
    )
    return figures("Folding with segments", lines, note)


def _cost(turn: Results) -> float:
    return float(turn["processor_seconds"] / turn["events"] * 1e6)
