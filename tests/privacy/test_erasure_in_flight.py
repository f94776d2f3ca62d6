"""What is on its way while its person is erased, or comes later, is not kept."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import psycopg2
import pytest

from database import sql
from tests.privacy.erased import AUTH, GONE, OTHER, fill, traces
from tests.rollup_tables import (
    differences,
    event_row,
    fold_all,
    midday,
    sums,
    value,
    values,
)
from tests.support import crash, event


def test_an_old_client_s_queue_is_answered_well_and_stored_nowhere(client, services, database, now):
    fill(services, now)
    client.delete(f"/users/{GONE}", auth=AUTH)
    before = sums(database)
    queue = [
        event(user_id=str(GONE), timestamp=midday(now, days).isoformat(), id=f"q{days}")
        for days in range(1, 30)
    ]
    mixed = [*queue, event(user_id=str(OTHER), timestamp=midday(now, 1).isoformat())]
    answer = client.post("/track", json={"events": mixed})
    assert answer.status_code == 200
    assert answer.json["events_stored"] == 1
    assert answer.json["rejected"] == []
    late = crash(user_id=str(GONE), timestamp=midday(now, 2).isoformat())
    assert client.post("/crash", json=late).status_code == 200
    fold_all(services)
    assert traces(database, GONE) == []
    assert value(database, "select count(*) from events") == 1
    assert sums(database) != before
    assert differences(services) == {}


def test_what_is_dated_a_day_after_the_erasure_is_a_new_person(
    app, client, services, database, now
):
    """Not before: a client whose clock is fast has a queue that is dated up to a day ahead."""
    fill(services, now)
    client.delete(f"/users/{GONE}", auth=AUTH)
    app.config["NOW"] = lambda: now + timedelta(hours=25)

    def sent(hours):
        after = event(user_id=str(GONE), timestamp=(now + timedelta(hours=hours)).isoformat())
        return client.post("/track", json={"events": [after]}).json["events_stored"]

    assert [sent(hours) for hours in (1, 2, 23.9, 24.1)] == [0, 0, 0, 1]
    fold_all(services)
    assert value(database, "select sum(people) from lifetimes") == 2
    day = (now + timedelta(hours=24.1)).date()
    assert values(database, "select first_day, last_day, events from users") == [(day, day, 1)]
    assert differences(services) == {}


@pytest.fixture
def in_flight(dsn, services):
    """An append that is inside its statement's transaction: stored, not committed yet."""
    connection = psycopg2.connect(dsn)

    def start(kind, rows):
        document = msgspec.json.encode(rows).decode()
        with connection.cursor() as cursor:
            cursor.execute(
                sql(f"storage/append_{kind}"),
                {"rows": document, "count": len(rows), "person_digest": services.key.digest()},
            )
        return connection.commit

    yield start
    connection.close()


@pytest.mark.parametrize("only_app", [None, "desktop"])
def test_an_append_that_commits_while_its_person_is_erased_leaves_nothing(
    only_app, client, services, database, now, in_flight
):
    fill(services, now)
    fold_all(services)
    before = sums(database)
    rows = [event_row(GONE, midday(now, 2)), event_row(OTHER, midday(now, 2))]
    commit = in_flight("events", rows)
    where = {"app": only_app} if only_app else {}
    assert client.delete(f"/users/{GONE}", auth=AUTH, query_string=where).status_code == 200
    assert sums(database) == before
    commit()
    assert "events" in traces(database, GONE)
    fold_all(services)
    assert traces(database, GONE) == []
    assert values(database, "select user_id, events from users") == [(OTHER, 1)]
    assert differences(services) == {}


def test_a_bot_s_append_in_flight_leaves_no_content_image_or_id(
    client, services, database, now, in_flight
):
    bot = services.apps.default("bot")
    assert bot is not None
    rows = [
        {
            "position": position,
            "app_id": bot.app_id,
            "user_id": str(user),
            "timestamp": midday(now, 1).isoformat(),
            "dedupe_key": 7 + position,
            "event": "image_generated",
            "properties": None,
            "external_id": f"{user}-outside",
            "message": "hello",
            "prompt": None,
            "negative_prompt": None,
            "source_url": "https://example.org/a.png",
            "data": None,
        }
        for position, user in enumerate((GONE, OTHER))
    ]
    commit = in_flight("bot", rows)
    client.delete(f"/users/{GONE}", auth=AUTH)
    commit()
    assert {"contents", "images", "external_ids"} <= set(traces(database, GONE))
    fold_all(services)
    assert traces(database, GONE) == []
    for table in ("events", "contents", "images", "external_ids"):
        assert values(database, f"select user_id from {table}") == [(OTHER,)]
    assert value(database, "select count(*) from image_deletions") == 1
