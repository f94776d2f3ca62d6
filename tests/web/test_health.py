"""However many ask /health, the database is asked once at a time and once a second."""

from __future__ import annotations

import threading
import time

import pytest

from database import Unavailable
from stories.web import health
from stories.web.health import HealthProbe


class Database:
    def __init__(self) -> None:
        self.pings = 0
        self.is_away = False
        self.answers = threading.Event()
        self.answers.set()

    def ping(self, name: str, seconds: float) -> float:
        self.pings += 1
        self.answers.wait(10)
        if self.is_away:
            raise Unavailable("away")
        return 1.5


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def probe(database) -> HealthProbe:
    return HealthProbe(database)


def test_the_answer_is_kept_for_a_second_and_then_asked_for_anew(probe, database, monkeypatch):
    assert [probe.rollup_lag() for _ in range(5)] == [1.5] * 5
    assert database.pings == 1
    monkeypatch.setattr(health, "KEPT_SECONDS", 0)
    probe._expires = 0
    assert probe.rollup_lag() == 1.5
    database.is_away = True
    assert probe.rollup_lag() is None
    assert database.pings == 3


def test_who_asks_meanwhile_waits_for_the_same_probe(probe, database):
    database.answers.clear()
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(probe.rollup_lag())) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    while database.pings == 0:
        time.sleep(0.001)
    database.answers.set()
    for thread in threads:
        thread.join(10)
    assert (answers, database.pings) == ([1.5] * 20, 1)


def test_the_kept_answer_is_given_while_it_is_fresh_and_the_database_is_there(probe, database):
    assert probe.kept_answer() is None
    probe.rollup_lag()
    probe.keep_answer(b"healthy")
    assert probe.kept_answer() == b"healthy"
    database.is_away = True
    probe._expires = 0
    assert probe.kept_answer() is None
    assert probe.rollup_lag() is None
    assert probe.kept_answer() is None
