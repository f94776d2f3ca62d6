"""A release that fails for everybody: one fault, 50,000 crashes of a thousand people, as fast as the
server takes them. All are counted, few are kept whole, nobody is sent away."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from stories.dedupe import hashed_key
from tools.benchmarks.clients import Clients, post
from tools.benchmarks.place import query
from tools.benchmarks.table import percentile
from tools.drills.load import Memory
from tools.drills.scene import Scene
from tools.server import WORKERS

CRASHES, PEOPLE, CONNECTIONS = 50_000, 1_000, 32
WHOLE = 40  # of a group in an hour and a worker
MEGABYTES = 30
FRAMES = "\n".join(
    f"    at step{n} (/Applications/Stories.app/Contents/Resources/app.asar/main/step{n}.js:{n}:7)"
    for n in range(1, 21)
)


def storm(scene: Scene) -> None:
    postgres = scene.postgres()
    server = scene.server(postgres.dsn).wait()  # no limits per address: these are many people's
    app_id = query(postgres.dsn, "select app_id from apps where kind = 'desktop'")[0][0]
    memory, began = Memory(), datetime.now(UTC)
    before = _size(postgres.dsn)
    requests = [post("/crash", body) for body in _crashes(memory, app_id, began)]
    at = time.monotonic()
    result = Clients(server.port, requests, CONNECTIONS).run()
    seconds = time.monotonic() - at
    scene.fault()
    for status, times in result.bad.items():
        memory.wrong[f"/crash answered {status}"] += times
    scene.expect(not result.refused, f"{result.refused:,} crashes were sent away")
    scene.finish(postgres.dsn, memory, settled=False)

    at_once = (_size(postgres.dsn) - before) / 1e6
    query(postgres.dsn, "vacuum")  # what the fold has emptied is used again
    grown = (_size(postgres.dsn) - before) / 1e6
    stored, groups, whole = query(
        postgres.dsn,
        "select count(*), count(distinct fingerprint), count(stack_trace) from crashes",
    )[0]
    hours = 1 + int(datetime.now(UTC).hour != began.hour)  # the drill may run across the end of one
    scene.note(
        f"{stored:,} crashes in {seconds:.0f} s, {stored / seconds:,.0f} a second (p99 "
        f"{percentile(result.latencies, 0.99):.0f} ms): {groups} group, {whole} of them whole; the "
        f"database grew by {at_once:.1f} MB, after a vacuum {grown:.1f}, {grown * 1e6 / stored:.0f} "
        "bytes a crash"
    )
    scene.expect((stored, groups) == (CRASHES, 1), f"{stored:,} crashes in {groups} groups")
    scene.expect(0 < whole <= WHOLE * WORKERS * hours, f"{whole} are kept whole")
    scene.expect(grown <= MEGABYTES, f"the database grew by {grown:.0f} MB")


def _crashes(memory: Memory, app_id: int, now: datetime) -> Iterator[bytes]:
    for number in range(1, CRASHES + 1):
        memory.sent.add(number)
        key = hashed_key(app_id, f"id\0storm-{number}".encode())
        memory.crashes[number] = f"{key & 0xFFFF_FFFF_FFFF_FFFF:016x}"
        crash = {
            "id": f"storm-{number}",
            "user_id": str(UUID(int=number % PEOPLE + 1, version=4)),
            "timestamp": (now - timedelta(milliseconds=CRASHES - number)).isoformat(),
            "app_version": "1.3.0",
            "os_version": "darwin-24.6.0",
            "crash_type": "main_crash",
            "error_message": f"TypeError: No recorder for session {number}",
            "stack_trace": f"TypeError: No recorder for session {number}\n{FRAMES}",
            "context": {"memory_mb": 711, "uptime_seconds": 26_851, "last_action": "app_opened"},
        }
        yield json.dumps(crash).encode()


def _size(dsn: str) -> int:
    return int(query(dsn, "select pg_database_size(current_database())")[0][0])
