"""Rules are looked at in transactions of their own: killed, at once, silenced, broken or too slow, each
thing is said once."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

import aggregator
from aggregator import Job, JobContext
from database import Inline
from stories.alerts import evaluation, messages, readings
from stories.alerts.states import Reading
from tests.alerts.scene import AUTH, Scene
from tests.crashes.crash_rows import crash as stored_crash
from tests.rollup_tables import fold_all, run, value


def minutes(scene, number):
    return scene.now + timedelta(minutes=number)


@pytest.fixture
def read(monkeypatch):
    """What the rules of kind fold_behind read, until it is changed: (subject, is it bad)."""
    seen = {"": True}

    def reader(look):
        return [
            Reading(name, bad, not bad, f"{name} is {'bad' if bad else 'good'}", "/dashboard", 1.0)
            for name, bad in seen.items()
        ]

    monkeypatch.setitem(readings.READERS, "fold_behind", reader)
    return seen


def test_killed_before_its_commit_it_is_said_by_the_next_look(scene, read, monkeypatch):
    rule = scene.rule("fold_behind", app=None)

    class Killed(BaseException):
        pass

    def kill(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(messages, "enqueue", kill)
        with pytest.raises(Killed):
            scene.look()
    assert scene.states(rule) == {}
    assert scene.look(minutes(scene, 1)) == ["firing:  is bad"]
    assert scene.look(minutes(scene, 2)) == []


def test_a_restart_in_the_middle_goes_on_where_it_was(scene, read, app):
    made = scene.post("/alerts", name="late", kind="fold_behind", destinations=[scene.hook],
                      for_minutes=3)  # fmt: skip
    assert scene.look() == []
    assert scene.look(minutes(scene, 1)) == []
    other = Scene.__new__(Scene)  # another process, which knows nothing but the database
    other.__dict__ = dict(scene.__dict__)
    assert other.look(minutes(scene, 3)) == ["firing:  is bad"]
    read[""] = False
    assert scene.look(minutes(scene, 4)) == ["resolved:  is good"]
    assert scene.logged(made["alert"]["id"]) == ["pending", "firing", "resolved"]


def test_two_servers_that_look_at_once_say_a_thing_once(scene, read):
    for _ in range(6):
        scene.rule("fold_behind", app=None)
    services, start, failures = scene.services, threading.Barrier(4), []

    def look(number):
        try:
            start.wait(10)
            at = scene.now + timedelta(microseconds=number)
            evaluation.evaluate(services.config, services.database, services.apps, at)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=look, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert value(services.database, "select count(*) from messages") == 6


def test_at_the_same_time_or_an_earlier_one_nothing_is_looked_at_again(scene, read):
    scene.rule("fold_behind", app=None)
    assert len(scene.look()) == 1
    read["other"] = True
    assert scene.look() == []
    assert scene.look(minutes(scene, -1)) == []
    assert scene.look(minutes(scene, 1)) == ["firing: other is bad"]


def test_a_storm_of_new_issues_is_one_message_and_what_comes_then_waits(scene):
    rule = scene.rule("new_issue")
    for number in range(40):
        stored_crash(scene.services, f"fault {number}", scene.now)
    fold_all(scene.services)
    assert len(scene.look()) == evaluation.LINES
    content = value(scene.services.database, "select content from messages")
    assert content["more"] == 30
    for number in range(40, 45):
        stored_crash(scene.services, f"fault {number}", scene.now)
        fold_all(scene.services)
        assert scene.look(minutes(scene, number - 39)) == []
    assert len(scene.look(minutes(scene, 10))) == 5
    assert value(scene.services.database, "select count(*) from messages") == 2
    assert scene.logged(rule) == ["firing"] * 45


def test_of_more_new_issues_than_one_look_reads_each_is_told(scene, monkeypatch):
    monkeypatch.setattr(readings, "MOST", 20)
    rule = scene.rule("new_issue")
    for number in range(50):
        stored_crash(scene.services, f"fault {number}", scene.now)
    fold_all(scene.services)
    for number in range(4):
        scene.look(minutes(scene, number * 11))
    told = "jsonb_array_length(content->'lines') + (content->'more')::integer"
    assert value(scene.services.database, f"select sum({told}) from messages") == 50
    assert scene.logged(rule) == ["firing"] * 50


def test_a_snooze_holds_a_message_back_until_it_ends(scene, read):
    rule = scene.rule("fold_behind", app=None)
    read[""] = False
    assert scene.look() == []
    scene.snooze(rule, 30)
    read[""] = True
    assert scene.look(minutes(scene, 1)) == []
    assert scene.states(rule) == {"": "firing"}
    assert scene.look(minutes(scene, 31)) == ["firing:  is bad"]


def test_snoozed_until_resolved_it_speaks_the_next_time(scene, read):
    rule = scene.rule("fold_behind", app=None)
    assert len(scene.look()) == 1
    scene.snooze(rule, None)
    read[""] = False
    assert scene.look(minutes(scene, 1)) == []
    read[""] = True
    assert scene.look(minutes(scene, 2)) == ["firing:  is bad"]


def test_a_rule_of_many_is_silenced_until_resolved_for_what_fires_now(scene):
    """As a whole it is never over: later issues would never be told."""
    rule = scene.rule("new_issue")
    refused = scene.client.post(f"/alerts/{rule}/snooze", headers=AUTH, json={"minutes": None})
    assert refused.status_code == 400, refused.json
    stored_crash(scene.services, "cart", scene.now)
    fold_all(scene.services)
    scene.snooze(rule, 5)  # and those that come meanwhile
    assert scene.look() == []
    scene.snooze(rule, 0)
    scene.snooze(rule, None, subject=next(name for name in scene.states(rule) if name))
    stored_crash(scene.services, "door", scene.now)
    fold_all(scene.services)
    assert ["door" in line for line in scene.look(minutes(scene, 1))] == [True]


def test_what_a_rule_cannot_read_is_on_it_and_holds_up_no_other(scene, read, monkeypatch):
    broken = scene.rule("job_failing", app=None)
    slow = scene.rule("refused")
    scene.rule("fold_behind", app=None)

    def fail(look):
        raise KeyError("secret")

    def sleep(look):
        look.tx.run(Inline("/* test */ select pg_sleep(30)"))

    monkeypatch.setitem(readings.READERS, "job_failing", fail)
    monkeypatch.setitem(readings.READERS, "refused", sleep)
    monkeypatch.setattr(evaluation, "RULE_SECONDS", 1)
    services = scene.services
    counts = evaluation.evaluate(services.config, services.database, services.apps, scene.now)
    assert counts == {"rules": 1, "queued": 1, "failed": 2}
    errors = "select last_error from alert_rules where rule_id = %(rule)s"
    assert value(services.database, errors, rule=broken) == "it could not be read (KeyError)"
    assert value(services.database, errors, rule=slow) == "it took longer than 1 seconds to read"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("app_id = 99", "its app is gone"),
        ("kind = 'moon'", "this server has no alerts of this kind"),
        ("settings = '{\"people\": 0}'", "settings: Expected `int` >= 1 - at `$.people`"),
    ],
)
def test_a_rule_that_can_no_longer_be_read_says_why_and_recovers(scene, change, error):
    scene.rule("new_issue")
    run(scene.services.database, f"update alert_rules set {change}")
    services = scene.services
    counts = evaluation.evaluate(services.config, services.database, services.apps, scene.now)
    assert counts["failed"] == 1
    assert scene.errors() == [error]
    run(services.database, "update alert_rules set app_id = 1, kind = 'new_issue', settings = '{}'")
    scene.look(minutes(scene, 1))
    assert scene.errors() == []


def test_a_number_that_is_gone_is_said_on_its_rule(scene):
    scene.rule("number", number="events", comparison="above", threshold=2)
    run(
        scene.services.database,
        """update alert_rules set settings = settings || '{"number": "key:9"}'""",
    )
    services = scene.services
    evaluation.evaluate(services.config, services.database, services.apps, scene.now)
    assert scene.errors() == ["the app has no number key:9 any more"]


def test_when_time_is_up_the_rules_that_waited_longest_come_first_the_next_time(
    scene, read, monkeypatch
):
    rules = [scene.rule("fold_behind", app=None) for _ in range(3)]
    ticks = iter(range(0, 1000, 30))  # of 50 seconds
    monkeypatch.setattr(evaluation, "monotonic", lambda: next(ticks))
    looked = "select rule_id from alert_rules where looked_at is not null order by rule_id"
    for count in (1, 2, 3):
        scene.look(minutes(scene, count))
        with scene.services.database.transaction() as tx:
            seen = [row["rule_id"] for row in tx.rows(Inline(f"/* test */ {looked}"))]
        assert seen == rules[:count]


def test_a_rule_that_is_off_or_deleted_says_nothing(scene, read):
    off, gone = scene.rule("fold_behind", app=None), scene.rule("fold_behind", app=None)
    assert (
        scene.client.patch(f"/alerts/{off}", headers=AUTH, json={"is_on": False}).status_code == 200
    )
    assert scene.client.delete(f"/alerts/{gone}", headers=AUTH).status_code == 200
    assert scene.look() == []


def test_a_destination_that_is_deleted_leaves_its_rules_and_queue(scene, read):
    scene.rule("fold_behind", app=None)
    scene.look()
    assert scene.client.delete(f"/destinations/{scene.hook}", headers=AUTH).status_code == 200
    database = scene.services.database
    assert value(database, "select count(*) from messages") == 0
    read[""] = False
    assert scene.look(minutes(scene, 1)) == []
    assert value(database, "select destination_ids from alert_rules") == []


def test_rules_are_looked_at_however_long_a_daily_job_takes(services, monkeypatch):
    busy = threading.Event()
    slow = Job("slow", "a job of the tests", 24, lambda context: busy.wait(30))
    monkeypatch.setattr(aggregator, "JOBS", (slow, aggregator.ALERTS))
    monkeypatch.setattr(aggregator, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(aggregator, "ALERTS_SECONDS", 0.05)
    ticker = aggregator.Ticker(
        JobContext(services.config, services.database, services.apps, services.key)
    )
    ticker.start()
    ran = "select count(*) from jobs where name = 'alerts' and ended_at is not null"
    until = time.monotonic() + 20
    try:
        while not value(services.database, ran) and time.monotonic() < until:
            time.sleep(0.05)
        assert value(services.database, ran) == 1
    finally:
        busy.set()
        ticker.stop()
        ticker.join(10)
