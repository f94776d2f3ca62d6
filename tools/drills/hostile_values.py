"""One client within its limits, who sends values that are dear to count: texts too long for an index,
as many versions as events, two late events far apart for each of many people; and then one person's
rights over all that. Beside it an honest client sends and must be counted soon."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from database import Database
from stories.apps import Apps
from stories.rollups import recount
from tools.benchmarks.place import query
from tools.drills.load import Batch, Memory
from tools.drills.postgres import Postgres
from tools.drills.scene import Scene
from tools.server import Server

SIZE = 5_000  # events a request, as many as intake takes
VERSIONS = 100_000  # of one person on one day
PEOPLE, SESSIONS = 40, 400  # with sessions an hour apart, and late events at both ends
ROUNDS = 5
COUNTED_WITHIN = 30.0  # seconds from an honest event's answer to its count
ERASED_WITHIN, UNDER_LOCK = 120.0, 15.0
LOGIN = {"Authorization": "Basic YWRtaW46YWRtaW4="}
ONE = UUID(int=77, version=4)
BEGIN = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=60)

MOST_NAMES = (
    "select max(n) from (select count(distinct value) as n from daily_events group by app_id, dim, day) "
    "as days"
)


def hostile_values(scene: Scene) -> None:
    postgres = scene.postgres()
    server = scene.server(postgres.dsn).wait()
    memory, numbers = Memory(), itertools.count(1)
    honest = Honest(server, postgres, numbers, memory)
    for name, batches in (
        ("long texts", _long_texts(numbers)),
        (f"{VERSIONS:,} versions of one person-day", _versions(numbers)),
        ("late events far apart", _far_apart(numbers)),
    ):
        began = time.monotonic()
        for batch in batches:
            _send(server, batch, memory)
        sent = time.monotonic() - began
        _until_folded(scene, postgres)
        scene.fault()
        scene.note(
            f"{name}: sent in {sent:.0f} s, counted {time.monotonic() - began - sent:.0f} s after; "
            f"honest events were counted within {honest.slowest():.1f} s"
        )
    scene.expect(honest.stop() <= COUNTED_WITHIN, "honest events waited to be counted")
    names = int(query(postgres.dsn, MOST_NAMES)[0][0])
    scene.expect(names <= 401, f"{names} values of a day are counted by their own name")
    scene.finish(postgres.dsn, memory)
    _rights(scene, server, postgres)


class Honest:
    """A client with one event a second, and how long each waited for its count."""

    def __init__(
        self, server: Server, postgres: Postgres, numbers: Iterator[int], memory: Memory
    ) -> None:
        self._server, self._dsn = server, postgres.dsn
        self._numbers, self._memory = numbers, memory
        self._waits: list[float] = []
        self._longest = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        for number in itertools.count(10_000):
            if self._stop.wait(1.0):
                return
            user = str(UUID(int=number, version=4))
            event = _event(next(self._numbers), user, datetime.now(UTC), app_version="1.0")
            _send(self._server, _batch([event]), self._memory)
            began = time.monotonic()
            while not query(self._dsn, "select 1 from users where user_id = %s", (user,)):
                if self._stop.wait(0.2):
                    return
            self._waits.append(time.monotonic() - began)

    def slowest(self) -> float:
        """Seconds, since this was last asked."""
        waits, self._waits = self._waits, []
        self._longest = max(self._longest, *waits, 0.0)
        return max(waits, default=0.0)

    def stop(self) -> float:
        """The longest wait of all."""
        self._stop.set()
        self._thread.join(60)
        self.slowest()
        return self._longest


def _event(number: int, user: str, when: datetime, **more: Any) -> dict[str, Any]:
    properties = {"drill": number, **more.pop("properties", {})}
    return {
        "user_id": user,
        "event": "transcription_failed",
        "timestamp": when.isoformat(),
        "properties": properties,
        **more,
    }


def _batch(events: list[dict[str, Any]]) -> Batch:
    numbers = [event["properties"]["drill"] for event in events]
    return Batch("/track", json.dumps({"events": events}, ensure_ascii=False).encode(), numbers)


def _long_texts(numbers: Iterator[int]) -> Iterator[Batch]:
    long = "漢字" * 500
    texts = {"persona_id": long, "persona_name": "x", "error_type": long}
    for _ in range(ROUNDS):
        yield _batch(
            [
                _event(next(numbers), str(ONE), BEGIN + timedelta(seconds=n), properties=texts)
                for n in range(SIZE // 8)  # as many as a body of 5 MB has room for
            ]
        )


def _versions(numbers: Iterator[int]) -> Iterator[Batch]:
    today = datetime.now(UTC) - timedelta(minutes=5)
    for first in range(0, VERSIONS, SIZE):
        yield _batch(
            [
                _event(next(numbers), str(ONE), today, app_version=f"9.{n}")
                for n in range(first, first + SIZE)
            ]
        )


def _far_apart(numbers: Iterator[int]) -> Iterator[Batch]:
    people = [str(UUID(int=5_000 + n, version=4)) for n in range(PEOPLE)]
    for user in people:
        yield _batch(
            [
                _event(next(numbers), user, BEGIN + timedelta(hours=hour))
                for hour in range(1, SESSIONS + 1)
            ]
        )
    for turn in range(ROUNDS):
        yield _batch(
            [
                _event(next(numbers), user, BEGIN + timedelta(hours=hour, minutes=turn))
                for user in people
                for hour in (0, SESSIONS + 2)
            ]
        )


def _send(server: Server, batch: Batch, memory: Memory) -> None:
    """Until it is taken."""
    memory.sent.update(batch.numbers)
    while True:
        status, _ = _ask(server, "POST", batch.path, batch.body)
        if status == 200:
            memory.events.update(batch.numbers)
            return
        if status not in (429, 503):
            memory.wrong[f"{batch.path} answered {status}"] += 1
            return
        memory.refused += 1
        time.sleep(1)


def _ask(server: Server, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    try:
        headers = {"Content-Type": "application/json", **LOGIN}
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _until_folded(scene: Scene, postgres: Postgres) -> None:
    deadline = time.monotonic() + 300
    while query(
        postgres.dsn, "select 1 from outbox where received_at < now() - interval '3 s' limit 1"
    ):
        if time.monotonic() > deadline:
            scene.expect(False, "what was sent is not counted within five minutes")
            return
        time.sleep(0.5)


def _rights(scene: Scene, server: Server, postgres: Postgres) -> None:
    """A copy and the erasure of the one person with most events, and a recount after it."""
    before = server.memory()["pss"]
    began = time.monotonic()
    status, copy = _ask(server, "GET", f"/users/{ONE}/export")
    grown = server.memory()["pss"] - before
    scene.note(
        f"a copy of {len(copy) / 1e6:.0f} MB in {time.monotonic() - began:.0f} s, and "
        f"{grown:.0f} MB more memory after it"
    )
    scene.expect(status == 200 and len(copy) > VERSIONS * 100, f"the copy answered {status}")
    lock = LongestLock(postgres)
    began = time.monotonic()
    status, _ = _ask(server, "DELETE", f"/users/{ONE}")
    took, held = time.monotonic() - began, lock.stop()
    scene.note(f"erased in {took:.0f} s, at most {held:.1f} s of it in one transaction")
    scene.expect(status == 200 and took < ERASED_WITHIN, f"the erasure answered {status}")
    scene.expect(held < UNDER_LOCK, f"the erasure kept the fold waiting for {held:.0f} s")
    database = Database(postgres.dsn, 3)
    report = recount.check(database, Apps(database, 365))
    database.close()
    scene.expect(not any(report["differences"].values()), f"the recount differs: {report}")
    scene.expect(report["sealed_days"] == 0, "an erasure has sealed days")


class LongestLock:
    """How long the fold's lock was in the same hands, at most, in seconds."""

    ASK = (
        "select coalesce(max(extract(epoch from now() - xact_start)), 0) from pg_locks "
        "join pg_stat_activity using (pid) where locktype = 'advisory' and granted and objid = 7266002"
    )

    def __init__(self, postgres: Postgres) -> None:
        self._dsn, self._longest = postgres.dsn, 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            self._longest = max(self._longest, float(query(self._dsn, self.ASK)[0][0]))

    def stop(self) -> float:
        self._stop.set()
        self._thread.join(10)
        return self._longest
