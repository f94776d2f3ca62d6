"""A year of desktop events into an empty database: real validation, append and fold, no HTTP.

Two processes, as on a server: one makes, validates and appends, the other folds. For the last
stretch the fold is held back, so that each is also measured alone, at the full size of the tables.
"""

from __future__ import annotations

import multiprocessing
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing.synchronize import Event
from typing import Any

import msgspec

import database as database_module
from database import Database, Inline, Transaction
from models import CrashPayload, EventPayload, TrackPayload, convert, event_row
from stories.apps import Apps
from stories.catalogue import App
from stories.dedupe import Repeats
from stories.operation import migrate
from stories.payloads.crash import read_report
from stories.privacy.person_keys import PersonKey
from stories.rollups import fold
from stories.storage import compaction, partitions
from stories.storage.append import Appender
from stories.storage.group_names import GroupNames
from tools.traffic import Parameters, desktop_crashes, desktop_events

KEEP_DAYS = 400  # more than the year that is loaded, so that intake takes its first days too
DAYS = 365
BATCH = 1_000
EVENTS_PER_PERSON = 50

_decoder = msgspec.json.Decoder(TrackPayload)


@dataclass
class Pace:
    """How many went through a stage, and in how many seconds of it."""

    n: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return self.n / self.seconds if self.seconds else 0.0

    def add(self, n: int, since: float) -> float:
        now = time.perf_counter()
        self.n += n
        self.seconds += now - since
        return now


@dataclass
class Appending:
    generate: Pace = field(default_factory=Pace)
    validate: Pace = field(default_factory=Pace)
    append: Pace = field(default_factory=Pace)  # while the other process folds
    append_alone: Pace = field(default_factory=Pace)
    crashes: Pace = field(default_factory=Pace)  # validated and appended
    stored: int = 0


@dataclass
class Folding:
    fold: Pace = field(default_factory=Pace)  # busy seconds, while the other process appends
    fold_alone: Pace = field(default_factory=Pace)
    steps: dict[str, float] = field(default_factory=dict)  # seconds by statement
    tenths: list[float] = field(default_factory=list)  # events/s by tenth of the load


def parameters(events: int, now: datetime) -> Parameters:
    people = max(20, events // EVENTS_PER_PERSON)
    return Parameters(now=now, people=people, days=DAYS, events=events)


def load(dsn: str, events: int) -> dict[str, Any]:
    """Fill the empty database at `dsn`; returns what was measured, with plain numbers only."""
    now = datetime.now(UTC)
    database = Database(dsn, 2)
    migrate.migrate(database)
    partitions.ensure(database, now, KEEP_DAYS)
    database.close()
    context = multiprocessing.get_context("spawn")
    hold, finished = context.Event(), context.Event()
    results = context.SimpleQueue()
    appending = context.Process(target=_append_all, args=(dsn, events, now, hold, results))
    folding = context.Process(target=_fold_all, args=(dsn, events, hold, finished, results))
    began = time.perf_counter()
    appending.start()
    folding.start()
    appending.join()
    appended = time.perf_counter() - began
    finished.set()
    folding.join()
    whole = time.perf_counter() - began
    if appending.exitcode or folding.exitcode:
        raise RuntimeError("the load failed; what it said stands above")
    figures: dict[str, Any] = {}
    for _ in range(2):
        figures |= results.get()
    return {
        "events": figures["stored"],
        "crashes": figures["crashes"]["n"],
        "now": now.isoformat(),
        "seconds_appending": appended,
        "seconds": whole,
        **figures,
    }


def settle(dsn: str) -> None:
    """Leave the rollups of a loaded database as the daily jobs do: without rows that count nobody, and
    rebuilt."""
    database = Database(dsn, 2)
    with database.transaction(seconds=None) as tx:
        tx.script_named("storage/expire_empty_rows")
        tx.run(Inline("/* bench.settle */ analyze"))
    while compaction.compact(database):
        pass
    database.close()


def _append_all(dsn: str, events: int, now: datetime, hold: Event, results: Any) -> None:
    database = Database(dsn, 2)
    apps = Apps(database, KEEP_DAYS)
    app = apps.default("desktop")
    assert app is not None
    key = PersonKey(database, "")
    to_events, to_crashes = Appender(database, key, "events"), Appender(database, key, "crashes")
    names = GroupNames(database)
    wanted = parameters(events, now)
    stream = islice(desktop_events(wanted), events)
    crashes = _Peekable(desktop_crashes(wanted))
    held = min(200_000, events // 5)
    held_from, pace = held_back(held, events, now), Appending()
    while True:
        at = time.perf_counter()
        batch = list(islice(stream, BATCH))
        if not batch:
            break
        body = msgspec.json.encode({"events": batch})
        at = pace.generate.add(len(batch), at)
        rows = event_rows(body, app, now)
        at = pace.validate.add(len(rows), at)
        pace.stored += to_events.append(rows).stored
        alone = hold.is_set()
        at = (pace.append_alone if alone else pace.append).add(len(rows), at)
        due = [convert(item, CrashPayload) for item in crashes.until(batch[-1]["timestamp"])]
        reports = [read_report(item, app, now, b"k" * 32) for item in due]
        for report in reports:
            names.admit(report.name, now)
        to_crashes.append([report.row for report in reports])
        pace.crashes.add(len(due), at)
        if not hold.is_set() and (
            batch[-1]["timestamp"] >= held_from or pace.stored >= events - held
        ):
            hold.set()
            time.sleep(3)  # for the slice that is being folded
    database.close()
    results.put(asdict(pace))


def held_back(held: int, events: int, now: datetime) -> str:
    """From when on some `held` events at the end are appended, then folded, with nothing beside them. By
    time, because the traffic may be less than the wanted number; there is more of it at the end of the
    year than on average. Of more traffic the end is cut off: then by number."""
    share = held / (events * 1.4)
    return (now - timedelta(days=DAYS * share)).isoformat()


def event_rows(body: bytes, app: App, now: datetime) -> list[Any]:
    """As intake/desktop.py does it: decode, check, scrub, build."""
    repeats = Repeats(app.app_id)
    items: list[EventPayload] = _decoder.decode(body).events
    return [event_row(item, app, now, repeats, b"k" * 32) for item in items]


class _Peekable:
    """Payloads by time, taken up to a time."""

    def __init__(self, payloads: Iterator[dict[str, Any]]) -> None:
        self._payloads = payloads
        self._next = next(payloads, None)

    def until(self, timestamp: str) -> list[dict[str, Any]]:
        due = []
        while self._next is not None and self._next["timestamp"] <= timestamp:
            due.append(self._next)
            self._next = next(self._payloads, None)
        return due


def _fold_all(dsn: str, events: int, hold: Event, finished: Event, results: Any) -> None:
    database = Database(dsn, 2)
    apps, key = Apps(database, KEEP_DAYS), PersonKey(database, "")
    folding, steps = Folding(), _time_statements()
    tenth, mark = max(1, events // 10), Pace()
    while True:
        alone = finished.is_set()
        if hold.is_set() and not alone:
            finished.wait()
            continue
        at = time.perf_counter()
        taken = fold.fold_slice(database, apps, key)
        if taken:
            (folding.fold_alone if alone else folding.fold).add(taken, at)
            mark.add(taken, at)
            if mark.n >= tenth:
                folding.tenths.append(mark.rate)
                mark = Pace()
        elif alone:
            break
        else:
            time.sleep(0.05)
    database.close()
    folding.steps = dict(steps)
    results.put(asdict(folding))


def _time_statements() -> dict[str, float]:
    """From now on the seconds of this process's statements, by name."""
    steps: dict[str, float] = defaultdict(float)
    execute = Transaction._execute
    script = Transaction.script_named

    def timed(self: Transaction, name: str, params: database_module.Row) -> Any:
        at = time.perf_counter()
        try:
            return execute(self, name, params)
        finally:
            steps[name.split("*/")[0].strip("/* ")] += time.perf_counter() - at

    def timed_script(self: Transaction, name: str) -> None:
        at = time.perf_counter()
        script(self, name)
        steps[name] += time.perf_counter() - at

    def one_by_one(self: Transaction, names: Sequence[str], /, **params: Any) -> None:
        for name in names:
            self.run(name, **params)

    Transaction.run_all = one_by_one  # type: ignore[method-assign]
    Transaction._execute = timed  # type: ignore[method-assign]
    Transaction.script_named = timed_script  # type: ignore[method-assign]
    return steps
