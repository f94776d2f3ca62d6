"""Crashes over HTTP, one a request, beside an empty answer of Flask under the same gunicorn; and what a
crash takes on the disk, kept whole and thinned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from tools.benchmarks.clients import Clients, Result, post
from tools.benchmarks.place import Place, query
from tools.benchmarks.server import EMPTY, OURS, serving
from tools.benchmarks.table import percentile

CONNECTIONS = 32
WHOLE = 390  # fewer than a worker keeps whole in an hour, whatever comes first
FAULTS = 130  # of those: fewer than an app gets new groups in an hour
STORM = 8_000  # of one
FRAMES = 20
_ENV = {"LOG_LEVEL": "error"}
_SIZE = """
select sum(pg_total_relation_size(part)) from (
    select relid as part from pg_partition_tree('crashes')
    union values ('error_details'::regclass), ('group_names'::regclass)
) as parts
"""


def measure_crashes(place: Place, share: float = 1.0) -> dict[str, Any]:
    """Rates a second, and bytes a crash with indexes. share: of the usual number, to try it."""
    whole, storm = int(WHOLE * share), int(STORM * share)
    now = datetime.now(UTC)
    first = [_request(number, f"of fault {number % FAULTS}", now) for number in range(whole)]
    rest = [_request(whole + number, "of one fault", now) for number in range(storm)]
    dsn = place.create("bench_crashes")
    try:
        with serving(OURS, dsn, **_ENV) as server:
            empty = _size(dsn)
            kept_whole = _send(server.port, first)
            size_whole = _size(dsn)
            thinned = _send(server.port, rest)
            size_all = _size(dsn)
        stored = query(dsn, "select count(*), count(stack_trace) from crashes")[0]
        if stored[0] != whole + storm or stored[1] < whole:
            raise RuntimeError(f"{stored} crashes stored, and whole, of {whole + storm}")
        with serving(EMPTY, dsn, **_ENV) as server:  # gunicorn's settings want the database, too
            nothing = _send(server.port, first + rest)
    finally:
        place.drop("bench_crashes")
    return {
        "whole_rate": whole / kept_whole.seconds,
        "whole_p99": percentile(kept_whole.latencies, 0.99),
        "thin_rate": storm / thinned.seconds,
        "thin_p99": percentile(thinned.latencies, 0.99),
        "empty_rate": (whole + storm) / nothing.seconds,
        "whole_bytes": (size_whole - empty) / whole,
        "thin_bytes": (size_all - size_whole) / storm,
    }


def _send(port: int, requests: list[bytes]) -> Result:
    result = Clients(port, requests, CONNECTIONS).run()
    if result.bad:  # what is refused is sent again
        raise RuntimeError(f"crashes were answered {result.bad}")
    return result


def _request(number: int, fault: str, now: datetime) -> bytes:
    name = "".join(word.capitalize() for word in fault.split())
    message = "TypeError: Cannot read properties of undefined (reading 'amount')"
    folder = "/Applications/Stories.app/Contents/Resources/app.asar/renderer"
    frames = (
        f"    at {name}Step{n} ({folder}/history{n}.js:{200 + n}:{10 + n})" for n in range(FRAMES)
    )
    crash = {
        "id": f"bench-{number}",
        "user_id": str(UUID(int=number % 5_000 + 1, version=4)),
        "timestamp": (now - timedelta(milliseconds=number)).isoformat(),
        "app_version": "0.9.51",
        "os_version": "darwin-24.6.0",
        "crash_type": "uncaught_error",
        "error_message": message,
        "stack_trace": "\n".join([message, *frames]),
        "context": {"memory_mb": 711, "uptime_seconds": 26_851, "last_action": "app_opened"},
    }
    return post("/crash", msgspec.json.encode(crash))


def _size(dsn: str) -> int:
    return int(query(dsn, _SIZE)[0][0])
