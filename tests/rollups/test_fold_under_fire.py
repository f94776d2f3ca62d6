"""Exactly once: eight threads append, folding processes are killed at any moment, and in the end the
rollups are a recount of what was acknowledged."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

from database import Database
from stories.config import ROOT
from stories.intake.adapters.sentry_sessions import SessionUpdate
from stories.storage.append import Appender
from stories.web.services import Services
from tests.rollup_tables import (
    crash_row,
    differences,
    event_row,
    fold_until_empty,
    midday,
    person,
    value,
    values,
)

KILLS = 24

# Keeps two processes folding and kills one of them again and again. Forked, so that none of the time
# goes into starting Python; a byte of shared memory says whether the killed one was inside a slice.
FIRE = """
import mmap, os, random, signal, sys, time
from stories.rollups import fold
from stories.apps import Apps
from database import Database, Inline, Unavailable
from stories.privacy.person_keys import PersonKey

dsn, kills = sys.argv[1], int(sys.argv[2])
inside = mmap.mmap(-1, 2)
rng = random.Random(5)

def work(place, seed):
    database, own = Database(dsn, 2), random.Random(seed)
    apps, key = Apps(database, 365), PersonKey(database, "")
    while True:
        inside[place] = 1
        try:
            taken = fold.fold_slice(database, apps, key, own.choice((1, 50, 2_000, 20_000)))
        except Unavailable:
            taken = 0
        inside[place] = 0
        if not taken:
            time.sleep(0.002)

def start(place, seed):
    inside[place] = 0
    child = os.fork()
    if child == 0:
        try:
            work(place, seed)
        finally:
            os._exit(1)
    return child

children, caught = [start(0, 0), start(1, 1)], 0
for number in range(kills):
    time.sleep(rng.uniform(0.02, 0.15))
    place = rng.randrange(2)
    os.kill(children[place], signal.SIGKILL)
    _, status = os.waitpid(children[place], 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    caught += inside[place]
    children[place] = start(place, number + 2)
# On a busy machine none may have come to its end yet: the last ones are given the time.
database = Database(dsn, 1)
while True:
    with database.transaction() as tx:
        if tx.value(Inline("/* fire */ select exists (select from daily_events)")):
            break
    time.sleep(0.05)
for child in children:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
print(caught)
"""


class Sender(threading.Thread):
    """Appends until told to stop: new events, late ones, crashes, and what was sent already."""

    def __init__(self, services: Services, seed: int, now: Any, stop: threading.Event) -> None:
        super().__init__()
        self.services, self.rng, self.now, self.stop = services, random.Random(seed), now, stop
        self.stored = {"events": 0, "crashes": 0}
        self.repeated = 0
        self.sessions = Appender(services.database, services.key, "sessions")  # a worker's own
        self.worst: dict[UUID, int] = {}  # of the sessions of SDKs that were acknowledged
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            sent: list[Any] = []
            while not self.stop.wait(0.01):
                rows = [self.row() for _ in range(self.rng.choice((1, 10, 40)))]
                repeats = self.rng.sample(sent, min(len(sent), 5))
                outcome = self.services.events.append(rows + repeats)
                self.stored["events"] += outcome.stored
                self.repeated += outcome.duplicates
                sent = rows
                self.append_sessions()
                if self.rng.random() < 0.2:
                    crash = crash_row(person(self.rng.randrange(200)), self.when())
                    self.stored["crashes"] += self.services.crashes.append([crash]).stored
        except Exception as error:  # the test's own thread tells of it
            self.failure = error

    def append_sessions(self) -> None:
        """Of forty sessions that all threads share, some state, and of one twice."""
        started = midday(self.now, 1)
        updates = [
            SessionUpdate(1, UUID(int=n), started, f"1.{n % 3}", self.rng.randrange(6))
            for n in self.rng.choices(range(40), k=3)
        ]
        self.sessions.append(updates)
        for each in updates:
            self.worst[each.sid] = max(each.status, self.worst.get(each.sid, 0))

    def when(self) -> Any:
        return self.now - timedelta(minutes=self.rng.randrange(12 * 24 * 60))

    def row(self) -> Any:
        return event_row(
            person(self.rng.randrange(200)),
            self.when(),
            self.rng.choice(("app_opened", "recording_completed", "feature_toggled")),
            country=self.rng.choice((None, "DE", "US")),
            session_id=self.rng.choice((None, f"s{self.rng.randrange(50)}")),
            properties={
                "feature": "auto_paste",
                "enabled": self.rng.random() < 0.5,
                "source": "widget",
                "cost_usd": 0.1,
            },
        )


def test_what_was_acknowledged_is_counted_once_however_folds_are_killed(
    services: Services, database: Database, now: Any
) -> None:
    stop = threading.Event()
    senders = [Sender(services, seed, midday(now, 0), stop) for seed in range(8)]
    for sender in senders:
        sender.start()
    try:
        fire = subprocess.run(
            [sys.executable, "-c", FIRE, database.dsn, str(KILLS)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        stop.set()
        for sender in senders:
            sender.join(20)
    assert fire.returncode == 0, fire.stderr
    assert int(fire.stdout) >= KILLS / 3  # killed in the middle of a slice
    assert [sender.failure for sender in senders] == [None] * 8
    folded_before = value(
        database, "select coalesce(sum(n), 0) from daily_events where dim = 'none'"
    )
    fold_until_empty(services)

    stored = {
        kind: sum(sender.stored[kind] for sender in senders) for kind in ("events", "crashes")
    }
    assert 0 < folded_before <= stored["events"]
    assert sum(sender.repeated for sender in senders) > 0
    assert values(
        database,
        """select (select sum(n) from daily_events where dim = 'none'),
                  (select sum(n) from daily_crashes where dim = 'none'),
                  (select sum(events) from users), (select sum(crashes) from person_days),
                  (select sum(events) from sessions), (select count(*) from events),
                  (select count(*) from outbox)""",
    ) == [
        (
            stored["events"],
            stored["crashes"],
            stored["events"],
            stored["crashes"],
            stored["events"],
            stored["events"],
            0,
        )
    ]
    worst: dict[UUID, int] = {}
    for sender in senders:
        for sid, status in sender.worst.items():
            worst[sid] = max(status, worst.get(sid, 0))
    ranks = list(worst.values())
    assert values(
        database,
        "select sum(sessions), sum(errored), sum(unhandled), sum(abnormal), sum(crashed) "
        "from session_days",
    ) == [(len(ranks), *(ranks.count(rank) for rank in (2, 3, 4, 5)))]
    assert differences(services) == {}
