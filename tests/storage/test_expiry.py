"""Expiry: what is past its app's retention goes, and no kept number changes, then or later."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, timedelta

import psycopg2
import pytest

from stories.rollups import fold, recount
from stories.storage import append, expiry, table_locks
from tests.rollup_tables import (
    NAMED,
    WITHOUT_PEOPLE,
    crash_row,
    differences,
    dump,
    event_row,
    fold_all,
    midday,
    new_app,
    person,
    run,
    send,
    set_app,
    sums,
    value,
    values,
)
from tests.support import event

AUTH = ("admin", "admin")
MONTHS = """
    select child.relname::text from pg_inherits join pg_class as child on child.oid = inhrelid
    where inhparent = 'events'::regclass order by 1
"""


@pytest.fixture
def dsn(fresh_dsn):
    """Months are dropped here: not in the database that tests share."""
    return fresh_dsn


def retain(services, **days):
    """Retention of every app: 20 days, and of those named their own."""
    run(services.database, "update apps set retention_days = 20")
    for slug, number in days.items():
        set_app(services, slug, retention_days=number)
    services.apps.forget()


def expire_at(services, now):
    return expiry.expire(services.database, services.apps, services.key, now)


def cutoff(services, slug, now):
    app = services.apps.by_slug(slug)
    day = (now.astimezone(app.zone) - timedelta(days=app.retention_days)).date()
    return value(
        services.database,
        "select %(day)s::date::timestamp at time zone timezone from apps where slug = %(slug)s",
        day=day,
        slug=slug,
    )


def test_no_kept_number_changes_and_a_recount_agrees_from_then_on(app, services, database, now):
    new_app(services, "studio", "America/New_York")
    for key in (None, "studio"):
        send(app, now, people=30, days=100, events=500, key=key, late_days=40.0, late=0.1)
    waiting = value(database, "select count(*) from outbox")
    assert waiting > 0  # folded before anything goes
    retain(services, desktop=40, studio=60)
    limits = {slug: cutoff(services, slug, now) for slug in ("desktop", "studio")}
    due = {
        table: sum(
            value(
                database,
                f"select count(*) from {table} join apps using (app_id) "
                "where slug = %(slug)s and timestamp < %(limit)s",
                slug=slug,
                limit=limit,
            )
            for slug, limit in limits.items()
        )
        for table in ("events", "crashes")
    }
    assert min(due.values()) > 5
    fold_all(services)
    before, generation = sums(database), value(database, "select generation from fold_state")

    answer = app.test_client().post("/cleanup", auth=AUTH)

    assert answer.status_code == 200
    result = answer.json["result"]
    assert answer.json["success"] is True
    assert (result["events_deleted"], result["crashes_deleted"]) == (due["events"], due["crashes"])
    assert result["partitions_dropped"] >= 2
    assert result["partitions_in_use"] == 0
    assert sums(database) == before
    assert value(database, "select generation from fold_state") > generation
    oldest = min(limits.values()).astimezone(UTC)
    assert values(database, MONTHS)[0] == (f"events_{oldest:%Y_%m}",)
    for slug, limit in limits.items():
        for table, column in (
            ("events", "timestamp"),
            ("crashes", "timestamp"),
            ("sessions", "ended_at"),
            ("users", "greatest(last_seen, last_crash)"),
        ):
            assert (
                value(
                    database,
                    f"select min({column}) from {table} join apps using (app_id) "
                    "where slug = %(slug)s",
                    slug=slug,
                )
                >= limit
            ), (table, slug)
    assert differences(services) == {}
    told = recount.rebuild(services.database, services.apps)
    assert not any(told["differences"].values())
    assert sums(database) == before

    again = expire_at(services, now)
    assert not any(again.values())

    later = now + timedelta(days=9)
    app.config["NOW"] = lambda: later
    send(app, later, seed=2, people=30, days=15, events=100)
    fold_all(services)
    grown = sums(database)
    assert grown != before
    assert expire_at(services, later)["events_deleted"] > 0
    assert sums(database) == grown
    assert differences(services) == {}


def test_late_events_find_their_person_as_if_nothing_had_expired(services, database, now):
    """Two apps take the same events; one expires in between, and no number tells them apart."""
    short, long = new_app(services, "short", days=30), new_app(services, "long")

    def both(*rows):
        for app in (short, long):
            for user, days, fields in rows:
                row = crash_row if fields.get("crash_type") else event_row
                appender = services.crashes if fields.get("crash_type") else services.events
                made = row(person(user), midday(now, days), app_id=app.app_id, **fields)
                assert appender.append([made]).stored == 1
        fold_all(services)

    def of(app):
        return {
            table: sorted(
                str(row)
                for row in values(
                    database,
                    f"select to_jsonb(held) - '{{app_id,departed,{amount}}}'::text[], sum({amount}) "
                    f"from {NAMED.get(table, table)} as held "
                    f"where app_id = %(app)s group by 1 having sum({amount}) <> 0",
                    app=app.app_id,
                )
            )
            for table, amount in (
                ("active_gaps", "people"),
                *((table, "people") for table in WITHOUT_PEOPLE[6:]),
                ("daily_events", "n"),
                ("daily_crashes", "n"),
                ("daily_sessions", "sessions"),
            )
        }

    retry = {"event": "retry_attempted"}
    widget = {"event": "recording_completed", "properties": {"source": "widget"}}
    both(
        # a person of both sides, whose kinds of activity were last seen on different days
        (1, 58, retry), (1, 51, widget), (1, 45, {}), (1, 20, {}), (1, 12, retry),
        # values that were named last on days that have expired
        (8, 57, {"app_version": "1", "platform": "darwin-1", "country": "DE"}),
        (8, 52, {"app_version": "1", "country": "ES"}), (8, 44, {"app_version": "2"}),
        (8, 43, {"crash_type": "main_crash", "app_version": "1"}), (8, 3, {"app_version": "3"}),
        # only a crash before, only a crash after
        (2, 50, {"crash_type": "main_crash"}), (2, 10, {}),
        (3, 44, {}), (3, 15, {"crash_type": "main_crash"}),
        # gone for good
        (4, 55, {}), (4, 41, {"country": "DE"}),
        # a session over the horizon, and the weeks around it
        (5, 31, {"session_id": "long"}), (5, 30, {"session_id": "long"}),
        *((6, days, {}) for days in range(24, 40, 2)),
    )  # fmt: skip
    assert expire_at(services, now)["people_deleted"] == 1
    assert of(short) == of(long)
    assert differences(services) == {}
    both(
        (1, 27, {}), (1, 26, retry), (1, 25, widget),
        (2, 27, {"crash_type": "main_crash"}), (2, 26, {}),
        (3, 27, {"crash_type": "main_crash"}), (3, 9, {}),
        (5, 28, {"session_id": "long"}), (5, 29, {}),
        (6, 27, {}), (6, 25, retry), (6, 1, {}),
        (7, 27, {}), (8, 20, {"app_version": "1", "platform": "darwin-2"}),
        (8, 10, {"app_version": "2", "country": "DE"}),
        (8, 21, {"crash_type": "main_crash", "app_version": "2"}),
    )  # fmt: skip
    assert of(short) == of(long)
    assert differences(services) == {}
    empty = "select count(*) from people_now where people = 0"
    assert value(database, empty) > 0
    assert expire_at(services, now)["people_deleted"] == 0
    assert value(database, empty) == 0
    assert of(short) == of(long)
    assert differences(services) == {}
    recount.rebuild(services.database, services.apps)
    assert of(short) == of(long)


def test_anchors_keep_the_day_its_kinds_and_its_values_and_nothing_else(services, database, now):
    app = new_app(services, "short", days=30)
    for days in (50, 45, 40, 5):
        row = event_row(
            person(1), midday(now, days), app_id=app.app_id, app_version="1.2", country="DE"
        )
        services.events.append([row])
    fold_all(services)
    expire_at(services, now)
    assert values(
        database,
        "select day, flags, events, versions, countries from held_days order by day",
    ) == [
        (midday(now, 40).date(), 1, 0, ["1.2"], ["DE"]),
        (midday(now, 5).date(), 1, 1, ["1.2"], ["DE"]),
    ]


def test_who_returns_after_expiry_counts_as_new(services, database, now):
    app = new_app(services, "short", days=30)
    services.events.append([event_row(person(1), midday(now, 40), app_id=app.app_id)])
    fold_all(services)
    expire_at(services, now)
    total = "select sum(people) from lifetimes"
    assert value(database, total) == 1
    assert values(database, "select user_id from users") == []
    services.events.append([event_row(person(1), midday(now, 1), app_id=app.app_id)])
    fold_all(services)
    assert value(database, total) == 2
    assert values(database, "select first_day from users") == [(midday(now, 1).date(),)]
    assert differences(services) == {}


def test_what_arrives_from_before_the_horizon_is_kept_and_breaks_no_recount(
    services, database, now
):
    """A retention that was raised again: such days have no event to recount the rest from."""
    app = new_app(services, "short", days=30)
    for days in (60, 40, 5):
        services.events.append([event_row(person(1), midday(now, days), app_id=app.app_id)])
    fold_all(services)
    expire_at(services, now)
    set_app(services, "short", retention_days=300)
    for user, days in ((1, 50), (2, 48), (2, 4), (1, 39)):
        services.events.append([event_row(person(user), midday(now, days), app_id=app.app_id)])
        fold_all(services)
    assert differences(services) == {}
    before = dump(database)
    recount.rebuild(services.database, services.apps)
    assert dump(database) == before
    assert value(database, "select sum(n) from daily_events where dim = 'none'") == 7


def test_what_people_wrote_goes_with_its_events_at_the_latest(services, database, now):
    """The default keeps messages 90 days; an app may keep its events for less."""
    set_app(services, "bot", retention_days=30, content_days=90)
    bot = services.apps.default("bot")
    for days in (40, 20):
        run(
            database,
            "insert into contents (timestamp, dedupe_key, user_id, app_id, message) "
            "values (%(at)s, %(days)s, %(user)s, %(app)s, 'hello')",
            at=midday(now, days),
            days=days,
            user=person(1),
            app=bot.app_id,
        )
    assert expire_at(services, now)["messages_deleted"] == 1
    assert values(database, "select dedupe_key from contents") == [(20,)]
    set_app(services, "bot", content_days=10)
    assert expire_at(services, now)["messages_deleted"] == 1


def test_series_of_no_day_and_rows_that_count_nobody_go(services, database, now):
    tester = person(1)
    for day in (9, 3):
        both = ((tester, "9.9"), (person(2), "1.0"))
        services.events.append(
            [event_row(user, midday(now, day), app_version=version) for user, version in both]
        )
        fold_all(services)
    empty = "select count(*) from lifetimes where people = 0"
    series = "select count(*) from series where value = %(version)s"
    assert value(database, empty) > 0
    run(database, "insert into testers (app_id, user_id) values (1, %(user)s)", user=tester)
    recount.rebuild(services.database, services.apps)  # counted nowhere from now on
    assert value(database, series, version="9.9") > 0
    expire_at(services, now)
    assert value(database, series, version="9.9") == 0
    assert value(database, series, version="1.0") > 0
    assert value(database, empty) == 0
    services.events.append([event_row(person(3), midday(now, 1), app_version="9.9")])
    fold_all(services)
    counted = "select sum(n) from daily_events where dim = 'version' and value = '9.9'"
    assert value(database, counted) == 1
    assert differences(services) == {}


def test_a_long_read_puts_off_the_drop_and_no_append_waits_for_it(
    services, database, now, monkeypatch
):
    monkeypatch.setattr(table_locks, "SECONDS", 1.0)
    monkeypatch.setattr(append, "APPEND_SECONDS", 3.0)  # an append that waits longer fails
    monkeypatch.setattr(append, "WAIT_SECONDS", 3.0)
    services.events.append([event_row(person(n), midday(now, 80 - n)) for n in range(80)])
    fold_all(services)
    retain(services)
    held = values(database, MONTHS)
    stop, failures, appended = threading.Event(), [], []

    def write():
        while not stop.wait(0.005):
            try:
                row = event_row(uuid.uuid4(), midday(now, 1), "retry_attempted")
                appended.append(services.events.append([row]).stored)
            except Exception as error:
                failures.append(error)

    reader = psycopg2.connect(database.dsn)
    writer = threading.Thread(target=write)
    try:
        reader.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with reader.cursor("export") as cursor:
            cursor.execute("select * from events")
            cursor.fetchmany(1)
            writer.start()
            result = expire_at(services, now)
            stop.set()
            writer.join(20)
            assert failures == []
            assert sum(appended) > 0
            assert result["events_deleted"] < 60
            assert result["partitions_in_use"] > 0
            assert values(database, MONTHS) == held
            # the days are sealed and the people gone, though their events are still there
            assert differences(services) == {}
            fold_all(services)
            recount.rebuild(services.database, services.apps)
            assert value(database, "select sum(people) from lifetimes") == 80 + sum(appended)
    finally:
        stop.set()
        reader.close()
    result = expire_at(services, now)
    assert result["partitions_in_use"] == 0
    assert result["events_deleted"] > 0
    assert len(values(database, MONTHS)) < len(held)
    assert differences(services) == {}


def test_two_expiries_at_once_do_no_harm(services, database, now):
    services.events.append([event_row(person(n), midday(now, 80 - n)) for n in range(80)])
    fold_all(services)
    before = sums(database)
    retain(services)
    results, failures = [], []

    def work():
        try:
            results.append(expire_at(services, now))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert sum(result["events_deleted"] for result in results) == 60
    assert [result["partitions_in_use"] for result in results] == [0, 0, 0]
    assert sums(database) == before
    assert differences(services) == {}


def test_why_an_event_broke_the_fold_is_not_kept_longer_than_the_event(services, database, now):
    retain(services)
    for days in (80, 1):
        run(
            database,
            "insert into set_aside (kind, user_id, timestamp, dedupe_key, reason) "
            "values ('event', gen_random_uuid(), %(moment)s, %(days)s, 'a value of a client')",
            moment=midday(now, days),
            days=days,
        )
    expire_at(services, now)
    assert values(database, "select dedupe_key from set_aside") == [(1,)]


def test_a_first_expiry_in_pieces_is_right_after_each_of_them(
    app, services, database, now, monkeypatch
):
    send(app, now, people=30, days=100, events=300, late_days=40.0, late=0.1)
    fold_all(services)
    retain(services)
    before, folds = sums(database), []
    monkeypatch.setattr(expiry, "PIECE", 25)
    monkeypatch.setattr(expiry, "PEOPLE", 4)
    real = fold.fold

    def noted(*given):
        folds.append(value(database, "select count(*) from users"))
        if len(folds) % 4 == 0:
            assert differences(services) == {}
            assert sums(database) == before
        return real(*given)

    monkeypatch.setattr(expiry, "fold", noted)
    result = expire_at(services, now)
    assert result["people_deleted"] > 8
    assert len(set(folds)) > 3
    assert sums(database) == before
    assert differences(services) == {}
    assert not any(expire_at(services, now).values())


def test_what_has_expired_is_taken_in_no_more_when_the_retention_is_raised(
    client, services, database, now
):
    set_app(services, "desktop", retention_days=30)
    old = event(timestamp=midday(now, 20).isoformat(), id="old")
    assert client.post("/track", json={"events": [old]}).json["events_stored"] == 1
    expire_at(services, now + timedelta(days=30))
    set_app(services, "desktop", retention_days=365)
    answer = client.post("/track", json={"events": [old]})
    assert answer.status_code == 400
    assert answer.json["details"][0]["code"] == "timestamp_too_old"
    fold_all(services)
    assert value(database, "select sum(n) from daily_events where dim = 'none'") == 1


def test_an_erased_person_stays_out_after_any_expiry(client, services, database, now):
    set_app(services, "desktop", retention_days=30)
    gone = str(person(1))
    client.delete(f"/users/{gone}", auth=AUTH)
    expire_at(services, now + timedelta(days=300))
    new_app(services, "studio")
    set_app(services, "studio", retention_days=3650)
    queued = event(user_id=gone, timestamp=midday(now, 20).isoformat())
    headers = {"X-App-Key": "studio"}
    answer = client.post("/track", json={"events": [queued]}, headers=headers).json
    assert (answer["events_stored"], answer["rejected"]) == (0, [])


def test_an_expiry_sets_aside_what_breaks_the_fold(services, database, now, monkeypatch):
    plant = "add constraint no_retries check (event <> 'retry_attempted') not valid"
    run(database, f"alter table series {plant}")
    services.events.append([event_row(person(1), midday(now, 1), "retry_attempted")])
    monkeypatch.setattr(expiry, "fold", lambda *_: 0)
    expire_at(services, now)
    assert value(database, "select count(*) from set_aside") == 1
