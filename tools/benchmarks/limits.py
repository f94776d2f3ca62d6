"""What the same machine does at best, measured in the same run.

Runs as a process of its own (`measure`), because database.py's wait callback forbids COPY: nothing
here may import it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg2

from stories.config import ROOT
from tools.benchmarks.place import Place, query
from tools.benchmarks.table import percentile

_COLUMNS = (
    "timestamp, dedupe_key, user_id, app_id, event, app_version, platform, country, session_id, "
    "properties"
)
# The newest rows, in the order they came.
_SAMPLE = """
    select {columns} from (
        select {columns}, received_at from events
        where app_id = 1 order by timestamp desc limit {rows}
    ) as newest order by received_at, timestamp
"""


def copy_rate(place: Place, source: str, rows: int, connections: int) -> dict[str, float]:
    """Rows a second by COPY of the newest `rows` events of `source` into empty tables with the same
    partitions and indexes, without outbox, rollups or validation. {"rows", "rate", "bytes"}"""
    lines = _dump(source, rows)
    target = place.create("bench_limit")
    try:
        for path in sorted((ROOT / "migrations").glob("[0-9]*.sql")):
            query(target, path.read_text(encoding="utf-8"))
        months = query(source, "select distinct date_trunc('month', day)::date from daily_events")
        for (month,) in months:
            query(target, "select ensure_partition('events', %s)", (month,))
        parts = [b"".join(lines[first::connections]) for first in range(connections)]
        links = [psycopg2.connect(target) for _ in parts]
        threads = [
            threading.Thread(target=_copy, args=pair) for pair in zip(links, parts, strict=True)
        ]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - began
        for link in links:
            link.close()
        stored = query(target, "select count(*) from events")[0][0]
        if stored != len(lines):
            raise RuntimeError(f"COPY stored {stored} of {len(lines)} rows")
    finally:
        place.drop("bench_limit")
    text = sum(len(part) for part in parts) / len(lines)
    return {"rows": len(lines), "rate": len(lines) / seconds, "bytes": text}


def _dump(dsn: str, rows: int) -> list[bytes]:
    out = BytesIO()
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        sample = _SAMPLE.format(columns=_COLUMNS, rows=rows)
        cursor.copy_expert(f"copy ({sample}) to stdout", out)
    connection.close()
    return out.getvalue().splitlines(keepends=True)


def _copy(connection: Any, text: bytes) -> None:
    with connection, connection.cursor() as cursor:
        cursor.copy_expert(f"copy events ({_COLUMNS}) from stdin", BytesIO(text))


def group_rate(dsn: str, rows: int) -> float:
    """Events a second of one GROUP BY over the newest `rows`: the least that counting takes."""
    began = time.perf_counter()
    query(
        dsn,
        "select count(*) from (select event, timestamp::date, app_version, platform, country, "
        "count(*) from (select * from events where app_id = 1 order by timestamp desc limit %s) "
        "as newest group by 1, 2, 3, 4, 5) as counted",
        (rows,),
    )
    return rows / (time.perf_counter() - began)


def round_trip(dsn: str, times: int = 500) -> dict[str, float]:
    """Milliseconds of `select 1` on an open connection. {"p50", "p95"}"""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    taken = []
    with connection.cursor() as cursor:
        for _ in range(times):
            began = time.perf_counter()
            cursor.execute("select 1")
            cursor.fetchone()
            taken.append((time.perf_counter() - began) * 1000)
    connection.close()
    return {"p50": percentile(taken, 0.5), "p95": percentile(taken, 0.95)}


def sync_rate(folder: Path, times: int = 300) -> float:
    """fdatasync calls a second, 8 KB each: what commits one after the other cannot pass."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        began = time.perf_counter()
        for _ in range(times):
            os.write(file.fileno(), b"\0" * 8192)
            os.fdatasync(file.fileno())
        return times / (time.perf_counter() - began)


def measure(place: Place, what: str, source: str = "", rows: int = 0, connections: int = 1) -> Any:
    """One of the functions above, in a process of its own."""
    command = [
        sys.executable, "-m", "tools.benchmarks.limits", what, "--folder", str(place.folder),
        "--dsn", place.dsn, "--source", source, "--rows", str(rows),
        "--connections", str(connections),
    ]  # fmt: skip
    said = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return json.loads(said.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.benchmarks.limits")
    parser.add_argument("what", choices=("copy", "group", "trip", "sync"))
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--dsn")
    parser.add_argument("--source")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--connections", type=int)
    given = parser.parse_args()
    place = Place(given.folder, given.dsn)
    result: Any
    if given.what == "copy":
        result = copy_rate(place, given.source, given.rows, given.connections)
    elif given.what == "group":
        result = group_rate(given.source, given.rows)
    elif given.what == "trip":
        result = round_trip(given.source)
    else:
        result = sync_rate(given.folder)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
