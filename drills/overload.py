"""Three times the capacity for a minute, by clients that do not wait for each other."""

from __future__ import annotations

import resource
import threading
import time
from itertools import pairwise

from drills.load import Batch, Items, Memory
from drills.offer import Offered, offer
from drills.scene import Scene
from drills.server import Server

SIZE = 3  # events a request
CAPACITY_SECONDS = 10.0
TIMES, SECONDS = 3, 60.0
CALM_RATE, CALM_SECONDS = 20.0, 15.0  # requests a second, before and after
NORMAL_WITHIN = 10.0


def overload(scene: Scene) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # for thousands of clients
    scene.at_end(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)))
    postgres = scene.postgres()
    server = scene.server(postgres.dsn).wait()
    items, memory = Items(scene.rng), Memory()

    offer(server.port, _batches(items, 300), memory, None)  # warm
    before = offer(server.port, _batches(items, CALM_RATE * 5), memory, CALM_RATE)
    capacity = _capacity(items, memory, server)
    rate = TIMES * capacity
    batches = _batches(items, rate * SECONDS)
    time.sleep(3)
    watch = Watch(server)
    storm = offer(server.port, batches, memory, rate)
    at_end = server.memory()
    after = offer(server.port, _batches(items, CALM_RATE * CALM_SECONDS), memory, CALM_RATE)
    peak = watch.stop()
    scene.fault()

    refused, unknown = memory.refused, memory.unknown + memory.unreached
    back = _back_to_normal(before, after)
    scene.note(
        f"capacity {capacity:,.0f} requests of {SIZE} events a second; offered {rate:,.0f}/s for "
        f"{SECONDS:.0f} s, which took {storm.seconds:.0f} s; up to {storm.most_at_once:,} at once"
    )
    scene.note(
        f"of {len(batches):,}: {len(storm.latencies):,} acknowledged (p50 "
        f"{storm.percentile(0.5):,.0f} ms, p99 {storm.percentile(0.99):,.0f} ms), {refused:,} "
        f"refused, {unknown:,} without an answer"
    )
    scene.note(
        f"memory of the app's processes {watch.first:.0f} MB before, {peak:.0f} at most, "
        f"{at_end:.0f} at the end; acknowledgements take {before.percentile(0.5):.0f} ms before "
        f"(p50) and are back at that {back:.1f} s after"
    )
    memory.outage = _longest_silence(storm)
    scene.finish(postgres.dsn, memory, settled=False)  # what was refused is not sent again here
    scene.expect(back <= NORMAL_WITHIN, f"answers are normal only {back:.1f} s after")
    scene.expect(peak < watch.first + 60, f"memory grew from {watch.first:.0f} to {peak:.0f} MB")
    scene.expect(not unknown, f"{unknown:,} requests got no answer")


def _batches(items: Items, n: float) -> list[Batch]:
    return [items.batch(SIZE) for _ in range(int(n))]


def _capacity(items: Items, memory: Memory, server: Server) -> float:
    """Requests a second, with 32 clients that wait for their answers."""
    sample = offer(server.port, _batches(items, 1000), memory, None)
    rate = 1000 / sample.seconds
    count = rate * CAPACITY_SECONDS
    return int(count) / offer(server.port, _batches(items, count), memory, None).seconds


def _back_to_normal(before: Offered, after: Offered) -> float:
    """Seconds until the last acknowledgement that took three times what was usual before, or 50 ms
    if that is more (the fold takes its share once a second)."""
    usual = max(50.0, 3 * before.percentile(0.95))
    slow = [at for at, took in zip(after.at, after.latencies, strict=True) if took > usual]
    return max(slow, default=0.0)


def _longest_silence(found: Offered) -> float:
    moments = [0.0, *sorted(found.at)]
    return max((b - a for a, b in pairwise(moments)), default=0.0)


class Watch:
    """The memory of a server, looked at every few seconds."""

    def __init__(self, server: Server) -> None:
        self._server, self._stop = server, threading.Event()
        self.first = self._most = server.memory()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._stop.wait(5):
            self._most = max(self._most, self._server.memory())

    def stop(self) -> float:
        self._stop.set()
        self._thread.join()
        return self._most
