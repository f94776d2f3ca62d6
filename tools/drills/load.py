"""Clients that send, retry as the SDKs do, and remember what became of every event and crash."""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from typing import Any
from uuid import UUID

from tools.traffic import basic

PEOPLE = 300
DAYS = 12  # events are from so many days
MOST_WAIT = 1.0  # of a Retry-After; SDKs wait it out, which would only make the drills longer
ANSWER_SECONDS = 30.0
DRAIN_SECONDS = 60.0  # after the last fault, for what has not been acknowledged yet
EVENTS = ("app_opened", "recording_completed", "feature_toggled")


@dataclass
class Memory:
    """What clients know of their items, by number. refused: answers that told them to come back;
    unknown: requests that got no answer; wrong: answers that should not be."""

    sent: set[int] = field(default_factory=set)
    events: set[int] = field(default_factory=set)  # acknowledged
    crashes: dict[int, str] = field(default_factory=dict)  # acknowledged, with the id answered
    refused: int = 0
    unknown: int = 0
    unreached: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    sentences: Counter[str] = field(default_factory=Counter)
    most_tries: int = 0
    slowest: float = 0.0  # seconds to an answer of any kind
    outage: float = 0.0  # seconds, the longest in which nothing was acknowledged

    @property
    def acked(self) -> int:
        return len(self.events) + len(self.crashes)


@dataclass
class Batch:
    """One POST and the numbers of what is in it."""

    path: str
    body: bytes
    numbers: list[int]


class Items:
    """Made-up events and crashes, each with a number in it that no other has."""

    def __init__(self, rng: random.Random, first: int = 0) -> None:
        self._rng = rng
        self._numbers = itertools.count(first + 1)

    def batch(self, size: int) -> Batch:
        named = self._rng.random() < 0.5  # with ids; without, the content tells repeats
        numbers = [next(self._numbers) for _ in range(size)]
        events = [self._event(number, named) for number in numbers]
        return Batch("/track", json.dumps({"events": events}).encode(), numbers)

    def crash(self) -> Batch:
        number = next(self._numbers)
        crash = {
            **self._person(),
            "app_version": "1.0",
            "crash_type": "main_crash",
            "error_message": f"it ended, {number}",  # where its number is: a storm takes the context
        }
        return Batch("/crash", json.dumps(crash).encode(), [number])

    def _person(self) -> dict[str, Any]:
        when = datetime.now(UTC) - timedelta(seconds=self._rng.uniform(0, DAYS * 86_400))
        number = self._rng.randrange(PEOPLE)
        return {
            "user_id": str(UUID(int=number + 1, version=4)),
            "timestamp": when.isoformat(),
            "session_id": self._rng.choice((None, f"s{number}-{when:%j}")),
        }

    def _event(self, number: int, named: bool) -> dict[str, Any]:
        properties = {
            "drill": number,
            "feature": "auto_paste",
            "enabled": self._rng.random() < 0.5,
            "source": self._rng.choice(("widget", "main")),
            "cost_usd": 0.1,
        }
        return {
            **self._person(),
            "event": self._rng.choice(EVENTS),
            "app_version": self._rng.choice(("1.0", "1.1")),
            "country": self._rng.choice((None, "DE", "US")),
            "properties": properties,
            **({"id": f"drill-{number}"} if named else {}),
        }


class Load:
    """`clients` threads over `ports`; each changes to the next port when it cannot connect. One
    more thread reads. pause: seconds between two requests of a client, on average."""

    def __init__(
        self,
        ports: Sequence[int],
        rng: random.Random,
        *,
        clients: int = 8,
        pause: float = 0.05,
        first: int = 0,
    ) -> None:
        self.memory = Memory()
        self._ports, self._pause = ports, pause
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._give_up = float("inf")
        self._acked_at = time.monotonic()
        self._threads = [
            threading.Thread(
                target=self._send, args=(number, random.Random(rng.random()), first), daemon=True
            )
            for number in range(clients)
        ]
        self._threads.append(threading.Thread(target=self._read, daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> Memory:
        """No more new batches; what is not acknowledged is retried for a minute at most."""
        self._give_up = time.monotonic() + DRAIN_SECONDS
        self._stop.set()
        for thread in self._threads:
            thread.join(DRAIN_SECONDS + ANSWER_SECONDS + 5)
        return self.memory

    def acked(self) -> tuple[set[int], set[int]]:
        """Events and crashes acknowledged so far."""
        with self._lock:
            return set(self.memory.events), set(self.memory.crashes)

    def wait_for_answers(self, more: int = 50, seconds: float = 60) -> bool:
        """Until so many more items are acknowledged than now; False when that takes too long."""
        wanted, deadline = self.memory.acked + more, time.monotonic() + seconds
        while self.memory.acked < wanted:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _send(self, number: int, rng: random.Random, first: int) -> None:
        items = Items(rng, first + number * 10_000_000)
        client = Client(self._ports, number)
        while not self._stop.is_set():
            batch = items.crash() if rng.random() < 0.15 else items.batch(rng.choice((1, 5, 20)))
            self._deliver(client, batch, rng)
            self._stop.wait(rng.uniform(0, 2 * self._pause))
        client.close()

    def _deliver(self, client: Client, batch: Batch, rng: random.Random) -> None:
        with self._lock:
            self.memory.sent.update(batch.numbers)
        for tries in itertools.count(1):
            began = time.monotonic()
            answer = client.post(batch)
            wait = self._note(batch, answer, time.monotonic() - began, tries)
            if wait is None or time.monotonic() > self._give_up:
                return
            time.sleep(rng.uniform(0.5, 1.0) * min(wait, MOST_WAIT))

    def _note(self, batch: Batch, answer: Answer, seconds: float, tries: int) -> float | None:
        """Remember an answer; returns how long to wait before the next try, None when it is done."""
        with self._lock:
            memory = self.memory
            memory.most_tries = max(memory.most_tries, tries)
            memory.slowest = max(memory.slowest, seconds)
            wait = note(memory, batch, answer, tries)
            if answer.status == 200:
                now = time.monotonic()
                memory.outage = max(memory.outage, now - self._acked_at)
                self._acked_at = now
        return wait

    def _read(self) -> None:
        """Somebody looks at the numbers meanwhile; a read folds, too."""
        client = Client(self._ports, 0)
        while not self._stop.wait(0.5):
            answer = client.get("/stats?period=7d")
            if answer.status not in (0, 200, 429, 503):
                with self._lock:
                    self.memory.wrong[f"/stats answered {answer.status}"] += 1
        client.close()


@dataclass
class Answer:
    """status 0: none. sent: whether the request may have arrived."""

    status: int
    sent: bool = True
    retry_after: str | None = None
    body: dict[str, Any] = field(default_factory=dict)


def note(memory: Memory, batch: Batch, answer: Answer, tries: int = 1) -> float | None:
    """Write down what became of a batch; returns the seconds to wait before it is sent again, None
    when that is not needed."""
    if answer.status == 200:
        if batch.path == "/crash":
            memory.crashes[batch.numbers[0]] = str(answer.body.get("crash_id"))
            return None
        if answer.body.get("events_received") != len(batch.numbers):
            memory.wrong[f"a 200 that says {answer.body}"[:200]] += 1
            return None
        memory.events.update(batch.numbers)
        return None
    if answer.status == 0:
        if answer.sent:
            memory.unknown += 1
        else:
            memory.unreached += 1
        return 0.05 * min(tries, 10)
    if answer.status in (429, 503) and (answer.retry_after or "").isdigit():
        memory.refused += 1
        memory.sentences[f"{answer.status}: {answer.body.get('error')}"[:110]] += 1
        return float(answer.retry_after or 0)
    memory.wrong[f"{batch.path} answered {answer.status}: {answer.body}"[:200]] += 1
    return None


class Client:
    """One kept connection."""

    def __init__(self, ports: Sequence[int], place: int) -> None:
        self._ports, self._place = ports, place
        self._connection: HTTPConnection | None = None

    def post(self, batch: Batch) -> Answer:
        return self.ask("POST", batch.path, batch.body, {"Content-Type": "application/json"})

    def get(self, path: str) -> Answer:
        return self.ask("GET", path, None, basic("admin:admin"))

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = self._connected()
        if connection is None:
            return Answer(0, sent=False)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read()
        except (OSError, HTTPException):
            self.close()
            return Answer(0)
        if response.will_close:
            self.close()
        return Answer(response.status, True, response.headers.get("Retry-After"), _object(text))

    def _connected(self) -> HTTPConnection | None:
        if self._connection is None:
            port = self._ports[self._place % len(self._ports)]
            connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
            try:
                connection.connect()
            except OSError:
                self._place += 1
                return None
            self._connection = connection
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
