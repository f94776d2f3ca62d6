"""Answers that read the events: one at a time, ended by their id or when their time is up."""

from __future__ import annotations

import threading
import time
from uuid import UUID, uuid4

import pytest

from database import Inline
from stories.catalogue import Segment
from stories.errors import ApiError
from stories.web import asking as module
from stories.web.asking import asking
from stories.web.filters import asked_filter
from tests.rollup_tables import value, values
from tests.web.accounts import OWNER

SLEEP = Inline("/* test */ select pg_sleep(%(seconds)s)")


class Asked(threading.Thread):
    """A question that takes so many seconds, in a thread of its own."""

    def __init__(self, app, seconds, question_id=None, limit=20.0):
        super().__init__()
        self.error = None
        self._app, self._seconds, self._limit = app, seconds, limit
        self._query = {} if question_id is None else {"question_id": str(question_id)}
        self.start()

    def run(self):
        with self._app.test_request_context("/", query_string=self._query):
            try:
                with asking(self._limit) as tx:
                    tx.rows(SLEEP, seconds=self._seconds)
            except ApiError as error:
                self.error = error

    def outcome(self):
        self.join(30)
        assert not self.is_alive()
        return self.error and (self.error.status, self.error.code)


def wait_until_running(services, statement, count=1):
    for _ in range(200):
        rows = values(
            services.database,
            "select from pg_stat_activity where query like %(like)s and state = 'active' "
            "and application_name like 'stories question%%'",
            like=f"/* {statement} */%",
        )
        if len(rows) >= count:
            return
        time.sleep(0.05)
    raise AssertionError("it does not run")


def test_a_question_is_ended_by_its_id(app, services, client):
    name = uuid4()
    asked = Asked(app, 15, name)
    wait_until_running(services, "test")
    answer = client.delete(f"/questions/{name}", headers=OWNER)
    assert (answer.status_code, answer.json["ended"]) == (200, True)
    assert asked.outcome() == (409, "cancelled")
    assert client.delete(f"/questions/{name}", headers=OWNER).json["ended"] is False


def test_a_question_that_waits_for_its_turn_can_be_ended_too(app, services, client):
    first, second = uuid4(), uuid4()
    running = Asked(app, 15, first)
    wait_until_running(services, "test")
    waiting = Asked(app, 15, second)
    wait_until_running(services, "operation/take_turn")
    assert client.delete(f"/questions/{second}", headers=OWNER).json["ended"] is True
    assert waiting.outcome() == (409, "cancelled")
    assert running.is_alive()
    assert client.delete(f"/questions/{first}", headers=OWNER).json["ended"] is True
    assert running.outcome() == (409, "cancelled")


def test_an_id_that_is_no_question_s_ends_nothing(app, services, client):
    asked = Asked(app, 1, uuid4())
    wait_until_running(services, "test")
    assert client.delete(f"/questions/{uuid4()}", headers=OWNER).json["ended"] is False
    assert client.delete("/questions/x", headers=OWNER).status_code == 404
    assert asked.outcome() is None


def test_a_question_waits_for_the_one_before_it(app, services):
    asked = [Asked(app, 0.2, UUID(int=number)) for number in range(3)]
    assert [each.outcome() for each in asked] == [None, None, None]


def test_nobody_waits_long_for_a_turn(app, services, monkeypatch):
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.3)
    running = Asked(app, 3, uuid4())
    wait_until_running(services, "test")
    waiting = Asked(app, 0)
    assert waiting.outcome() == (503, "busy")
    assert waiting.error is not None
    assert waiting.error.retry_after
    assert running.outcome() is None


def test_a_question_whose_time_is_up_is_told_so(app):
    asked = Asked(app, 15, limit=0.3)
    assert asked.outcome() == (503, "too_slow")


def ask_slowly(app, query="/"):
    with app.test_request_context(query), asking(1.0) as tx:
        for _ in range(4):
            tx.rows(SLEEP, seconds=0.4)


def test_each_statement_has_what_is_left_of_the_time(app):
    with pytest.raises(ApiError, match="took longer"):
        ask_slowly(app)


def test_an_id_that_is_no_uuid_is_refused(app):
    with pytest.raises(ApiError, match="question_id"):
        ask_slowly(app, "/?question_id=x")


# Segments in a filter ----------------------------------------------------------------------------


def add_segment(services, filled_until, slug="desktop"):
    app_id = services.apps.by_slug(slug).app_id
    number = value(
        services.database,
        "insert into segments (app_id, place, name, filter, filled_until) values (%(app_id)s, 0, "
        "'New Macs', '[\"version:gte:1.2\", \"platform_family:is:macOS\"]', %(until)s) "
        "returning segment_id",
        app_id=app_id,
        until=filled_until,
    )
    services.apps.forget()
    return number


def filter_of(app, services, query, slug="desktop"):
    with app.test_request_context(f"/?{query}"):
        return asked_filter(services.apps.by_slug(slug))


def test_the_conditions_of_a_segment_join_the_others(app, services):
    number = add_segment(services, "infinity")
    alone = filter_of(app, services, f"segment={number}")
    assert alone.dimension == ("segment", str(number))
    assert alone.conditions.texts == ["version:gte:1.2", "platform_family:is:macOS"]
    joined = filter_of(app, services, f"segment={number}&country=DE")
    assert joined.dimension is None
    assert joined.conditions.texts == ["country:is:DE", *alone.conditions.texts]


def test_a_segment_that_is_not_filled_is_read_from_the_events(app, services):
    number = add_segment(services, "2026-01-01")
    assert filter_of(app, services, f"segment={number}").dimension is None


def test_a_segment_made_by_another_worker_is_looked_up(app, services, monkeypatch):
    services.apps.read_now()  # a moment ago
    monkeypatch.setattr(services.apps, "forget", lambda: None)
    number = add_segment(services, "infinity")
    monkeypatch.undo()
    found = services.apps.segment(services.apps.by_slug("desktop"), number)
    assert found == Segment(
        number, 0, "New Macs", ("version:gte:1.2", "platform_family:is:macOS"), True
    )


@pytest.mark.parametrize("text", ["x", "999", "-1"])
def test_a_segment_that_the_app_does_not_have_is_refused(app, services, text):
    with pytest.raises(ApiError, match="segment"):
        filter_of(app, services, f"segment={text}")


def test_a_segment_of_another_app_is_refused(app, services):
    number = add_segment(services, "infinity", "website")
    with pytest.raises(ApiError, match="segment"):
        filter_of(app, services, f"segment={number}")
