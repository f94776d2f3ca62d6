"""Databases of earlier releases, migrated by the present one: under load, and with a history whose
people are then asked for by every version, platform, family and country."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from database import Database
from stories.apps import Apps
from stories.config import ROOT
from stories.privacy.person_keys import PersonKey
from stories.rollups import fold, recount
from tools.benchmarks.place import query
from tools.drills.load import Client
from tools.drills.postgres import Postgres
from tools.drills.scene import CannotRun, Scene
from tools.drills.tally import FOLD_SECONDS, check_recount, is_folded
from tools.server import Server
from tools.traffic import (
    Parameters,
    Request,
    Trouble,
    basic,
    desktop_crashes,
    desktop_events,
    ids_of_testers,
    send,
    troubled,
)

FIRST_RELEASE = "e2f2396"
BEFORE_FILTERS = "9c21bf2"  # the last one without conditions, segments and facets: ten migrations
LOGIN = basic("admin:admin")
TESTERS = ",".join(ids_of_testers(2))  # EXCLUDED_USER_IDS of every server: it is the exact list
EVENTS, PEOPLE, DAYS, KEPT_DAYS = 12_000, 150, 110, 60
ERASED = 6
FAMILIES = "growth,usage,adoption,quality,stability,costs"
PERIODS = ("7d", "30d", "all")
OF_NOW = {"rollup_lag_seconds"}  # what an answer tells of its moment
# Dimension of the facets -> field of a condition.
FIELDS = {"version": "version", "platform": "platform", "family": "platform_family",
          "country": "country"}  # fmt: skip


def upgrade(scene: Scene) -> None:
    """The first release takes events; the present one migrates its database meanwhile, and takes its
    place."""
    first = scene.folder / "first"
    extract(FIRST_RELEASE, first)
    postgres = scene.postgres()
    old = scene.server(postgres.dsn, root=first).wait()
    before = _migrations(postgres)
    load = scene.load(old)
    scene.pause(15.0, 20.0)
    _migrate(postgres)
    scene.fault()
    scene.note(f"{before} migrations of the first release, {_migrations(postgres)} now")
    scene.expect(load.wait_for_answers(500), "the first release does not answer once migrated")
    old.stop()
    scene.server(postgres.dsn, port=old.port).wait()
    scene.expect(load.wait_for_answers(500), "the new release does not answer")
    scene.pause(10.0, 15.0)
    scene.finish(postgres.dsn)


def history(scene: Scene) -> None:
    """Two earlier releases have counted months with testers, erased people, expired days and events that
    wait for the fold. Once migrated nothing is different for a recount, and every number under every
    filter that the rollups answer is the same before a rebuild and after it."""
    for release in (FIRST_RELEASE, BEFORE_FILTERS):
        folder = scene.folder / release
        extract(release, folder)
        postgres = scene.postgres(scene.folder / f"data-{release}")
        stored = _fill(scene, postgres, folder)
        _migrate(postgres)
        scene.fault()
        server = scene.server(postgres.dsn, RUN_JOBS="false", EXCLUDED_USER_IDS=TESTERS).wait()
        _compare(scene, postgres, server, f"{release}, {stored:,} events held")
        server.stop()


def _fill(scene: Scene, postgres: Postgres, folder: Path) -> int:
    """What a release leaves behind; returns how many events it still holds."""
    settings = {"EXCLUDED_USER_IDS": TESTERS, "RETENTION_DAYS": str(2 * DAYS)}
    server = _serve(scene, postgres, folder, settings)
    requests = list(_requests(scene.rng.randrange(1000)))
    late = requests[-len(requests) // 10 :]
    _send(scene, server, requests[: -len(late)])
    scene.expect(is_folded(postgres.dsn), f"not folded after {FOLD_SECONDS:.0f} s")
    client = Client([server.port], 0)
    people = query(
        postgres.dsn, "select user_id::text from users order by events desc, user_id limit 40"
    )
    for (person,) in scene.rng.sample(people, ERASED):
        status = client.ask("DELETE", f"/users/{person}", None, LOGIN).status
        scene.expect(status == 200, f"erasing answers {status}")
    client.close()
    server.stop()
    settings["RETENTION_DAYS"] = str(KEPT_DAYS)
    environ = {"PATH": os.environ["PATH"], "DATABASE_URL": postgres.dsn, **settings}
    command = [sys.executable, "aggregator.py", "expire"]
    subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True)
    sealed, erased = query(
        postgres.dsn, "select (select count(*) from sealed_days), (select count(*) from tombstones)"
    )[0]
    scene.expect(sealed > 0 and erased >= ERASED, f"{sealed} days sealed, {erased} erased")
    server = _serve(scene, postgres, folder, {**settings, "RUN_JOBS": "false"})
    _send(scene, server, late)
    server.stop()
    waiting = query(postgres.dsn, "select count(*) from outbox")[0][0]
    scene.expect(waiting > 0, "nothing waits for the fold when the release ends")
    return int(query(postgres.dsn, "select count(*) from events")[0][0])


def _serve(scene: Scene, postgres: Postgres, folder: Path, settings: dict[str, str]) -> Server:
    server = Server(postgres.dsn, root=folder, log=scene.folder / "server.log", **settings)  # type: ignore[arg-type]
    scene.at_end(server.stop)
    return server.wait()


def _requests(seed: int) -> Iterator[Request]:
    """Late, repeated and wrong items among them, and crashes between."""
    parameters = Parameters(datetime.now(UTC), people=PEOPLE, days=DAYS, events=EVENTS, seed=seed)
    trouble = Trouble(
        seed=seed, late=0.1, late_days=40.0, wrong=0.1, tester_ids=tuple(TESTERS.split(","))
    )
    crashes = list(desktop_crashes(parameters))
    for number, items in enumerate(troubled(desktop_events(parameters), trouble)):
        yield Request("/track", {"events": items}, len(items))
        for crash in crashes[number::200]:
            yield Request("/crash", crash, 1)


def _send(scene: Scene, server: Server, requests: list[Request]) -> None:
    totals = send(server.url, requests)
    scene.expect(not totals.refused and not totals.unsent, f"not all was taken: {totals.line()}")


def _compare(scene: Scene, postgres: Postgres, server: Server, what: str) -> None:
    database = Database(postgres.dsn, 2)
    try:
        _fold(database)
        scene.expect(is_folded(postgres.dsn), f"not folded after {FOLD_SECONDS:.0f} s")
        check_recount(scene.tally, postgres.dsn)
        filters = query(postgres.dsn, "select dim, value from facets order by dim, value")
        before = _answers(server, filters)
        people = sum(answer["summary"]["new_users"] for answer in before.values())
        scene.expect(len(filters) > 20 and people > 0, f"{what}: {len(filters)} facets, {people}")
        recount.rebuild(database, Apps(database, KEPT_DAYS))
        after = _answers(server, filters)
    finally:
        database.close()
    different = [path for path, answer in before.items() if answer != after[path]]
    scene.expect(not different, f"{what}: other numbers once rebuilt: {different[:3]}")
    scene.note(
        f"{what}: {len(before):,} answers under {len(filters)} filters, {len(different)} of them "
        "other than after a rebuild"
    )


def _answers(server: Server, filters: list[tuple[str, str]]) -> dict[str, Any]:
    """By its address, every number of /stats under each filter and none, for each period."""
    answers: dict[str, Any] = {}
    client = Client([server.port], 0)
    for period in PERIODS:
        for dim, value in [("", ""), *filters]:
            asked = {"app": "desktop", "period": period, "include": FAMILIES}
            if dim:
                asked["filter"] = f"{FIELDS[dim]}:is:{value}"
            path = f"/stats?{urlencode(asked)}"
            answer = client.ask("GET", path, None, LOGIN)
            if answer.status != 200:
                raise RuntimeError(f"{path} answers {answer.status} {answer.body}")
            answers[path] = {key: each for key, each in answer.body.items() if key not in OF_NOW}
    client.close()
    return answers


def _fold(database: Database) -> None:
    fold.fold(database, Apps(database, 2 * DAYS), PersonKey(database, ""))


def extract(release: str, folder: Path) -> None:
    """The code of a commit, from the git history."""
    archive = folder.with_suffix(".tar")
    made = subprocess.run(
        ["git", "archive", f"--output={archive}", release], cwd=ROOT, capture_output=True
    )
    if made.returncode != 0:
        raise CannotRun("An earlier release is taken from the git history, and there is none here.")
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")
    archive.unlink()


def _migrate(postgres: Postgres) -> None:
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "migrate"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": postgres.dsn,
            "EXCLUDED_USER_IDS": TESTERS,
        },
        check=True,
        capture_output=True,
    )


def _migrations(postgres: Postgres) -> int:
    return int(query(postgres.dsn, "select count(*) from schema_migrations")[0][0])
