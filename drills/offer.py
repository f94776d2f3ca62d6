"""Requests that are sent when they are due, however slow the answers are: an open-loop client."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.clients import post
from drills.load import Answer, Batch, Memory, note

GIVE_UP_SECONDS = 10.0  # as the SDKs do
CLIENTS = 1000
MOST_TRIES = 100
_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)", re.IGNORECASE)
_RETRY_AFTER = re.compile(rb"\r\nRetry-After: *(\d+)", re.IGNORECASE)

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Offered:
    """latencies: milliseconds of acknowledgements, in the order they came. at: seconds since the
    start when each came."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    most_at_once: int = 0

    def percentile(self, share: float) -> float:
        found = sorted(self.latencies)
        return found[min(len(found) - 1, int(len(found) * share))] if found else 0.0


def offer(
    port: int, batches: Iterable[Batch], memory: Memory, rate: float | None, connections: int = 32
) -> Offered:
    """rate: requests a second, each sent once, by CLIENTS devices that have one connection each, as
    SDKs do; None: `connections` at a time, as fast as they are answered, and again until they are
    acknowledged."""
    return asyncio.run(_Offer(port, memory).run(batches, rate, connections))


class _Offer:
    def __init__(self, port: int, memory: Memory) -> None:
        self._port, self._memory = port, memory
        self._idle: asyncio.LifoQueue[Stream | None] = asyncio.LifoQueue()  # None: not connected
        self._running = 0
        self._found = Offered()
        self._began = time.perf_counter()

    async def run(self, batches: Iterable[Batch], rate: float | None, connections: int) -> Offered:
        for _ in range(CLIENTS):
            self._idle.put_nowait(None)
        if rate is None:
            source = iter(batches)
            await asyncio.gather(*(self._client(source) for _ in range(connections)))
        else:
            await self._at_rate(batches, rate)
        self._found.seconds = time.perf_counter() - self._began
        while not self._idle.empty():
            if stream := self._idle.get_nowait():
                stream[1].close()
        return self._found

    async def _client(self, source: Iterable[Batch]) -> None:
        for batch in source:
            for _ in range(MOST_TRIES):
                if (wait := await self._one(batch)) is None:
                    break
                await asyncio.sleep(min(wait, 0.2))
            else:
                raise RuntimeError("the server does not answer")

    async def _at_rate(self, batches: Iterable[Batch], rate: float) -> None:
        tasks: set[asyncio.Task[float | None]] = set()
        for number, batch in enumerate(batches):
            due = self._began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(self._one(batch))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        while tasks:
            await asyncio.wait(tasks)

    async def _one(self, batch: Batch) -> float | None:
        """Send it once; returns as `note` does."""
        began = time.perf_counter()
        self._memory.sent.update(batch.numbers)
        self._running += 1
        self._found.most_at_once = max(self._found.most_at_once, self._running)
        try:
            answer = await asyncio.wait_for(self._ask(batch), GIVE_UP_SECONDS)
        except TimeoutError:
            answer = Answer(0)
        finally:
            self._running -= 1
        now = time.perf_counter()
        self._memory.slowest = max(self._memory.slowest, now - began)
        if answer.status == 200:
            self._found.latencies.append((now - began) * 1000)
            self._found.at.append(now - self._began)
        return note(self._memory, batch, answer)

    async def _ask(self, batch: Batch) -> Answer:
        stream, kept = await self._idle.get(), None
        try:
            if stream is None or stream[0].at_eof():  # closed by the server meanwhile
                stream = None
                stream = await asyncio.open_connection("127.0.0.1", self._port)
            answer, keep = await _exchange(stream, batch)
            kept = stream if keep else None
            return answer
        except (OSError, asyncio.IncompleteReadError):
            return Answer(0, sent=stream is not None)
        finally:  # also when the time is up
            if kept is None and stream is not None:
                stream[1].transport.abort()
            self._idle.put_nowait(kept)


async def _exchange(stream: Stream, batch: Batch) -> tuple[Answer, bool]:
    """The answer, and whether the connection may be used again."""
    reader, writer = stream
    writer.write(post(batch.path, batch.body))
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    text = await reader.readexactly(int(length[1]) if length else 0)
    retry_after = _RETRY_AFTER.search(head)
    answer = Answer(
        int(head[9:12]),
        retry_after=retry_after[1].decode() if retry_after else None,
        body=json.loads(text) if text.startswith(b"{") else {},
    )
    return answer, b"\r\nconnection: close" not in head.lower()
