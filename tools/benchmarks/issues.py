"""Lists of issues and their pages, over crashes of many faults: a few that hit nearly everybody, and a
long tail. Loaded through the real append and fold."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

from database import Database
from models import CrashPayload
from stories.apps import Apps
from stories.crashes.grouping import CATCH_ALL
from stories.operation import migrate
from stories.payloads.crash import read_report
from stories.privacy.person_keys import PersonKey
from stories.rollups.fold import fold_slice
from stories.storage import partitions
from stories.storage.append import Appender
from stories.storage.group_names import GroupNames
from stories.storage.storms import Storms
from tools.benchmarks.place import Place, query
from tools.benchmarks.reports import Asker
from tools.benchmarks.server import OURS, serving

CRASHES, FAULTS = 1_000_000, 2_000
QUICK_CRASHES, QUICK_FAULTS = 10_000, 200
DAYS, KEEP_DAYS = 90, 365
BATCH, FOLD_EVERY = 1_000, 20_000
TAIL = 3.2  # of 2,000 faults the first has a tenth of all crashes
SYSTEMS = ("win32-10.0.22631", "darwin-24.6.0", "darwin-23.1.0", "linux-6.8.0")
LISTS = (
    "/issues",
    "/issues?state=open&sort=-crashes&limit=100",
    "/issues?sort=-people",
    "/issues?sort=-rise",
    "/issues?version=1.3.1",
    "/issues?q=drawhaaa",
    "/releases",
)


def ask_issues(place: Place, quick: bool) -> dict[str, Any]:
    """{"crashes", "issues", "seconds", "calls"}; the load's seconds have append and fold in them."""
    crashes, faults = (QUICK_CRASHES, QUICK_FAULTS) if quick else (CRASHES, FAULTS)
    now = datetime.now(UTC)
    dsn = place.create("bench_issues")
    began = time.perf_counter()
    _load(dsn, crashes, faults, now)
    seconds = time.perf_counter() - began
    query(dsn, "vacuum analyze")
    [(issues,)] = query(dsn, "select count(*) from issues")
    with serving(OURS, dsn, BENCH_NOW=now.isoformat(), RUN_JOBS="false") as server:
        asker = Asker(server, dsn)
        calls = [asker.measure(path) for path in LISTS]
        most = asker.json("/issues?sort=-crashes&limit=1")["issues"][0]["id"]
        calls += [
            asker.measure(f"/issues/{most}", "an issue's page, 30 days"),
            asker.measure(f"/issues/{most}?period=90d", "an issue's page, 90 days"),
            asker.measure(f"/issues/{most}/crashes?kept=true&limit=1", "its newest stack"),
            asker.measure(f"/issues/{most}/crashes", "its newest 20 crashes"),
        ]
        asker.close()
    place.drop("bench_issues")
    return {
        "crashes": crashes,
        "issues": issues,
        "seconds": seconds,
        "calls": [asdict(call) for call in calls],
    }


def _load(dsn: str, crashes: int, faults: int, now: datetime) -> None:
    database = Database(dsn, 2)
    migrate.migrate(database)
    partitions.ensure(database, now, KEEP_DAYS)
    apps, key = Apps(database, KEEP_DAYS), PersonKey(database, "")
    app = apps.default("desktop")
    assert app is not None
    to_crashes, names, storms = Appender(database, key, "crashes"), GroupNames(database), Storms()
    named: set[bytes] = set()
    stream, waiting = _payloads(crashes, faults, now), 0
    while batch := list(islice(stream, BATCH)):
        rows = []
        for when, item in batch:
            report = read_report(item, app, now, b"k" * 32)
            if report.fingerprint not in named:
                if names.admit(report.name, when):
                    named.add(report.fingerprint)
                else:
                    report.count_in(CATCH_ALL)
            if not storms.count(app.app_id, report.fingerprint, report.version, when).is_whole:
                report.thin()
            rows.append(report.row)
        to_crashes.append(rows)
        waiting += len(rows)
        if waiting >= FOLD_EVERY or len(batch) < BATCH:
            while fold_slice(database, apps, key):
                pass
            waiting = 0
    while fold_slice(database, apps, key):
        pass
    database.close()


def _word(number: int) -> str:
    """Names of functions and files hold no numbers: grouping takes those for a bundler's."""
    return "".join(chr(ord("a") + number // 26**place % 26) for place in range(4))


def _payloads(crashes: int, faults: int, now: datetime) -> Iterator[tuple[datetime, CrashPayload]]:
    """With the times they are of, oldest first."""
    random, people = Random(17), max(50, crashes // 5)
    for number in range(crashes):
        fault = int(faults * random.random() ** TAIL)
        age = DAYS * (1 - number / crashes)
        minor = int((DAYS - age) / 8)
        stack = "\n".join(
            f"    at draw{_word(fault * 7 + depth)} (/app/src/{_word(fault + depth)}.js:{depth + 1}:20)"
            for depth in range(12)
        )
        when = now - timedelta(days=age, seconds=random.random())
        item = CrashPayload(
            user_id=UUID(int=random.randrange(people) + 1),
            app_version=f"1.{minor}.{random.randrange(3)}",
            os_version=random.choice(SYSTEMS),
            crash_type="uncaught_error",
            error_message=f"TypeError: part{fault}.draw is not a function",
            stack_trace=stack,
            timestamp=when,
        )
        yield when, item
