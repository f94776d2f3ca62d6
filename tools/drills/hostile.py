"""Clients who mean to silence the server, each load by itself: large bodies full of text to scrub, reads
without a pause, crashes of brackets. Beside them an honest client opens a connection for each event and
each look at /health, and must be answered soon."""

from __future__ import annotations

import gzip
import http.client
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tools.benchmarks.table import percentile
from tools.drills.load import Memory
from tools.drills.scene import Scene
from tools.server import Server

SECONDS = 20.0  # of each load
WITHIN = 2.0  # seconds, for an honest client
LARGE_CLIENTS, READING_CLIENTS, CRASHING_CLIENTS = 30, 150, 8
LARGE_BYTES = 4_750_000
NEARLY_SECRET = "aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0u a/b?c=d e@f. 1.2.3 token: x /home/q key=abc "
NESTED = ("[" * 400 + "]" * 400 + ",") * 6_100 + "[]"
REFUSED = 0.1  # seconds that a refused client waits: far less than it is told to


def hostile(scene: Scene) -> None:
    postgres = scene.postgres()
    server = scene.server(postgres.dsn).wait()
    workers = server.workers()
    memory, numbers = Memory(), itertools.count(1)
    for name, clients, load in (
        (
            f"{LARGE_BYTES / 1e6:.2f} MB full of near-secrets",
            LARGE_CLIENTS,
            _large(numbers, memory),
        ),
        ("/health and /docs without a pause", READING_CLIENTS, _reads()),
        ("crashes of 4.9 MB of brackets", CRASHING_CLIENTS, _brackets(server, numbers, memory)),
    ):
        crowd = Crowd(server, clients, load, memory)
        time.sleep(1)
        waits = {"/track": [0.0], "/health": [0.0]}
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            waits["/track"].append(_event(server, next(numbers), memory))
            waits["/health"].append(_look(server, memory))
            time.sleep(0.1)
        answers = crowd.stop()
        scene.fault()
        scene.note(
            f"{clients} clients with {name}: an event is taken within "
            f"{percentile(waits['/track'], 0.5):.2f} s (p50), {max(waits['/track']):.2f} s at most; "
            f"/health answers within {max(waits['/health']):.2f} s; the crowd was answered {answers}"
        )
        for path, seconds in waits.items():
            scene.expect(max(seconds) <= WITHIN, f"{name}: {path} took {max(seconds):.1f} s")
    scene.expect(server.workers() == workers, "a worker was killed")
    scene.finish(postgres.dsn, memory, settled=False)


Answer = tuple[str, int, str | None]  # path, status, Retry-After
Ask = Callable[[http.client.HTTPConnection], Answer]


class Crowd:
    """Clients on kept connections, each with its next request once the last is answered."""

    def __init__(self, server: Server, clients: int, ask: Ask, memory: Memory) -> None:
        self._server, self._ask, self._memory = server, ask, memory
        self._answers: Counter[str] = Counter()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=60)
        while not self._stop.is_set():
            try:
                path, status, retry_after = self._ask(connection)
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self._answers[type(error).__name__] += 1
                self._stop.wait(REFUSED)
                continue
            self._answers[f"{path} {status}"] += 1
            if status in (429, 503) and path != "/health":
                if retry_after is None:
                    self._memory.wrong[f"{path} answered {status} without Retry-After"] += 1
                self._stop.wait(REFUSED)

    def stop(self) -> str:
        """How often it was answered what."""
        self._stop.set()
        for thread in self._threads:
            thread.join(90)
        return ", ".join(f"{text} {times:,} times" for text, times in sorted(self._answers.items()))


def _send(connection: http.client.HTTPConnection, path: str, body: bytes, **headers: str) -> Answer:
    connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
    return _answer(connection, path)


def _answer(connection: http.client.HTTPConnection, path: str) -> Answer:
    response = connection.getresponse()
    response.read()
    return path, response.status, response.getheader("Retry-After")


def _item(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"drill-{number}",
        "user_id": str(UUID(int=number % 1_000 + 1, version=4)),
        "timestamp": datetime.now(UTC).isoformat(),
        "app_version": "1.0",
        **more,
    }


def _large(numbers: itertools.count[int], memory: Memory) -> Ask:
    """The same body from all, so that it is made once: what is stored of it is stored once."""
    text = (NEARLY_SECRET * 120)[:7_800]
    numbered = [next(numbers) for _ in range(LARGE_BYTES // 8_100)]
    events = [
        _item(number, event="app_opened", properties={"drill": number, "text": text})
        for number in numbered
    ]
    body = gzip.compress(json.dumps({"events": events}).encode())
    memory.sent.update(numbered)

    def ask(connection: http.client.HTTPConnection) -> Answer:
        answer = _send(connection, "/track", body, **{"Content-Encoding": "gzip"})
        if answer[1] == 200:
            memory.events.update(numbered)
        return answer

    return ask


def _reads() -> Ask:
    paths = itertools.cycle(("/health", "/docs"))

    def ask(connection: http.client.HTTPConnection) -> Answer:
        path = next(paths)
        connection.request("GET", path)
        return _answer(connection, path)

    return ask


def _brackets(server: Server, numbers: itertools.count[int], memory: Memory) -> Ask:
    """One crash sent again and again, of which the first has a context that can be kept."""
    number = next(numbers)
    crash = _item(number, crash_type="main_crash", error_message=f"drill {number}")
    first = json.dumps({**crash, "context": {"small": True}}).encode()
    memory.sent.add(number)
    _on_new_connection(server, lambda connection: _send(connection, "/crash", first))
    body = (
        json.dumps({**crash, "context": "NESTED"})
        .replace('"NESTED"', f'{{"x": [{NESTED}]}}')
        .encode()
    )
    return lambda connection: _send(connection, "/crash", body)


def _event(server: Server, number: int, memory: Memory) -> float:
    """Seconds until one event of a new connection is taken."""
    memory.sent.add(number)
    event = _item(number, event="app_opened", properties={"drill": number})
    began = time.monotonic()
    answer = _on_new_connection(
        server,
        lambda connection: _send(connection, "/track", json.dumps({"events": [event]}).encode()),
    )
    if answer is not None and answer[1] == 200:
        memory.events.add(number)
    else:
        memory.wrong[f"an honest event was answered {answer}"] += 1
    return time.monotonic() - began


def _look(server: Server, memory: Memory) -> float:
    began = time.monotonic()

    def ask(connection: http.client.HTTPConnection) -> Answer:
        connection.request("GET", "/health")
        return _answer(connection, "/health")

    answer = _on_new_connection(server, ask)
    if answer is None or answer[1] != 200:
        memory.wrong[f"an honest look at /health was answered {answer}"] += 1
    return time.monotonic() - began


def _on_new_connection(server: Server, ask: Ask) -> Answer | None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with suppress(OSError, http.client.HTTPException):
        try:
            return ask(connection)
        finally:
            connection.close()
    return None
