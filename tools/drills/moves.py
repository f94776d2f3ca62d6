"""Data that moves: a dump under load restored into another server."""

from __future__ import annotations

import subprocess
from dataclasses import replace

from stories.operation.local_postgres import wheel_binaries
from tools.benchmarks.place import query
from tools.drills.load import Load
from tools.drills.scene import Scene


def backup(scene: Scene) -> None:
    """Everything that was acknowledged before the dump began is in it, and nothing twice; the new
    server folds what the old one had not yet."""
    old = scene.postgres()
    server = scene.server(old.dsn).wait()
    load = scene.load(server, clients=12, pause=0.03)
    scene.pause(20.0, 25.0)
    events, crashes = load.acked()
    dump = scene.folder / "dump"
    _run("pg_dump", "--format=custom", f"--file={dump}", old.dsn)
    scene.fault()
    scene.expect(load.wait_for_answers(), "nothing is answered during the dump")
    before_the_move = load.stop()
    server.stop()

    new = scene.postgres(scene.folder / "new")
    _run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={new.dsn}", str(dump))
    waiting = query(new.dsn, "select coalesce(sum(n), 0) from outbox")[0][0]
    scene.note(
        f"{len(events) + len(crashes):,} acknowledged before the dump, {waiting:,} of the restored "
        "were still to be folded"
    )
    fresh = scene.server(new.dsn).wait()
    more = Load([fresh.port], scene.rng, first=10**9)
    scene.pause(10.0, 15.0)
    after = more.stop()
    scene.expect(len(after.sent) == after.acked, "the new server did not take all that was sent")
    whole = replace(
        after,
        sent=before_the_move.sent | after.sent,
        events=events | after.events,
        crashes={number: before_the_move.crashes[number] for number in crashes} | after.crashes,
    )
    scene.finish(new.dsn, whole, settled=False)  # what came after the dump is not in it


def _run(program: str, *options: str) -> None:
    subprocess.run([str(wheel_binaries() / program), *options], check=True)
