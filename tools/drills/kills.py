"""SIGKILL at random: PostgreSQL's postmaster, one of its backends, a worker, the master, everything, and
the job that compresses old days meanwhile."""

from __future__ import annotations

import os
import signal
from collections import Counter

from tools.benchmarks.place import query
from tools.drills.packing import Packing
from tools.drills.postgres import Postgres
from tools.drills.scene import Scene
from tools.server import Server

KINDS = ("postmaster", "backend", "worker", "master", "server", "compression")
KILLS = 60


def kills(scene: Scene) -> None:
    postgres = scene.postgres()
    server = scene.server(postgres.dsn).wait()
    load = scene.load(server)
    packing = scene.packing(postgres.dsn)
    done: Counter[str] = Counter()
    for kind in _order(scene):
        if scene.rng.random() < 0.7:  # else while the last one still hurts
            scene.expect(load.wait_for_answers(), f"nothing is answered before a {kind} is killed")
            scene.pause(0.1, 2.5)
        kill(kind, scene, postgres, server, packing)
        done[kind] += 1
        scene.fault()
    scene.expect(load.wait_for_answers(), "nothing is answered after the last kill")
    scene.note(", ".join(f"{kind} {n}" for kind, n in sorted(done.items())))
    check_packing(scene, postgres, packing)
    scene.finish(postgres.dsn)


def check_packing(scene: Scene, postgres: Postgres, packing: Packing) -> None:
    """Compression ends well once nothing is killed any more, and has packed something."""
    scene.expect(packing.stop(), f"compress fails after the last kill: {packing.log_end()}")
    scene.expect(not packing.is_damaged(), f"a chunk was damaged: {packing.log_end()}")
    chunks, events = query(postgres.dsn, "select count(*), coalesce(sum(n), 0) from event_chunks")[
        0
    ]
    scene.expect(events > 0, "nothing is compressed")
    jobs = ", ".join(f"{how} {n}" for how, n in sorted(packing.ended.items()))
    scene.note(f"{jobs}; {events:,} events in {chunks:,} chunks at the end")


def _order(scene: Scene) -> list[str]:
    """At random, but none is left out."""
    order = list(KINDS) * (KILLS // len(KINDS))
    scene.rng.shuffle(order)
    return order


def kill(kind: str, scene: Scene, postgres: Postgres, server: Server, packing: Packing) -> None:
    """And what a supervisor does then: what is gone is started again, what is killed in part is
    left to its master."""
    if kind == "postmaster":
        postgres.kill()
        scene.pause(0.0, 0.5)
        postgres.start()
    elif kind == "backend":
        postgres.wait_until_answering()
        if pids := postgres.backends():
            os.kill(scene.rng.choice(pids), signal.SIGKILL)
    elif kind == "worker":
        server.wait()
        os.kill(scene.rng.choice(server.workers()), signal.SIGKILL)
    elif kind == "compression":
        packing.kill()
    elif kind == "master":
        server.kill_master()
        server.wait()
    else:
        server.kill()
        server.start()
        server.wait()
