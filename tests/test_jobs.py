"""Jobs that run by themselves: claimed by one worker, told once when they fail, tried again; and how
fresh an answer is."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

import aggregator
from aggregator import Job, JobContext, Ticker
from database import Unavailable
from stories import logs
from stories.rollups import fold
from stories.storage import expiry
from stories.web import health
from stories.web import services as web_services
from stories.web.services import Services
from tests.rollup_tables import event_row, fold_all, midday, person, run, value, values
from tests.support import event

AUTH = ("admin", "admin")


@pytest.fixture
def context(services: Services) -> JobContext:
    return JobContext(services.config, services.database, services.apps, services.key)


def daily(work, name="nightly"):
    return Job(name, "a job of the tests", 24, lambda context: work())


def jobs(database):
    return values(database, "select name, last_error from jobs order by name")


def test_a_daily_job_is_run_by_one_of_several_workers(context, database):
    ran, start, failures = [], threading.Barrier(6), []

    def worker():
        try:
            start.wait(10)
            aggregator.run_due(context, daily(lambda: ran.append(1)))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=worker) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failures == []
    assert ran == [1]
    aggregator.run_due(context, daily(lambda: ran.append(1)))
    assert ran == [1]
    run(database, "update jobs set started_at = now() - interval '25 hours'")
    aggregator.run_due(context, daily(lambda: ran.append(1)))
    assert ran == [1, 1]


def test_a_row_says_how_the_last_run_went(context, database):
    def fail():
        raise Unavailable("no room")

    aggregator.run(daily(lambda: None), context)
    state = (
        "select last_error, error_at is null, seconds >= 0, started_at > now() - '1 min'::interval"
    )
    assert values(database, f"{state} from jobs") == [(None, True, True, True)]
    with pytest.raises(Unavailable):
        aggregator.run(daily(fail), context)
    assert values(database, f"{state} from jobs") == [("Unavailable: no room", False, True, True)]
    aggregator.run(daily(lambda: None), context)
    assert values(database, f"{state} from jobs") == [("Unavailable: no room", False, True, True)]


def test_a_daily_job_that_failed_is_tried_again_the_same_day(context, database):
    runs = []

    def fail():
        runs.append(1)
        raise Unavailable("no room")

    with pytest.raises(Unavailable):
        aggregator.run_due(context, daily(fail))
    aggregator.run_due(context, daily(fail))
    assert runs == [1]
    run(
        database,
        "update jobs set started_at = started_at - interval '1 hour', "
        "error_at = error_at - interval '1 hour'",
    )
    aggregator.run_due(context, daily(lambda: runs.append(2)))
    assert runs == [1, 2]
    run(database, "update jobs set started_at = started_at - interval '1 hour'")
    aggregator.run_due(context, daily(lambda: runs.append(3)))
    assert runs == [1, 2]


@pytest.fixture
def ticker(context, monkeypatch) -> Iterator[Ticker]:
    monkeypatch.setattr(aggregator, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(aggregator, "FEW_SECONDS", 0)
    made = Ticker(context)
    yield made
    made.stop()
    if made.ident is not None:
        made.join(10)
        assert not made.is_alive()


def until(met):
    """Waits for a condition that another thread brings about; fails after ten seconds."""
    for _ in range(1000):
        if met():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not happen")


def test_a_worker_folds_by_itself(ticker, services, database, now):
    ticker.start()
    for number in range(3):
        services.events.append([event_row(person(number), midday(now, 1))])
        until(lambda: not value(database, "select count(*) from outbox"))
        until(lambda n=number: value(database, "select count(*) from users") == n + 1)
    until(lambda: jobs(database) == [("fold", None)])


def test_a_failing_fold_is_told_once_and_tried_again(
    ticker, services, database, now, monkeypatch, caplog
):
    real, tries = fold.fold, []

    def broken(*arguments):
        tries.append(1)
        raise Unavailable("the disk is full")

    monkeypatch.setattr(fold, "fold", broken)
    services.events.append([event_row(person(1), midday(now, 1))])
    ticker.start()
    until(lambda: len(tries) > 5)
    told = [line for line in caplog.messages if "the disk is full" in line]
    assert len(told) == 1
    assert jobs(database) == [("fold", "Unavailable: the disk is full")]
    monkeypatch.setattr(fold, "fold", real)
    until(lambda: value(database, "select count(*) from users") == 1)

    monkeypatch.setattr(fold, "fold", broken)
    services.events.append([event_row(person(2), midday(now, 1))])
    until(lambda: len([line for line in caplog.messages if "the disk is full" in line]) == 2)


def test_one_that_fails_hides_no_other(context, database, monkeypatch, caplog):
    """A fold that goes well must not make a failing write of counts news again every second."""
    written = []

    def extra():
        written.append(1)
        raise Unavailable("no ledger")

    due = []
    monkeypatch.setattr(aggregator, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(aggregator, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(
        aggregator,
        "JOBS",
        (aggregator.JOBS[0], daily(extra, "first"), daily(lambda: due.append(1), "second")),
    )
    made = Ticker(context, extra=extra)
    made._guarded("fold", made._tick)
    caplog.set_level(logging.ERROR)
    made.start()
    until(lambda: len(written) > 5 and due)
    made.stop()
    made.join(10)
    lines = [line.split()[0] for line in caplog.messages if "no ledger" in line]
    assert sorted(lines) == ["extra", "first"]
    assert due == [1]
    assert ("first", "Unavailable: no ledger") in jobs(database)


def test_a_few_events_wait_for_more_and_a_reader_does_not_wait(context, services, database, now):
    """Five seconds at most; each fold costs what some hundred events do."""
    services.events.append([event_row(person(1), midday(now, 1))])
    Ticker(context)._tick()
    assert value(database, "select count(*) from outbox") == 1
    services.freshen()
    assert value(database, "select count(*) from outbox") == 0
    services.events.append([event_row(person(1), midday(now, 2))])
    run(database, "update outbox set received_at = received_at - interval '5 seconds'")
    Ticker(context)._tick()
    assert value(database, "select count(*) from outbox") == 0


def test_a_reader_waits_for_another_fold_of_a_few_events(services, database, monkeypatch, now):
    services.events.append([event_row(person(1), midday(now, 1))])
    with database.transaction(seconds=20) as other:
        fold.wait_for_lock(other)
        monkeypatch.setattr(web_services, "FOLD_WAIT", 0.1)
        services.freshen()  # the other one takes too long: the answer is a little old
        assert value(database, "select count(*) from outbox") == 1
        monkeypatch.setattr(web_services, "FOLD_WAIT", 60.0)
        reader = threading.Thread(target=services.freshen)
        reader.start()
        reader.join(0.3)
        assert reader.is_alive()
    reader.join(20)
    assert value(database, "select count(*) from outbox") == 0


def test_many_events_are_folded_at_the_next_tick(context, services, database, now):
    for _ in range(2):
        Ticker(context)._tick()
        assert value(database, "select count(*) from users") == 0
        services.events.append([event_row(person(n), midday(now, 1)) for n in range(250)])
    Ticker(context)._tick()
    assert value(database, "select count(*) from outbox") == 0


def test_who_finds_another_worker_folding_leaves_its_row_alone(
    context, services, database, now, monkeypatch
):
    monkeypatch.setattr(aggregator, "FEW_SECONDS", 0)
    services.events.append([event_row(person(1), midday(now, 1))])
    with services.database.transaction() as tx:
        fold.wait_for_lock(tx)
        Ticker(context)._tick()
        assert jobs(database) == []
    Ticker(context)._tick()
    assert jobs(database) == [("fold", None)]


def test_health_tells_how_far_the_rollups_lag(client, services, database, now, monkeypatch):
    monkeypatch.setattr(health, "KEPT_SECONDS", 0)
    assert client.get("/health").json["rollup_lag_seconds"] == 0
    services.events.append([event_row(person(1), midday(now, 1))])
    run(database, "update outbox set received_at = now() - interval '90 seconds'")
    services.events.append([event_row(person(1), midday(now, 2))])
    assert 90 <= client.get("/health").json["rollup_lag_seconds"] < 200
    fold_all(services)
    assert client.get("/health").json["rollup_lag_seconds"] == 0


def test_a_read_sees_what_was_just_written(client):
    assert client.get("/stats?period=7d", auth=AUTH).json["summary"]["total_recordings"] == 0
    for number in range(1, 3):
        sent = event(event="recording_completed", properties={"duration_seconds": 1800})
        assert client.post("/track", json={"events": [sent]}).status_code == 200
        body = client.get("/stats?period=7d", auth=AUTH).json
        assert body["summary"]["total_recordings"] == number
        assert body["summary"]["total_hours_transcribed"] == number / 2


def test_a_read_does_not_wait_for_another_worker_s_fold(client, services, database, now):
    services.events.append([event_row(person(1), midday(now, 1))])
    with services.database.transaction() as tx:
        fold.wait_for_lock(tx)
        assert client.get("/stats?period=7d", auth=AUTH).status_code == 200
    assert value(database, "select count(*) from outbox") == 1


def test_every_job_that_runs_by_itself_works_on_an_empty_database(context, database):
    names = [job.name for job in aggregator.JOBS if job.every]
    assert {"partitions", "expire"} <= set(names)
    for job in aggregator.JOBS:
        if job.every:
            aggregator.run_due(context, job)
    assert jobs(database) == [(name, None) for name in sorted(names)]


def test_expiry_is_one_of_the_daily_jobs(context, monkeypatch):
    called = []

    def expired(*arguments):
        called.append(arguments[3])
        return {}

    monkeypatch.setattr(expiry, "expire", expired)
    aggregator.run_due(context, next(job for job in aggregator.JOBS if job.name == "expire"))
    assert len(called) == 1
    assert called[0].tzinfo is not None


@pytest.mark.dates
def test_expiry_deletes_nothing_while_the_clock_has_jumped(context, client, auth, monkeypatch):
    called = []

    def expired(*arguments):
        called.append(arguments[3])
        return {}

    monkeypatch.setattr(expiry, "expire", expired)

    class Jumped(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.now(zone) + timedelta(days=40)

    [job] = [job for job in aggregator.JOBS if job.name == "expire"]
    with monkeypatch.context() as patch:
        patch.setattr(expiry, "datetime", Jumped)
        with pytest.raises(expiry.ClockOff, match="nothing deleted"):
            aggregator.run(job, context)
        answer = client.post("/cleanup", headers=auth)
        assert (answer.status_code, answer.json["code"]) == (503, "clock_off")
    assert called == []
    aggregator.run(job, context)
    assert len(called) == 1


def test_a_job_from_cron_logs_in_the_format_that_is_set(dsn, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.setenv("LOG_LEVEL", "error")
    monkeypatch.setenv("LOG_FORMAT", "json")
    asked = []
    monkeypatch.setattr(logs, "configure", lambda *chosen: asked.append(chosen))
    assert aggregator.main(["fold"]) == 0
    assert asked == [("error", "json")]
