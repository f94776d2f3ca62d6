"""Ingest over HTTP: 32 connections, batches of 1, 10 and 100, two gunicorn workers of the real app.

The clock starts with the first byte and stops when the last event is acknowledged *and* the fold
has caught up: what is left is so little that it may wait for more. Then the same requests against the
baseline, and the same rows by COPY.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec

from stories.rollups.fold import ENOUGH
from tools.benchmarks.baseline import SCHEMA
from tools.benchmarks.clients import Clients, Result, post
from tools.benchmarks.limits import measure
from tools.benchmarks.place import Place, query
from tools.benchmarks.server import BASELINE, OURS, serving
from tools.benchmarks.table import percentile
from tools.server import Server
from tools.traffic import Parameters, batches, desktop_events

CONNECTIONS = 32
SIZES = (1, 10, 100)
EVENTS = {1: 30_000, 10: 200_000, 100: 400_000}
HALF_LOAD_SECONDS = 15.0
WARM_UP = 64  # requests
CATCH_UP_SECONDS = 300.0
_ENV = {"LOG_LEVEL": "error"}


def ingest(place: Place, share: float = 1.0) -> list[dict[str, Any]]:
    """One measurement for each batch size. share: of the usual number of events, to try it."""
    return [measure_batches(place, size, int(EVENTS[size] * share)) for size in SIZES]


def measure_batches(place: Place, size: int, events: int) -> dict[str, Any]:
    requests = _requests(size, events)
    warm, timed, half = _split(requests)
    count = sum(n for n, _ in timed)
    try:
        figures = _ours(place, warm, timed, half, count)
        rows = min(count, 200_000)
        figures["limit"] = measure(place, "copy", place.database("bench_ingest"), rows, 2)["rate"]
        figures["baseline"] = _baseline(place, warm, timed, count)
    finally:
        for name in ("bench_ingest", "bench_baseline"):
            place.drop(name)
    return {"batch": size, "events": count, **figures}


Batch = tuple[int, bytes]  # how many events, the request


def _requests(size: int, events: int) -> list[Batch]:
    """A day of traffic as requests of consecutive events, as it comes in; half as much more as is
    timed, for the warm-up and the half load."""
    wanted = int(events * 1.6)
    # Twice as much is asked for: what falls after now, at the end of the second day, is not made.
    days = Parameters(now=datetime.now(UTC), people=max(50, wanted // 5), days=2, events=wanted * 2)
    stream = islice(desktop_events(days), wanted)
    return [
        (len(batch), post("/track", msgspec.json.encode({"events": batch})))
        for batch in batches(stream, size)
    ]


def _split(requests: list[Batch]) -> tuple[list[Batch], list[Batch], list[Batch]]:
    rest = requests[WARM_UP:]
    at = int(len(rest) / 1.5)
    return requests[:WARM_UP], rest[:at], rest[at:]


def _bytes(batches_of: list[Batch]) -> list[bytes]:
    return [body for _, body in batches_of]


def _ours(
    place: Place, warm: list[Batch], timed: list[Batch], half: list[Batch], count: int
) -> dict[str, Any]:
    dsn = place.create("bench_ingest")
    with serving(OURS, dsn, **_ENV) as server:
        Clients(server.port, _bytes(warm), CONNECTIONS).run()
        _wait_for_fold(dsn)
        began = time.perf_counter()
        result = Clients(server.port, _bytes(timed), CONNECTIONS).run()
        _wait_for_fold(dsn, ENOUGH - 1)
        seconds = time.perf_counter() - began
        memory = server.memory()
        _wait_for_fold(dsn)
        stored, folded = query(
            dsn, "select (select count(*) from events), (select sum(n) from daily_events "
            "where dim = 'none')"
        )[0]  # fmt: skip
        if not stored == folded == count + sum(n for n, _ in warm):
            raise RuntimeError(f"{stored} stored and {folded} folded of {count}")
        at_half = _half_load(server, half, len(timed) / seconds / 2)
    return {
        "rate": count / seconds,
        "acknowledged": count / result.seconds,
        "seconds": seconds,
        "p50": percentile(result.latencies, 0.5),
        "p99": percentile(result.latencies, 0.99),
        "half_rate": at_half["rate"],
        "half_p50": percentile(at_half["result"].latencies, 0.5),
        "half_p99": percentile(at_half["result"].latencies, 0.99),
        "refused": result.refused,
        "reconnected": result.reconnected,
        "bad": result.bad,
        "memory": memory,
    }


def _half_load(server: Server, half: list[Batch], rate: float) -> dict[str, Any]:
    """Requests at half the rate that the server kept up with, when they are due."""
    requests = _bytes(half)[: max(1, int(rate * HALF_LOAD_SECONDS))]
    result: Result = Clients(server.port, requests, CONNECTIONS, rate=rate).run()
    return {"rate": rate, "result": result}


def _wait_for_fold(dsn: str, left: int = 0) -> None:
    """Until no more than that many events wait."""
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while query(dsn, "select coalesce(sum(n), 0) from outbox")[0][0] > left:
        if time.monotonic() > deadline:
            raise RuntimeError("the fold has not caught up")
        time.sleep(0.02)


def _baseline(place: Place, warm: list[Batch], timed: list[Batch], count: int) -> dict[str, float]:
    dsn = place.create("bench_baseline")
    query(dsn, SCHEMA)
    with serving(BASELINE, dsn) as server:
        Clients(server.port, _bytes(warm), CONNECTIONS).run()
        result = Clients(server.port, _bytes(timed), CONNECTIONS).run()
    stored, size = query(
        dsn, "select count(*), pg_total_relation_size('events') from events"
    )[0]  # fmt: skip
    if result.bad or stored != count + sum(n for n, _ in warm):
        raise RuntimeError(f"the baseline stored {stored} of {count}: {result.bad}")
    return {
        "rate": count / result.seconds,
        "p99": percentile(result.latencies, 0.99),
        "bytes": size / stored,
    }
