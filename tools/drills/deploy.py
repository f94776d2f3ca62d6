"""A new release is put in place under load: by SIGHUP, by USR2, and behind a socket that stays open."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

from tools.drills.scene import Scene
from tools.server import Server

ROUNDS = 4


def deploy(scene: Scene) -> None:
    """On the bundled PostgreSQL, which the old server must not stop under the new one."""
    postgres = scene.postgres()
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    scene.at_end(listener.close)
    folder = str(postgres.folder)
    plain = scene.server("", DATA_DIR=folder).wait()
    activated = scene.server("", listener=listener, DATA_DIR=folder).wait()
    postgres.leave()
    load = scene.load(plain, activated)
    for _ in range(ROUNDS):
        for change in (reload, _replace, lambda _: _restart(activated)):
            scene.expect(load.wait_for_answers(), "nothing is answered before a deployment")
            change(plain)
            scene.fault()
    scene.expect(load.wait_for_answers(), "nothing is answered after the last deployment")
    memory = load.stop()
    postgres.start()
    scene.finish(postgres.dsn, memory)
    scene.expect(not memory.refused, f"{memory.refused} requests were refused")
    scene.expect(not memory.unreached, f"{memory.unreached} connections were refused")
    scene.expect(memory.most_tries <= 2, f"a request needed {memory.most_tries} tries")
    scene.note(f"a request needed {memory.most_tries} tries at most")


def reload(server: Server) -> None:
    """New workers first, then the old ones finish what they have and go."""
    before = set(server.workers())
    server.signal(signal.SIGHUP)
    _until(lambda: not before & set(server.workers()), "the old workers do not leave")


def _replace(server: Server) -> None:
    """The new server inherits the socket; then the old one is asked to go."""
    server.signal(signal.SIGUSR2)
    new = server.successor()
    _until(server.is_healthy, "nobody is healthy")
    old, server.pid = server.pid, new
    os.kill(old, signal.SIGTERM)
    if server.process.pid == old:
        server.process.wait(60)
    _until(lambda: not Path(f"/proc/{old}").exists() or _is_zombie(old), "the old one stays")


def _restart(server: Server) -> None:
    """Connections wait in the socket while nobody is there."""
    server.stop()
    server.start()
    server.wait()


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _until(met: Callable[[], bool], otherwise: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not met():
        if time.monotonic() > deadline:
            raise RuntimeError(otherwise)
        time.sleep(0.05)
