"""Three times the capacity for a minute, by clients that do not wait for each other."""

from __future__ import annotations

import resource
import threading
import time
from itertools import pairwise

from tools.benchmarks.clients import Clients, post
from tools.benchmarks.table import percentile
from tools.drills.load import Batch, Items, Memory
from tools.drills.offer import CONNECTIONS, Offered, offer
from tools.drills.scene import Scene
from tools.server import Server

SIZE = 3  # events a request
CAPACITY_SECONDS = 10.0
TIMES, SECONDS = 3, 60.0
CALM_RATE, CALM_SECONDS = 20.0, 15.0  # requests a second, before and after
NORMAL_WITHIN = 10.0
LEAST_SENT = 0.9  # of what was to be offered


def overload(scene: Scene) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # for thousands of clients
    scene.at_end(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)))
    postgres = scene.postgres()
    server = scene.server(postgres.dsn).wait()
    items, memory = Items(scene.rng), Memory()

    _closed(server, _batches(items, 300), memory)  # warm
    before = offer(server.port, _batches(items, CALM_RATE * 5), memory, CALM_RATE)
    capacity = _capacity(items, memory, server)
    rate = TIMES * capacity
    batches = _batches(items, rate * SECONDS)
    time.sleep(3)
    watch = Watch(server)
    storm = offer(server.port, batches, memory, rate)
    at_end = server.memory()["pss"]
    after = offer(server.port, _batches(items, CALM_RATE * CALM_SECONDS), memory, CALM_RATE)
    peak = watch.stop()
    scene.fault()

    unknown, back = memory.unknown + memory.unreached, _back_to_normal(before, after)
    sent = len(batches) - storm.not_sent
    scene.note(
        f"capacity {capacity:,.0f} requests of {SIZE} events a second; {rate:,.0f}/s offered for "
        f"{SECONDS:.0f} s, {sent:,} of {len(batches):,} sent in {storm.seconds:.1f} s by a client that "
        f"took {storm.cpu / storm.seconds:.0%} of a core, up to {storm.most_at_once:,} at once (it "
        f"opens {CONNECTIONS:,} connections at most)"
    )
    scene.note(
        f"{len(storm.latencies):,} acknowledged ({_spread(storm.latencies)}), "
        f"{len(storm.refusals):,} refused ({_spread(storm.refusals)}), {unknown:,} without an answer "
        f"({storm.unaccepted:,} on connections that no worker had served yet), {storm.again:,} sent "
        f"again because a kept connection closed under them"
    )
    scene.note(
        f"memory of the app's processes {watch.first:.0f} MB before, {peak:.0f} at most, "
        f"{at_end:.0f} at the end; acknowledgements take {percentile(before.latencies, 0.5):.0f} ms "
        f"before (p50) and are back at that {back:.1f} s after"
    )
    memory.outage = _longest_silence(storm)
    scene.finish(postgres.dsn, memory, settled=False)  # what was refused is not sent again here
    scene.expect(
        sent >= LEAST_SENT * len(batches),
        f"the client could send only {sent:,} of {len(batches):,} requests: this is no overload of "
        f"{TIMES} times the capacity",
    )
    scene.expect(back <= NORMAL_WITHIN, f"answers are normal only {back:.1f} s after")
    scene.expect(peak < watch.first + 60, f"memory grew from {watch.first:.0f} to {peak:.0f} MB")
    scene.expect(not unknown, f"{unknown:,} requests got no answer")


def _batches(items: Items, n: float) -> list[Batch]:
    return [items.batch(SIZE) for _ in range(int(n))]


def _closed(server: Server, batches: list[Batch], memory: Memory) -> float:
    """Requests a second, with 32 clients that wait for their answers."""
    result = Clients(server.port, [post(batch.path, batch.body) for batch in batches]).run()
    for status, times in result.bad.items():
        memory.wrong[f"/track answered {status}"] += times
    for batch in batches:
        memory.sent.update(batch.numbers)
        if not result.bad:
            memory.events.update(batch.numbers)
    return len(batches) / result.seconds


def _capacity(items: Items, memory: Memory, server: Server) -> float:
    rate = _closed(server, _batches(items, 1000), memory)
    return _closed(server, _batches(items, rate * CAPACITY_SECONDS), memory)


def _spread(milliseconds: list[float]) -> str:
    return (
        f"p50 {percentile(milliseconds, 0.5):,.0f} ms, p99 {percentile(milliseconds, 0.99):,.0f} ms"
    )


def _back_to_normal(before: Offered, after: Offered) -> float:
    """Seconds until the last acknowledgement that took three times what was usual before, or 50 ms
    if that is more (the fold takes its share once a second)."""
    usual = max(50.0, 3 * percentile(before.latencies, 0.95))
    slow = [at for at, took in zip(after.at, after.latencies, strict=True) if took > usual]
    return max(slow, default=0.0)


def _longest_silence(offered: Offered) -> float:
    moments = [0.0, *sorted(offered.at)]
    return max((b - a for a, b in pairwise(moments)), default=0.0)


class Watch:
    """The memory of a server, looked at every few seconds."""

    def __init__(self, server: Server) -> None:
        self._server, self._stop = server, threading.Event()
        self.first = self._most = server.memory()["pss"]
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._stop.wait(5):
            self._most = max(self._most, self._server.memory()["pss"])

    def stop(self) -> float:
        self._stop.set()
        self._thread.join()
        return self._most
