"""Large bodies wait for each other, and work on many items lets other requests run."""

from __future__ import annotations

import gzip
import json
import threading

import gevent
import pytest

from stories.errors import ApiError
from stories.web import work
from stories.web.work import BYTES_AT_WORK, SMALL, TimeSlice, WorkBudget
from tests.support import event


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "WAIT_SECONDS", 0.01)


def busy(budget: WorkBudget, size: int) -> bool:
    """Whether a body of this size is refused, as it should be while others are worked on."""
    try:
        budget.give_back(budget.take(size))
    except ApiError as error:
        return (error.status, error.code, error.retry_after) == (503, "busy", 5)
    return False


@pytest.mark.usefixtures("_impatient")
def test_small_bodies_wait_for_nobody_and_large_ones_up_to_the_budget():
    budget = WorkBudget()
    taken = budget.take(BYTES_AT_WORK - SMALL - 1)
    assert not busy(budget, SMALL)
    assert not busy(budget, SMALL + 1)
    assert busy(budget, SMALL + 2)
    budget.give_back(taken)
    assert not busy(budget, SMALL + 2)


@pytest.mark.usefixtures("_impatient")
def test_a_body_larger_than_the_budget_is_worked_on_alone():
    budget = WorkBudget()
    taken = budget.take(10 * BYTES_AT_WORK)
    assert busy(budget, SMALL + 1)
    budget.give_back(taken)
    assert not busy(budget, 10 * BYTES_AT_WORK)


def test_bodies_are_worked_on_in_the_order_in_which_they_came():
    budget, done = WorkBudget(), []
    first = budget.take(BYTES_AT_WORK)

    def worker(size: int) -> None:
        taken = budget.take(size)
        done.append(size)
        budget.give_back(taken)

    threads = []
    for size in (10 * BYTES_AT_WORK, SMALL + 1):
        threads.append(threading.Thread(target=worker, args=(size,)))
        threads[-1].start()
        while len(budget._queue) < len(threads):
            pass
    budget.give_back(first)
    for thread in threads:
        thread.join(10)
    assert done == [10 * BYTES_AT_WORK, SMALL + 1]


def test_long_work_lets_others_run(monkeypatch):
    monkeypatch.setattr(work, "SLICE_SECONDS", 0)
    ran: list[str] = []
    gevent.spawn(lambda: ran.append("other"))
    TimeSlice().give_way()
    assert ran == ["other"]


def body_of(size: int) -> bytes:
    return json.dumps(
        {"events": [event(properties={"text": "x" * 8000})] * (size // 8000)}
    ).encode()


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_a_large_body_waits_before_it_is_parsed_and_is_worked_on_until_its_answer(
    client, services, headers
):
    large = body_of(400_000)
    sent = gzip.compress(large) if headers else large
    taken = services.work.take(BYTES_AT_WORK)
    refused = client.post("/track", data=sent, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (503, "busy")
    assert int(refused.headers["Retry-After"]) > 0
    assert client.post("/track", json={"events": [event()]}).status_code == 200
    services.work.give_back(taken)
    for data in (sent, sent, b"x" * 400_000):
        client.post("/track", data=data, headers=headers)
    assert services.work._at_work == 0
