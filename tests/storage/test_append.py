"""The append: merged, split, repeated and given up as append.py says."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from database import Conflict, Inline, NoPartition, Unavailable
from models import EventRow
from stories.intake import items
from stories.storage import append, partitions
from tests.support import PERSON, event

COUNT = Inline("/* test */ select count(*) from events")
PENDING = Inline("/* test */ select coalesce(sum(n), 0)::int from outbox")


@pytest.fixture
def row(services, now):
    """Makes good rows; `n` is the dedupe key."""
    app_id = services.apps.default("desktop").app_id

    def make(n, **changes):
        values = {
            "app_id": app_id,
            "user_id": UUID(PERSON),
            "timestamp": now,
            "dedupe_key": n,
            "event": "app_opened",
            "app_version": None,
            "platform": None,
            "country": None,
            "session_id": None,
            "properties": None,
        }
        return EventRow(**{**values, **changes})

    return make


def ask(database, question):
    with database.transaction() as tx:
        return tx.value(question)


@pytest.fixture
def statements(services, monkeypatch):
    """How many rows each statement that was run held."""
    sizes = []
    run = append.Appender._run

    def counted(self, rows):
        sizes.append(len(rows))
        return run(self, rows)

    monkeypatch.setattr(append.Appender, "_run", counted)
    return sizes


def at_once(calls):
    """Runs the calls in threads; their results or errors, in order."""
    results: list[Any] = [None] * len(calls)

    def one(place, call):
        try:
            results[place] = call()
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=one, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@contextmanager
def busy(appender):
    """As if a commit were under way, so that what comes meanwhile waits in the queue."""
    appender._busy = True
    try:
        yield
    finally:
        appender._hand_over()


def merged(appender, batches):
    """Appends batches from threads that have all queued up before the first of them runs."""
    with busy(appender):
        results = []
        thread = threading.Thread(
            target=lambda: results.extend(
                at_once([lambda rows=rows: appender.append(rows) for rows in batches])
            )
        )
        thread.start()
        deadline = time.monotonic() + 10
        while len(appender._waiting) < len(batches) and time.monotonic() < deadline:
            time.sleep(0.001)
        assert len(appender._waiting) == len(batches)
    thread.join(60)
    return results


def test_nothing_costs_nothing(services, statements):
    outcome = services.events.append([])
    assert (outcome.stored, outcome.duplicates, outcome.refused) == (0, 0, {})
    assert statements == []


def test_what_is_stored_is_named_in_the_outbox_and_a_repeat_is_not(services, row):
    rows = [row(n) for n in range(5)]
    assert services.events.append(rows).stored == 5
    assert services.events.append(rows).duplicates == 5
    assert ask(services.database, COUNT) == 5
    assert ask(services.database, PENDING) == 5


def test_requests_that_wait_together_are_one_statement_and_each_gets_its_own_answer(
    services, row, statements
):
    services.events.append([row(0)])
    statements.clear()
    batches = [[row(0), row(1)], [row(2), row(3), row(4)], [row(5)]]
    outcomes = merged(services.events, batches)
    assert statements == [6]
    assert [(one.stored, one.duplicates) for one in outcomes] == [(1, 1), (3, 0), (1, 0)]
    assert ask(services.database, COUNT) == 6
    assert ask(services.database, PENDING) == 6


def test_the_same_event_in_two_requests_that_are_merged_is_stored_once(services, row, statements):
    outcomes = merged(services.events, [[row(1), row(2)], [row(2), row(3)]])
    assert statements == [4]
    assert sum(one.stored for one in outcomes) == 3
    assert sum(one.duplicates for one in outcomes) == 1
    assert ask(services.database, COUNT) == 3


def test_a_statement_does_not_grow_without_limit(services, row, statements, monkeypatch):
    monkeypatch.setattr(append, "MERGE_ROWS", 4)
    batches = [[row(10 * n + m) for m in range(3)] for n in range(3)]
    outcomes = merged(services.events, [*batches, [row(90)], [row(n) for n in range(100, 110)]])
    assert [one.stored for one in outcomes] == [3, 3, 3, 1, 10]
    assert sum(statements) == 20
    assert max(statements) == 10
    assert len(statements) >= 4


def test_a_row_that_postgresql_refuses_fails_alone(services, row):
    rows = [row(n) for n in range(9)]
    rows[4] = row(4, properties={"text": "\0"})
    rows[7] = row(7, platform="\0")
    outcome = services.events.append(rows)
    assert outcome.stored == 7
    assert set(outcome.refused) == {4, 7}
    assert all("\n" not in why for why in outcome.refused.values())
    assert ask(services.database, COUNT) == 7
    assert ask(services.database, PENDING) == 7


def test_a_refused_row_takes_nobody_elses_request_down(services, row):
    outcomes = merged(services.events, [[row(1), row(2)], [row(3), row(4, event="\0")], [row(5)]])
    assert [one.stored for one in outcomes] == [2, 1, 1]
    assert [one.refused.keys() for one in outcomes] == [set(), {1}, set()]


def test_a_refused_row_is_told_to_its_sender_by_index(client, monkeypatch):
    monkeypatch.setattr(items, "POISON", b"this test lets it through")
    batch = [event(id="a"), event(id="b", properties={"text": "\0"}), event(id="c")]
    answer = client.post("/track", json={"events": batch})
    assert answer.status_code == 200
    assert answer.json["events_stored"] == 2
    [entry] = answer.json["rejected"]
    assert (entry["index"], entry["code"]) == (1, "not_storable")


def failing(appender, monkeypatch, *errors):
    """The next transactions fail with these, one each; returns how often one was begun."""
    begun = []
    real = appender._database.transaction

    @contextmanager
    def transaction(*args, **kwargs):
        begun.append(1)
        if len(begun) <= len(errors):
            raise errors[len(begun) - 1]
        with real(*args, **kwargs) as tx:
            yield tx

    monkeypatch.setattr(appender._database, "transaction", transaction)
    return begun


def test_a_lost_deadlock_is_tried_again(services, row, monkeypatch):
    services.key.digest()
    begun = failing(services.events, monkeypatch, Conflict("deadlock"), Conflict("deadlock"))
    assert services.events.append([row(1)]).stored == 1
    assert len(begun) == 3


def test_deadlocks_without_end_are_a_503(services, row, monkeypatch):
    services.key.digest()
    failing(services.events, monkeypatch, *[Conflict("deadlock")] * append.ATTEMPTS)
    with pytest.raises(Unavailable):
        services.events.append([row(1)])


def test_real_deadlocks_lose_nothing(services, row, monkeypatch):
    """Two appenders as two workers have them, both in a transaction that touches rows crosswise."""
    other = append.Appender(services.database, services.key, "events")
    people = [UUID(int=n) for n in range(1, 41)]
    batches = [[row(n, user_id=person) for n, person in enumerate(people)] for _ in range(8)]
    for number, batch in enumerate(batches):
        if number % 2:
            batch.reverse()
    calls = [
        lambda batch=batch, appender=appender: appender.append(batch)
        for batch, appender in zip(batches, [services.events, other] * 4, strict=True)
    ]
    outcomes = at_once(calls)
    assert sum(one.stored for one in outcomes) == 40
    assert sum(one.duplicates for one in outcomes) == 280


def test_a_missing_month_is_made_on_the_fly_once(services, row, monkeypatch):
    made = []
    monkeypatch.setattr(partitions, "ensure_for", lambda database, moments: made.append(moments))
    services.key.digest()
    failing(services.events, monkeypatch, NoPartition("no partition of relation"))
    assert services.events.append([row(1)]).stored == 1
    assert len(made) == 1


def test_a_month_that_cannot_be_made_refuses_its_rows_only(services, row, monkeypatch, now):
    monkeypatch.setattr(partitions, "ensure_for", lambda database, moments: 0)
    outcome = services.events.append([row(1), row(2, timestamp=now + timedelta(days=4000))])
    assert outcome.stored == 1
    assert outcome.refused.keys() == {1}


def test_unavailable_reaches_everybody_who_waited_and_leaves_the_queue_empty(
    services, row, monkeypatch
):
    services.key.digest()
    failing(services.events, monkeypatch, Unavailable("gone"))
    results = merged(services.events, [[row(1)], [row(2)], [row(3)]])
    assert all(isinstance(one, Unavailable) for one in results)
    assert services.events._waiting == []
    assert services.events.append([row(1)]).stored == 1


def test_an_error_that_nobody_thought_of_reaches_everybody_too(services, row, monkeypatch):
    services.key.digest()
    failing(services.events, monkeypatch, ZeroDivisionError())
    results = merged(services.events, [[row(1)], [row(2)]])
    assert [type(one) for one in results] == [ZeroDivisionError] * 2
    assert services.events.append([row(1)]).stored == 1


def test_who_waits_too_long_is_told_to_come_back_and_is_not_stored_behind_its_back(
    services, row, monkeypatch
):
    monkeypatch.setattr(append, "WAIT_SECONDS", 0.05)
    with busy(services.events), pytest.raises(Unavailable, match="too many requests are waiting"):
        services.events.append([row(1)])
    assert services.events.append([row(2)]).stored == 1
    assert ask(services.database, COUNT) == 1
