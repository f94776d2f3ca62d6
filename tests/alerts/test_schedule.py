"""When reports are queued: at 08:00 where the app's days begin, once, whatever happens to servers."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from database import Database, Unavailable
from stories.alerts import report, schedule
from stories.apps import Apps
from tests.rollup_tables import new_app, run, values
from tests.support import basic

AUTH = basic("admin", "admin")
HOOK = {"name": "Hook", "kind": "webhook", "address": "https://example.com/x"}


@pytest.fixture
def zoned(services):
    """An app in a timezone, by its name."""

    return lambda zone: new_app(services, zone.rpartition("/")[2].lower().replace("_", "-"), zone)


@pytest.fixture
def subscribed(client, services):
    """A report of an app to a webhook, made long ago."""
    destination = client.post("/destinations", headers=AUTH, json=HOOK).json["destination"]["id"]

    def make(app, every):
        body = {"destination": destination, "every": every}
        answer = client.post(f"/reports?app={app.slug}", headers=AUTH, json=body)
        assert answer.status_code == 200, answer.json
        run(services.database, "update report_subscriptions set created_at = '2026-01-01'")
        return answer.json["report"]

    return make


def queue(services, now):
    return schedule.queue_due(services.config, services.database, services.apps, now)


def waiting(services):
    """(once, content) of the reports in the queue."""
    statement = "select once, content from messages where kind = 'report' order by once"
    return values(services.database, statement)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


DUE = [
    # Monday in Berlin, before and after clocks go forward (29 March) and back (25 October).
    ("Europe/Berlin", "week", "2026-03-23T07:00", "2026-W12"),
    ("Europe/Berlin", "week", "2026-03-30T06:00", "2026-W13"),
    ("Europe/Berlin", "week", "2026-10-19T06:00", "2026-W42"),
    ("Europe/Berlin", "week", "2026-10-26T07:00", "2026-W43"),
    ("Europe/Berlin", "day", "2026-03-29T06:00", "2026-03-28"),
    ("Europe/Berlin", "day", "2026-10-25T07:00", "2026-10-24"),
    ("America/New_York", "week", "2026-11-02T13:00", "2026-W44"),
    ("America/New_York", "month", "2026-11-01T13:00", "2026-10"),
    ("America/New_York", "month", "2026-03-01T13:00", "2026-02"),
    ("Pacific/Kiritimati", "week", "2026-11-22T18:00", "2026-W47"),
]


@pytest.mark.parametrize(("zone", "every", "due", "key"), DUE)
def test_it_is_queued_at_eight_in_the_app_s_timezone_and_not_a_second_before(
    services, zoned, subscribed, zone, every, due, key
):
    app = zoned(zone)
    report_id = subscribed(app, every)["id"]
    assert queue(services, utc(due) - timedelta(seconds=1)) == 0
    assert queue(services, utc(due)) == 1
    assert [once for once, _ in waiting(services)] == [f"report:{report_id}:{key}"]
    assert schedule.due_at(app, every, utc(due)) == utc(due)


@pytest.mark.parametrize(
    ("zone", "every", "now", "following"),
    [
        ("Europe/Berlin", "week", "2026-11-23T06:59", "2026-11-23T07:00"),
        ("Europe/Berlin", "week", "2026-11-23T07:00", "2026-11-30T07:00"),
        # Late on a Sunday, seven days before clocks go forward.
        ("Europe/Berlin", "week", "2026-03-22T22:30", "2026-03-23T07:00"),
        ("Europe/Berlin", "day", "2026-03-28T07:00", "2026-03-29T06:00"),
        ("Europe/Berlin", "month", "2026-01-30T12:00", "2026-02-01T07:00"),
        ("America/New_York", "month", "2026-12-15T12:00", "2027-01-01T13:00"),
    ],
)
def test_the_next_one_is_told(zoned, zone, every, now, following):
    assert schedule.next_at(zoned(zone), every, utc(now)) == utc(following)


def test_every_minute_of_two_weeks_makes_two_of_a_week_and_fourteen_of_a_day(
    services, zoned, subscribed
):
    app = zoned("Europe/Berlin")
    weekly, daily = subscribed(app, "week")["id"], subscribed(app, "day")["id"]
    now = utc("2026-10-19T05:00")
    while now < utc("2026-11-02T05:00"):
        queue(services, now)
        now += timedelta(minutes=31)
    names = [once for once, _ in waiting(services)]
    assert [name for name in names if name.startswith(f"report:{weekly}:")] == [
        f"report:{weekly}:2026-W42", f"report:{weekly}:2026-W43",
    ]  # fmt: skip
    assert sum(name.startswith(f"report:{daily}:") for name in names) == 14


def test_two_servers_that_look_at_once_and_a_restart_queue_it_once(services, zoned, subscribed):
    subscribed(zoned("Europe/Berlin"), "week")
    now, counts = utc("2026-11-23T07:00"), []
    barrier = threading.Barrier(4)

    def look():
        database = Database(services.database.dsn, 2)
        apps = Apps(database, 365, 500, services.key)
        barrier.wait()
        counts.append(schedule.queue_due(services.config, database, apps, now))
        database.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 0, 0, 1]
    assert queue(services, now + timedelta(minutes=1)) == 0, "the server was started anew"
    run(services.database, "update messages set sent_at = now()")
    assert queue(services, now + timedelta(minutes=2)) == 0, "it is sent"
    assert len(waiting(services)) == 1


@pytest.mark.parametrize(("every", "late"), [("day", 15), ("week", 71), ("month", 167)])
def test_a_server_that_was_away_sends_it_late_while_it_is_news(
    services, zoned, subscribed, every, late
):
    app = zoned("Europe/Berlin")
    subscribed(app, every)
    due = schedule.due_at(app, every, utc("2026-11-02T12:00"))
    too_late = due + timedelta(hours=late + 2)
    assert queue(services, too_late) == 0
    assert queue(services, due + timedelta(hours=late)) == 1


def test_who_subscribes_after_it_was_due_waits_for_the_next(services, zoned, subscribed):
    subscribed(zoned("Europe/Berlin"), "week")
    run(services.database, "update report_subscriptions set created_at = '2026-11-23T07:00:01Z'")
    assert queue(services, utc("2026-11-23T07:01")) == 0
    assert queue(services, utc("2026-11-30T07:00")) == 1


def test_a_report_that_cannot_be_made_keeps_no_other_and_comes_later(
    services, zoned, subscribed, monkeypatch
):
    good, bad = zoned("Europe/Berlin"), zoned("Europe/Paris")
    subscribed(good, "week")
    subscribed(bad, "week")
    read = report.read

    def read_or_fail(tx, app, period):
        if app.slug == bad.slug:
            raise Unavailable("it took too long")
        return read(tx, app, period)

    monkeypatch.setattr(report, "read", read_or_fail)
    assert queue(services, utc("2026-11-23T07:00")) == 1
    monkeypatch.setattr(report, "read", read)
    assert queue(services, utc("2026-11-23T07:01")) == 1


def test_one_that_was_ended_while_it_was_read_is_not_queued(
    client, services, zoned, subscribed, monkeypatch
):
    made = subscribed(zoned("Europe/Berlin"), "week")
    read = report.read

    def read_and_end(tx, app, period):
        assert client.delete(f"/reports/{made['id']}", headers=AUTH).status_code == 200
        return read(tx, app, period)

    monkeypatch.setattr(report, "read", read_and_end)
    assert queue(services, utc("2026-11-23T07:00")) == 0
    assert waiting(services) == []


def test_ending_a_report_ends_what_waits_of_it_and_of_no_other(client, services, zoned, subscribed):
    app = zoned("Europe/Berlin")
    first, second = subscribed(app, "week"), subscribed(app, "day")
    assert queue(services, utc("2026-11-23T07:00")) == 2
    client.delete(f"/reports/{first['id']}", headers=AUTH)
    assert [once for once, _ in waiting(services)] == [f"report:{second['id']}:2026-11-22"]


def test_the_disk_is_not_told_of_where_it_is_another_machine_s(services, zoned, subscribed):
    subscribed(zoned("Europe/Berlin"), "week")
    sizes = "insert into database_sizes values ('2026-11-20', 5), ('2026-11-22', 9)"
    run(services.database, sizes)
    config = replace(services.config, database_url="postgresql://elsewhere/x")
    assert (
        schedule.queue_due(config, services.database, services.apps, utc("2026-11-23T07:00")) == 1
    )
    [(_, content)] = waiting(services)
    assert content["report"]["storage"] == {
        "bytes": 9, "days": 2, "a_day": 2, "free": None, "days_left": None,
    }  # fmt: skip
