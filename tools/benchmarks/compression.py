"""What old events take as rows and in chunks, and how fast they are packed.

Twice: the bench's traffic as it is, and with properties as varied as people's own are. Each event has
its own received_at, as events of different requests have. What waits for the fold is thrown away:
packing only asks whether anything waits.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec

from database import Database
from stories.apps import Apps
from stories.operation import migrate
from stories.privacy.person_keys import PersonKey
from stories.storage import compression, partitions
from stories.storage.append import Appender
from tools.benchmarks.load import BATCH, KEEP_DAYS, event_rows, parameters
from tools.benchmarks.place import Place, query
from tools.server import processor_seconds
from tools.traffic import desktop_events

EVENTS, QUICK_EVENTS = 200_000, 20_000
AFTER_DAYS = 14
COLUMNS = (
    "user_ids", "timestamps", "dedupe_keys", "received_ats", "event_names", "app_versions", "platforms",
    "countries", "session_uuids", "session_ids", "channels", "properties",
)  # fmt: skip
OWN_RECEIVED_AT = """
create function receive_late() returns trigger language plpgsql as $$
begin
    new.received_at := new.timestamp + random() * interval '60 seconds';
    return new;
end $$;
create trigger receive_late before insert on events for each row execute function receive_late();
"""
WORDS = (
    "invoice", "meeting", "draft", "weekly", "notes", "budget", "trip", "letter", "plan", "review",
    "summary", "interview", "lecture", "garden", "recipe", "song", "report", "call", "idea", "list",
)  # fmt: skip


def measure_compression(place: Place, quick: bool) -> dict[str, Any]:
    """{"usual", "varied": {"events": packed, "row", "heap", "chunk": bytes an event, "columns":
    {name: bytes an event}, "seconds", "processor_seconds": of packing all}}"""
    events = QUICK_EVENTS if quick else EVENTS
    return {kind: _measure(place, events, kind == "varied") for kind in ("usual", "varied")}


def _measure(place: Place, events: int, varied: bool) -> dict[str, Any]:
    dsn = place.create("bench_compression")
    database = Database(dsn, 2)
    try:
        now = datetime.now(UTC)
        _fill(dsn, database, events, now, varied)
        rows, heap, whole = query(
            dsn,
            "select (select count(*) from events), sum(pg_table_size(inhrelid)), "
            "sum(pg_total_relation_size(inhrelid)) from pg_inherits "
            "where inhparent = 'events'::regclass",
        )[0]
        pids = [os.getpid(), *(pid for (pid,) in query(dsn, "select pid from pg_stat_activity"))]
        before, began = processor_seconds(pids), time.perf_counter()
        done = compression.Compressed()
        for app in Apps(database, KEEP_DAYS).all():
            compression.compress_app(database, app, now, AFTER_DAYS, done)
        seconds, after = time.perf_counter() - began, processor_seconds(pids)
        packed = query(
            dsn,
            "select sum(pg_total_relation_size(inhrelid)) from pg_inherits "
            "where inhparent = 'event_chunks'::regclass",
        )[0][0]
        sums = ", ".join(f"coalesce(sum(pg_column_size({name})), 0)" for name in COLUMNS)
        columns = query(dsn, f"select {sums} from event_chunks")[0]
    finally:
        database.close()
        place.drop("bench_compression")
    return {
        "events": done.events,
        "row": float(whole / rows),
        "heap": float(heap / rows),
        "chunk": float(packed / done.events),
        "columns": {
            name: size / done.events for name, size in zip(COLUMNS, columns, strict=True) if size
        },
        "seconds": seconds,
        "processor_seconds": sum(after[pid] - before[pid] for pid in after.keys() & before.keys()),
    }


def _fill(dsn: str, database: Database, events: int, now: datetime, varied: bool) -> None:
    """A year of events of the desktop app, as load.py appends them."""
    migrate.migrate(database)
    partitions.ensure(database, now, KEEP_DAYS)
    query(dsn, OWN_RECEIVED_AT)
    app = Apps(database, KEEP_DAYS).default("desktop")
    assert app is not None
    appender = Appender(database, PersonKey(database, ""), "events")
    usual = islice(desktop_events(parameters(events, now)), events)
    stream = _varied(usual) if varied else usual
    while batch := list(islice(stream, BATCH)):
        appender.append(event_rows(msgspec.json.encode({"events": batch}), app, now))
    query(dsn, "truncate outbox")
    query(dsn, "vacuum analyze")


def _varied(events: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    rng = random.Random(1)
    for event in events:
        event["properties"] = {
            **event["properties"],
            "document": f"{rng.getrandbits(64):016x}",
            "title": " ".join(rng.choices(WORDS, k=4)),
            "seconds_open": round(rng.expovariate(1 / 40), 3),
            "words": rng.randrange(5_000),
            "zoom": rng.choice((0.5, 0.75, 1, 1.25, 1.5, 2)),
            "template": rng.choice(WORDS),
        }
        yield event
