"""Months of events and crashes appear by themselves, in time, and stop nobody."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from database import Inline
from stories.storage import partitions
from tests.support import crash, event

pytestmark = pytest.mark.dates


@pytest.fixture
def dsn(fresh_dsn):
    """Months are made here: not in the database that tests share."""
    return fresh_dsn


MONTHS = Inline("""
    /* test */ select child.relname as name from pg_inherits
    join pg_class as child on child.oid = inhrelid
    where inhparent = %(parent)s::regclass order by 1
""")


def months(database, parent="events"):
    with database.transaction() as tx:
        return [row["name"] for row in tx.rows(MONTHS, parent=parent)]


def name(moment, parent="events"):
    return f"{parent}_{moment:%Y_%m}"


def test_months_are_counted_from_first_to_last_day():
    assert partitions.months(date(2026, 11, 30), date(2027, 1, 1)) == [
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
    ]
    assert partitions.months(date(2026, 1, 31), date(2026, 1, 31)) == [date(2026, 1, 1)]


@pytest.mark.parametrize("parent", partitions.PARENTS)
def test_every_day_that_intake_takes_has_its_month_and_the_next_ones_are_ready(
    database, now, parent
):
    held = months(database, parent)
    assert {name(now - timedelta(days=days), parent) for days in range(-31, 365)} <= set(held)


def test_what_is_there_is_not_made_again(database, now):
    assert partitions.ensure(database, now, 365) == 0
    later = now + timedelta(days=1000)
    made = partitions.ensure(database, later, 365)
    assert made >= 2
    assert name(later + timedelta(days=31)) in months(database)


def test_an_event_past_the_last_month_makes_its_own(app, client, database):
    later = datetime.now(UTC) + timedelta(days=1000)
    assert name(later) not in months(database)
    app.config["NOW"] = lambda: later
    answer = client.post("/track", json={"events": [event(timestamp=later.isoformat())]})
    assert answer.json["events_stored"] == 1
    assert name(later) in months(database)
    answer = client.post("/crash", json=crash(timestamp=later.isoformat()))
    assert answer.status_code == 200
    assert name(later, "crashes") in months(database, "crashes")


def test_one_request_may_span_months_that_are_missing(app, client, auth):
    later = datetime.now(UTC) + timedelta(days=1400)
    app.config["NOW"] = lambda: later
    batch = [
        event(timestamp=(later - timedelta(days=days)).isoformat(), id=f"id-{days}")
        for days in range(0, 300, 30)
    ]
    assert client.post("/track", json={"events": batch}).json["events_stored"] == len(batch)
    found = client.get("/events?limit=1000", headers=auth).json["events"]
    assert len(found) == len(batch)


def test_a_month_is_made_while_a_reader_holds_a_long_transaction_and_appends_go_on(
    app, client, database, now
):
    client.post("/track", json={"events": [event(id="before", timestamp=now.isoformat())]})
    with database.transaction(seconds=None) as reader:
        assert reader.value(Inline("/* test */ select count(*) from events")) == 1
        making = threading.Thread(
            target=partitions.ensure, args=(database, now + timedelta(days=100), 365)
        )
        making.start()
        making.join(20)
        assert not making.is_alive(), "making a month waited for a reader"
        answer = client.post(
            "/track", json={"events": [event(id="while", timestamp=now.isoformat())]}
        )
        assert answer.json["events_stored"] == 1
    assert name(now + timedelta(days=150)) in months(database)


def test_several_workers_may_make_the_same_months(database, now):
    made: list[int] = []
    later = now + timedelta(days=1000)
    threads = [
        threading.Thread(target=lambda: made.append(partitions.ensure(database, later, 30)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    wanted = partitions.months(
        (later - timedelta(days=32)).date(), (later + timedelta(days=62)).date()
    )
    assert sum(made) == 3 * len(wanted)


def test_an_attached_month_has_what_the_others_have(database):
    with database.transaction() as tx:
        found = tx.rows(
            Inline("""/* test */
            select count(*) filter (where indisprimary) as primary_keys, count(*) as indexes
            from pg_inherits join pg_index on indrelid = inhrelid
            where inhparent = 'events'::regclass group by inhrelid
            """)
        )
    assert {(row["primary_keys"], row["indexes"]) for row in found} == {(1, 2)}
