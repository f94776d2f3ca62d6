"""Fold some events into an empty database, and say what that took. Run by folds.py with the folder of a
release as PYTHONPATH: what is imported here is that release's own, the one before segments at the least.

    python -P fold_once.py DSN EVENTS NOW '[["field:operator:value", …], …]'

Prints {"events", "seconds", "processor_seconds": of this process and PostgreSQL's that work for it,
"small_ms", "fresh_ms": PostgreSQL's milliseconds for a fold of one event, and for one on a connection
that keeps nothing from the fold before}.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from database import Database
from stories.apps import Apps
from stories.operation import migrate
from stories.privacy.person_keys import PersonKey
from stories.rollups import fold
from stories.storage import partitions
from stories.storage.append import Appender
from tools.benchmarks.load import BATCH, KEEP_DAYS, event_rows, parameters
from tools.benchmarks.place import query
from tools.traffic import desktop_events

SMALL_FOLDS = 50
TICKS = os.sysconf("SC_CLK_TCK")
SEGMENT = """
insert into segments (app_id, place, name, filter, filled_until)
select app_id, %s, %s, %s, 'infinity' from apps where slug = 'desktop'
"""
BACKENDS = "select pid from pg_stat_activity where datname = current_database()"


def main() -> None:
    dsn, events, now, segments = sys.argv[1:]
    print(
        json.dumps(fold_once(dsn, int(events), datetime.fromisoformat(now), json.loads(segments)))
    )


def fold_once(dsn: str, events: int, now: datetime, segments: list[list[str]]) -> dict[str, float]:
    database = Database(dsn, 2)
    migrate.migrate(database)
    partitions.ensure(database, now, KEEP_DAYS)
    for place, conditions in enumerate(segments):
        query(dsn, SEGMENT, (place, f"segment {place}", json.dumps(conditions)))
    apps, key = Apps(database, KEEP_DAYS), PersonKey(database, "")
    app = apps.default("desktop")
    assert app is not None
    appender, stream = Appender(database, key, "events"), desktop_events(parameters(events, now))
    latest: list[Any] = []
    while batch := list(islice(stream, BATCH)):
        rows = event_rows(msgspec.json.encode({"events": batch}), app, now)
        appender.append(rows)
        latest = (latest + rows)[-2 * SMALL_FOLDS :]
    query(dsn, "vacuum analyze")
    taken, began, used = 0, time.perf_counter(), _processor(dsn)
    while slice_taken := fold.fold_slice(database, apps, key):
        taken += slice_taken
    seconds = time.perf_counter() - began
    spent = _spent(dsn, used)
    database.close()
    figures = {"events": taken, "seconds": seconds, "processor_seconds": sum(spent.values())}
    return figures | _fold_small(dsn, latest)


def _fold_small(dsn: str, rows: list[Any]) -> dict[str, float]:
    """Fold events one by one: what each of `rows` says, said again."""
    database, figures = Database(dsn, 1), {}
    apps, key = Apps(database, KEEP_DAYS), PersonKey(database, "")
    appender = Appender(database, key, "events")
    for row in rows:
        row.dedupe_key ^= 1
    for name in ("fresh_ms", "small_ms"):
        for _ in range(SMALL_FOLDS):
            appender.append([rows.pop()])
        used = _processor(dsn)
        for _ in range(SMALL_FOLDS):
            if name == "fresh_ms":
                with database.transaction(autocommit=True) as tx:
                    tx.script("discard all")
            fold.fold_slice(database, apps, key, 1)
        spent = _spent(dsn, used)
        figures[name] = 1000 * (sum(spent.values()) - spent[os.getpid()]) / SMALL_FOLDS
    database.close()
    return figures


def _spent(dsn: str, used: dict[int, float]) -> dict[int, float]:
    return {pid: each - used.get(pid, 0.0) for pid, each in _processor(dsn).items()}


def _processor(dsn: str) -> dict[int, float]:
    """Seconds of the processor that this process and the database's backends have used, by process."""
    seconds = {os.getpid(): time.process_time()}
    for (pid,) in query(dsn, BACKENDS):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # the one that was asked is gone
        seconds[pid] = (int(fields[11]) + int(fields[12])) / TICKS
    return seconds


if __name__ == "__main__":
    main()
