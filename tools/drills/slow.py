"""Two hundred clients that take their time, or say nothing, or go away; others want to be served."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from tools.drills.scene import Scene

EACH = 50
SECONDS = 60.0
LONGEST_OUTAGE, SLOWEST = 5.0, 6.0
HEAD = b"POST /track HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
Writer = asyncio.StreamWriter
Kind = Callable[[Writer], Coroutine[Any, Any, None]]


async def drip_head(writer: Writer) -> None:
    for byte in HEAD * 100:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


async def drip_body(writer: Writer) -> None:
    writer.write(HEAD + b"Content-Length: 10000\r\n\r\n")
    for _ in range(10_000):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(1)


async def say_nothing(writer: Writer) -> None:
    await asyncio.sleep(3600)


async def vanish(writer: Writer) -> None:
    """Half a body, and then the cable is out: nothing more, not even an end."""
    writer.write(HEAD + b"Content-Length: 10000\r\n\r\n" + b" " * 5000)
    await writer.drain()
    await asyncio.sleep(3600)


KINDS: tuple[Kind, ...] = (drip_head, drip_body, say_nothing, vanish)


def slow(scene: Scene) -> None:
    postgres = scene.postgres()
    server = scene.server(postgres.dsn).wait()
    load = scene.load(server)
    load.wait_for_answers(500)
    before = load.memory.slowest
    crowd = Crowd(server.port)
    scene.at_end(crowd.stop)
    scene.fault()
    scene.pause(SECONDS, SECONDS)
    crowd.stop()
    scene.note(
        f"the slowest answer before they came took {before:.2f} s; they were sent away "
        + ", ".join(f"{kind} {n}" for kind, n in sorted(crowd.sent_away.items()))
    )
    scene.finish(postgres.dsn)
    memory = scene.tally.memory
    scene.expect(
        memory.outage < LONGEST_OUTAGE and memory.slowest < SLOWEST,
        f"others waited: nothing acknowledged for {memory.outage:.1f} s, the slowest answer "
        f"took {memory.slowest:.1f} s",
    )


class Crowd:
    """All kinds at once; who is sent away comes again."""

    def __init__(self, port: int) -> None:
        self.sent_away: Counter[str] = Counter()
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._all: asyncio.Future[list[None]] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive() and self._all is not None:
            self._loop.call_soon_threadsafe(self._all.cancel)
            self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        ones = [self._loop.create_task(self._one(kind)) for kind in KINDS * EACH]
        self._all = asyncio.gather(*ones)
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._all)
        self._loop.run_until_complete(asyncio.gather(*ones, return_exceptions=True))
        self._loop.close()

    async def _one(self, kind: Kind) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                await asyncio.sleep(0.5)
                continue
            work = asyncio.create_task(kind(writer))
            try:
                await reader.read()  # to the end: until the server has had enough
            except OSError:
                pass
            finally:
                work.cancel()
                writer.transport.abort()
                await asyncio.gather(work, return_exceptions=True)
            self.sent_away[kind.__name__] += 1
            await asyncio.sleep(0.5)
