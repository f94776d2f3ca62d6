"""A database that says nothing: the network between falls silent, a backend stops, all of it stops."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

from tools.drills.load import Load
from tools.drills.postgres import Postgres
from tools.drills.proxy import Proxy
from tools.drills.scene import Scene

ROUNDS = 3
SILENT_SECONDS = (6.0, 16.0)  # past the limits that database.py and append.py set
SLOWEST = 13.0  # an append may take ten seconds, and who waits for a connection a little more


def hang(scene: Scene) -> None:
    postgres = scene.postgres()
    proxy = Proxy(f"{postgres.socket_dir}/.s.PGSQL.5432")
    scene.at_end(proxy.close)
    server = scene.server(f"postgresql://postgres@127.0.0.1:{proxy.port}/stories_analytics").wait()
    load = scene.load(server)
    faults: dict[str, Callable[[], None]] = {
        "all of the network": lambda: _network(scene, proxy),
        "answers of the network": lambda: _network(scene, proxy, questions=False),
        "one backend": lambda: stop_backend(scene, postgres, SILENT_SECONDS),
        "all of PostgreSQL": lambda: _everything(scene, postgres),
    }
    took: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, cause in faults.items():
            scene.expect(load.wait_for_answers(), f"nothing is answered before a silence of {name}")
            cause()
            scene.fault()
            took[name] = max(took.get(name, 0.0), _seconds_to_answers(load))
    scene.note(
        "seconds from the end of a silence to the next acknowledgements, at worst: "
        + ", ".join(f"{name} {seconds:.1f}" for name, seconds in took.items())
    )
    scene.finish(postgres.dsn)
    scene.expect(scene.tally.memory.slowest < SLOWEST, f"an answer took over {SLOWEST:.0f} seconds")


def _seconds_to_answers(load: Load) -> float:
    began = time.monotonic()
    load.wait_for_answers(10)
    return time.monotonic() - began


def _network(scene: Scene, proxy: Proxy, questions: bool = True) -> None:
    proxy.silence(questions=questions)
    scene.pause(*SILENT_SECONDS)
    proxy.speak()


def stop_backend(scene: Scene, postgres: Postgres, seconds: tuple[float, float]) -> None:
    """One of the busiest says nothing for a while."""
    stopped = scene.rng.choice(postgres.backends()[:3])
    os.kill(stopped, signal.SIGSTOP)
    try:
        scene.pause(*seconds)
    finally:
        os.kill(stopped, signal.SIGCONT)


def _everything(scene: Scene, postgres: Postgres) -> None:
    stopped = postgres.freeze()
    try:
        scene.pause(*SILENT_SECONDS)
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
