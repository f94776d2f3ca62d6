"""The drop ledger: what is not stored is counted, by day, app and reason, and only counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Thread

import pytest

import aggregator
from aggregator import JobContext, WorkerJobs
from database import Inline, Unavailable
from stories.storage.drop_ledger import Ledger
from tests.rollup_tables import event_row, midday, person, value
from tests.support import basic, crash, event

AUTH = basic("admin", "admin")
AT = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
LATER = datetime(2026, 11, 21, 0, 1, tzinfo=UTC)


def rows(database):
    with database.transaction() as tx:
        found = tx.rows(
            Inline("/* test */ select day, app_id, reason, n from drops order by 1, 2, 3")
        )
    return [(str(row["day"]), row["app_id"], row["reason"], row["n"]) for row in found]


def test_counts_add_up_by_day_app_and_reason(database):
    one, other = Ledger(database), Ledger(database)
    for ledger in (one, other):
        ledger.add(AT, 1, "no_consent")
        ledger.add(AT, 1, "no_consent", 2)
        ledger.add(LATER, 1, "crawler")
        ledger.add(LATER, 2, "crawler", 5)
        ledger.write()
        ledger.write()  # nothing is written twice
    assert rows(database) == [
        ("2026-11-20", 1, "no_consent", 6),
        ("2026-11-21", 1, "crawler", 2),
        ("2026-11-21", 2, "crawler", 10),
    ]


def test_a_count_is_kept_while_the_database_is_away(database, monkeypatch):
    ledger = Ledger(database)
    ledger.add(AT, 1, "crawler", 3)

    def away(*args, **options):
        raise Unavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(database, "transaction", away)
        with pytest.raises(Unavailable):
            ledger.write()
    ledger.add(AT, 1, "crawler")
    ledger.write()
    assert rows(database) == [("2026-11-20", 1, "crawler", 4)]


def test_threads_lose_no_count(database):
    ledger = Ledger(database)

    def count():
        for n in range(200):
            ledger.add(AT, 1, f"reason-{n % 3}")
            if n % 50 == 0:
                ledger.write()

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.write()
    assert sum(row[3] for row in rows(database)) == 800


def test_a_refused_event_is_in_the_ledger_by_its_code(client):
    client.post("/track", json={"events": [event(), event(event="nope"), event(country="USA"), 7]})
    client.post("/track", json={"events": [event(event="nope")]})
    drops = client.get("/drops", headers=AUTH).json["drops"]
    assert {(row["app"], row["reason"], row["n"]) for row in drops} == {
        ("desktop", "unknown_event", 2),
        ("desktop", "invalid_country", 1),
        ("desktop", "not_an_object", 1),
    }
    assert client.get("/drops?app=bot", headers=AUTH).json["drops"] == []
    assert client.get("/drops?days=0", headers=AUTH).status_code == 400
    assert client.get("/drops").status_code == 401


def test_a_crash_that_is_refused_is_in_it(client, services, database):
    assert client.post("/crash", json=crash(crash_type="unheard of")).status_code == 400
    services.ledger.write()
    assert [row[1:] for row in rows(database)] == [(1, "invalid_crash_type", 1)]


def worker_jobs(services):
    context = JobContext(services.config, services.database, services.apps, services.key)
    return WorkerJobs(context, every_tick=services.ledger.write)


def test_a_worker_whose_jobs_are_off_still_writes_it_and_folds_nothing(
    services, database, monkeypatch, now
):
    monkeypatch.setattr(aggregator, "TICK_SECONDS", 0.01)
    assert not services.config.run_jobs
    services.events.append([event_row(person(1), midday(now, 1))])
    jobs = worker_jobs(services)
    for n in (1, 2):  # the second time a whole tick has gone by
        services.ledger.add(AT, n, "crawler")
        for _ in range(1000):
            if len(rows(database)) == n:
                break
            Event().wait(0.01)
    jobs.stop()
    jobs.ticker.join(10)
    assert rows(database) == [("2026-11-20", 1, "crawler", 1), ("2026-11-20", 2, "crawler", 1)]
    assert value(database, "select count(*) from outbox") == 1
    assert jobs.uploader is None


@pytest.mark.parametrize("run_jobs", [True, False])
def test_a_stopping_worker_writes_its_last_counts(services, database, run_jobs):
    services.config = replace(services.config, run_jobs=run_jobs)
    jobs = worker_jobs(services)
    services.ledger.add(AT, 1, "crawler")
    jobs.stop()
    jobs.ticker.join(10)
    assert rows(database) == [("2026-11-20", 1, "crawler", 1)]
