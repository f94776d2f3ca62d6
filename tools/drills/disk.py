"""The database's disk is full: a small tmpfs of its own, filled up, and room made again."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from tools.drills.load import Load
from tools.drills.postgres import Postgres
from tools.drills.scene import CannotRun, Scene

SIZE_MB = 320
ROUNDS = 3
FULL_SECONDS = 15.0


def disk(scene: Scene) -> None:
    if os.geteuid() != 0:
        raise CannotRun("Mounting a small tmpfs for the database needs root.")
    mount = scene.folder / "disk"
    mount.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=711", "tmpfs", str(mount)], check=True
    )
    scene.at_end(lambda: subprocess.run(["umount", "-l", str(mount)], check=True))
    postgres = scene.postgres(mount, {"max_wal_size": "64MB", "min_wal_size": "32MB"})
    server = scene.server(postgres.dsn).wait()
    load = scene.load(server)
    down = 0
    for _ in range(ROUNDS):
        scene.pause(4.0, 8.0)
        down += _fill(scene, load, mount / "ballast", postgres)
        scene.fault()
        scene.expect(load.wait_for_answers(), "nothing is answered once there is room again")
    scene.note(
        f"PostgreSQL itself ended, and had to be started again, in {down} of {ROUNDS} rounds"
    )
    scene.finish(postgres.dsn)
    scene.expect(load.memory.refused > 0, "nobody was refused while the disk was full")


def _fill(scene: Scene, load: Load, ballast: Path, postgres: Postgres) -> bool:
    """Returns whether PostgreSQL ended. What is freed for a moment is taken again: a checkpoint gives
    old WAL back."""
    refused, deadline, full_for = load.memory.refused, time.monotonic() + 90, 0.0
    with ballast.open("wb", buffering=0) as file:
        while full_for < FULL_SECONDS and time.monotonic() < deadline:
            try:
                while True:
                    file.write(b"\0" * 65536)
            except OSError:
                time.sleep(0.1)
            full_for += 0.1 if load.memory.refused > refused else 0.0
    scene.expect(load.memory.refused > refused, "the disk was full and nobody noticed")
    ballast.unlink()
    ended = not postgres.is_running()
    postgres.start()
    return ended
