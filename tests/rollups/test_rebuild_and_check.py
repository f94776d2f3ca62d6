"""A recount finds what was changed behind the fold's back, changes nothing when it only checks, and
puts everything right when it rebuilds."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import pytest

import aggregator
from stories.privacy import erasure
from stories.rollups import recount
from tests.rollup_tables import (
    ALL,
    AMOUNT,
    HELD_IN,
    NAMED,
    check,
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

STRANGER = str(person(4_711))

# How each rollup is spoilt: a column that is changed in one row, and the key of a row that is added.
DRIFT: dict[str, tuple[str, dict[str, Any]]] = {
    "daily_events": ("n = n + 1", {"day": "2020-01-01"}),
    "daily_values": ("n = n + 1", {"day": "2020-01-01"}),
    "daily_numbers": ("total = total + 0.000001", {"day": "2020-01-01"}),
    "daily_crashes": ("n = n - 1", {"crash_type": "planted"}),
    "group_days": ("n = n + 1", {"value": "planted"}),
    "daily_sessions": ("seconds = seconds + 1", {"day": "2020-01-01"}),
    "active_gaps": ("people = people + 1", {"gap": 4_000}),
    "person_days": ("flags = flags | 16384", {"user_id": STRANGER}),
    "lifetimes": ("people = people + 1", {"first_day": "2020-01-01"}),
    "cohort_weeks": ("people = people + 1", {"first_week": "2019-12-30"}),
    "people_now": ("people = people + 1", {"country": "QQ"}),
    "users": ("counts = counts || '{\"planted\": 1}'", {"user_id": STRANGER}),
    "sessions": ("pages = pages + 1", {"user_id": STRANGER}),
    "group_people": ("n = n + 1", {"user_id": STRANGER}),
}
# Totals, what is counted by the hour of arrival, and sessions of SDKs: crashes/test_issue_recount and
# rollups/test_sdk_sessions spoil them.
ELSEWHERE = ("session_days", "group_hours", "group_counts", "issue_counts")


def spoil(database, table):
    """One row is changed, one deleted, one added: four differences."""
    change, added = DRIFT[table]
    table = HELD_IN.get(table, table)
    rows = [
        row
        for (row,) in values(
            database,
            f"select ctid::text from {table} where {AMOUNT.get(table, '1')} <> 0 order by ctid",
        )
    ]
    run(
        database,
        f"insert into {table} select (jsonb_populate_record(held, %(added)s)).* from {table} as held "
        "where ctid = %(row)s::tid",
        added=msgspec.json.encode(added).decode(),
        row=rows[0],
    )
    assert run(database, f"update {table} set {change} where ctid = %(row)s::tid", row=rows[1]) == 1
    assert run(database, f"delete from {table} where ctid = %(row)s::tid", row=rows[2]) == 1


@pytest.fixture
def traffic(app, services, now):
    send(app, now, people=15, days=30, events=300)
    fold_all(services)


def test_every_rollup_has_its_drift():
    assert list(DRIFT) == [
        rollup.name for rollup in recount.ROLLUPS if rollup.name not in ELSEWHERE
    ]


def test_a_check_finds_drift_in_every_rollup_and_changes_nothing_and_a_rebuild_repairs_it(
    traffic, services, database
):
    right = dump(database)
    assert differences(services) == {}
    for table in DRIFT:
        spoil(database, table)
    run(database, "delete from kept_values where value = (select min(value) from kept_values)")
    spoilt = dump(database)

    found = check(services)
    assert found["differences"] == {**dict.fromkeys(DRIFT, 4), **dict.fromkeys(ELSEWHERE, 0)}
    assert {example["table"] for example in found["examples"]} == set(DRIFT)
    assert dump(database) == spoilt

    told = recount.rebuild(services.database, services.apps)
    assert told["differences"] == found["differences"]
    assert dump(database) == right
    assert differences(services) == {}


def test_a_rebuild_of_some_days_leaves_the_others_and_the_people_alone(traffic, services, database):
    days = [day for (day,) in values(database, "select distinct day from daily_events order by 1")]
    first, second = days[3], days[6]
    right = dump(database)
    for day in (first, second):
        run(database, "update event_series set n = n + 1 where day = %(day)s", day=day)
    run(database, "update users set crashes = 99")

    told = recount.rebuild(services.database, services.apps, first, first)
    assert told["differences"]["daily_events"] > 0
    kept = dict(values(database, "select day, sum(n) from daily_events group by 1"))
    assert check(services)["differences"]["users"] > 0
    recount.rebuild(services.database, services.apps, second, None)
    after = dump(database)
    assert after["daily_events"] == right["daily_events"]
    assert kept[first] == value(
        database, "select sum(n) from daily_events where day = %(day)s", day=first
    )
    assert kept[second] > value(
        database, "select sum(n) from daily_events where day = %(day)s", day=second
    )
    assert after["users"] != right["users"]


def test_what_is_pending_is_neither_lost_nor_doubled_by_a_rebuild(traffic, services, database, now):
    rows = [event_row(person(n), midday(now, n), "retry_attempted") for n in range(20)]
    services.events.append(rows)
    waiting = dump(database)["outbox"]
    assert len(waiting) == 1
    assert differences(services) == {}

    told = recount.rebuild(services.database, services.apps)
    assert not any(told["differences"].values())
    assert dump(database)["outbox"] == waiting
    before = value(database, "select sum(n) from daily_events where dim = 'none'")
    assert fold_all(services) == 20
    assert value(database, "select sum(n) from daily_events where dim = 'none'") == before + 20
    assert differences(services) == {}


def test_checks_and_rebuilds_are_right_while_appends_and_folds_go_on(services, database, now):
    stop, failures = threading.Event(), []

    def work(step):
        try:
            while not stop.wait(0.05):
                step()
        except Exception as error:
            failures.append(error)

    numbers = iter(range(1_000_000))

    def append():
        number = next(numbers)
        rows = [event_row(person(n + number), midday(now, n % 3)) for n in range(20)]
        services.events.append(rows)

    threads = [
        threading.Thread(target=work, args=(step,)) for step in (append, lambda: fold_all(services))
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in range(2):
            assert differences(services) == {}
            told = recount.rebuild(services.database, services.apps)
            assert not any(told["differences"].values()), told
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
    assert failures == []
    fold_all(services)
    assert value(database, "select sum(n) from daily_events where dim = 'none'") == value(
        database, "select count(*) from events"
    )
    assert differences(services) == {}


def test_sealed_days_that_carry_nothing_are_left_alone_and_counted(
    traffic, services, database, now
):
    (gone,) = values(database, "select user_id from person_days order by day desc limit 1")[0]
    erasure.erase(services.database, services.apps, services.key, gone, None, now)
    assert check(services)["sealed_days"] == 0
    run(database, "update sealed_days set carried = false")
    sealed = [day for (day,) in values(database, "select day from sealed_days")]
    assert sealed
    run(
        database,
        "update event_series set n = n + 7 where day = (select min(day) from sealed_days)",
    )
    spoilt = dump(database)
    found = check(services)
    assert not any(found["differences"].values())
    assert found["sealed_days"] == len(sealed)
    told = recount.rebuild(services.database, services.apps)
    assert told["sealed_days"] == len(sealed)
    assert dump(database) == spoilt
    one = recount.check(services.database, services.apps, min(sealed), min(sealed))
    assert one["sealed_days"] == 1


def test_a_rebuild_counts_a_property_that_was_registered_later(services, database, now):
    app = new_app(services, "later")
    rows = [
        event_row(
            person(n), midday(now, 3), "app_opened", app_id=app.app_id, properties={"colour": "red"}
        )
        for n in range(3)
    ]
    services.events.append(rows)
    fold_all(services)
    run(database, "update events set event = 'painted'")
    set_app(services, "later", events='{"painted": {"colour": {"type": "label"}}}')
    assert check(services)["differences"]["daily_values"] == 1

    recount.rebuild(services.database, services.apps)
    assert values(
        database, "select event, property, label, n from daily_values where dim = 'none'"
    ) == [("painted", "colour", "red", 3)]
    kept = values(database, "select event, property, value, n from kept_values")
    assert kept == [("painted", "colour", "red", 3)]
    assert differences(services) == {}


def test_a_new_timezone_takes_a_rebuild_to_apply_back(app, services, database, now):
    new_app(services, "mover", "UTC")
    new_app(services, "native", "Pacific/Auckland")
    for slug in ("mover", "native"):
        send(app, now, people=8, days=20, events=150, key=slug)
    fold_all(services)

    def of(slug):
        """The rollups of an app as if there were no other."""
        found = {}
        (app_id,) = values(database, "select app_id from apps where slug = %(s)s", s=slug)[0]
        for table in ("daily_events", "active_gaps", "daily_sessions", "lifetimes", "cohort_weeks"):
            amount = AMOUNT.get(table, "n")
            source = NAMED.get(table, table)
            found[table] = sorted(
                str(row)
                for (row,) in values(
                    database,
                    f"select to_jsonb(held) - 'app_id' from {source} as held "
                    f"where app_id = %(app_id)s and {amount} <> 0",
                    app_id=app_id,
                )
            )
        return found

    assert of("mover") != of("native")
    set_app(services, "mover", timezone="Pacific/Auckland")
    recount.rebuild(services.database, services.apps)
    assert of("mover") == of("native")
    assert differences(services) == {}


# The command line -------------------------------------------------------------------------------


@pytest.fixture
def command(dsn, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", dsn)

    def start(*words):
        code = aggregator.main(list(words))
        out, err = capsys.readouterr()
        return code, msgspec.json.decode(out) if out else None, err

    return start


@pytest.mark.parametrize("job", [job.name for job in aggregator.JOBS])
def test_every_job_runs_on_an_empty_database_and_leaves_its_row(
    command, database, job, monkeypatch
):
    # Jobs that are a process of their own bound that process, and wait for more before they end.
    monkeypatch.setattr("stories.symbols.limits.be_small", lambda: None)
    for room in ("holding", "taking_in"):
        monkeypatch.setattr(f"stories.symbols.{room}.IDLE_SECONDS", 0.01)
    code, told, err = command(job)
    assert (code, err) == (0, "")
    assert isinstance(told, dict)
    assert not any(n for n in told.get("differences", {}).values())
    assert values(
        database,
        "select name, last_error, seconds >= 0, started_at <= now() from jobs where name = %(job)s",
        job=job,
    ) == [(job, None, True, True)]
    assert {row for table in dump(database, ALL).values() for row in table} == set()


def test_the_commands_fold_check_and_rebuild(command, services, database, now):
    services.events.append([event_row(person(n), midday(now, n)) for n in range(5)])
    assert command("fold") == (0, {"folded": 5}, "")
    run(
        database, "update event_series set n = n + 1 where day = %(day)s", day=midday(now, 2).date()
    )
    code, told, _ = command("check")
    assert (code, told["differences"]["daily_events"]) == (1, 2)
    day = midday(now, 3).date().isoformat()
    assert command("check", "--from", day, "--to", day)[0] == 0
    assert command("rebuild", "--from", day)[1]["differences"]["daily_events"] == 2
    assert command("check")[0] == 0


def test_only_a_rebuild_with_people_counts_people_again(command, services, database, now):
    services.events.append([event_row(person(n), midday(now, n)) for n in range(5)])
    fold_all(services)
    right = sums(database)
    run(database, "update lifetimes set people = people + 1")
    assert "lifetimes" not in command("rebuild")[1]["differences"]
    assert sums(database) != right
    assert command("rebuild", "--people")[1]["differences"]["lifetimes"] == 10
    assert sums(database) == right


def test_a_command_that_cannot_work_says_so_and_ends_with_2(command, monkeypatch, capsys):
    with pytest.raises(SystemExit) as ended:
        command("rebuild", "--people", "--from", "2026-01-01")
    assert ended.value.code == 2
    assert "--people" in capsys.readouterr().err
    monkeypatch.setenv("RETENTION_DAYS", "for ever")
    code, told, err = command("check")
    assert (code, told) == (2, None)
    assert err.startswith("error: ")


def test_an_event_a_week_old_is_a_day_of_its_own(services, database, now):
    """Late events are counted on their own day, whatever was folded since."""
    for days_ago in (0, 7, 3):
        services.events.append([event_row(person(1), midday(now, days_ago))])
        fold_all(services)
    wanted = [(midday(now, days_ago).date(),) for days_ago in (7, 3, 0)]
    days = values(database, "select day from daily_events where dim = 'none' order by day")
    assert days == wanted
    assert differences(services) == {}
