"""Data that moves: a dump under load restored into another server, and the first release upgraded."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

from stories.config import ROOT
from stories.operation.local_postgres import wheel_binaries
from tools.benchmarks.place import query
from tools.drills.load import Load
from tools.drills.postgres import Postgres
from tools.drills.scene import CannotRun, Scene

FIRST_RELEASE = "e2f2396"


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


def upgrade(scene: Scene) -> None:
    """The first release takes events; the present one migrates its database meanwhile, and takes its
    place."""
    first = scene.folder / "first"
    _extract(first)
    postgres = scene.postgres()
    old = scene.server(postgres.dsn, root=first).wait()
    before = _migrations(postgres)
    load = scene.load(old)
    scene.pause(15.0, 20.0)
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "migrate"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": postgres.dsn},
        check=True,
        capture_output=True,
    )
    scene.fault()
    scene.note(f"{before} migrations of the first release, {_migrations(postgres)} now")
    scene.expect(load.wait_for_answers(500), "the first release does not answer once migrated")
    old.stop()
    scene.server(postgres.dsn, port=old.port).wait()
    scene.expect(load.wait_for_answers(500), "the new release does not answer")
    scene.pause(10.0, 15.0)
    scene.finish(postgres.dsn)


def _run(program: str, *options: str) -> None:
    subprocess.run([str(wheel_binaries() / program), *options], check=True)


def _migrations(postgres: Postgres) -> int:
    return int(query(postgres.dsn, "select count(*) from schema_migrations")[0][0])


def _extract(folder: Path) -> None:
    archive = folder.with_suffix(".tar")
    made = subprocess.run(
        ["git", "archive", f"--output={archive}", FIRST_RELEASE], cwd=ROOT, capture_output=True
    )
    if made.returncode != 0:
        raise CannotRun("The first release is taken from the git history, and there is none here.")
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")
