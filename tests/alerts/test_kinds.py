"""Each kind of rule fires and is over, on what the intake was sent."""

from __future__ import annotations

import itertools
import shutil
from datetime import timedelta

import pytest

import aggregator
from aggregator import Job, JobContext
from stories.crashes import states
from stories.privacy.ids import NOBODY
from tests.crashes.crash_rows import crash as stored_crash
from tests.crashes.crash_rows import issue_id
from tests.rollup_tables import event_row, fold_all, person, run
from tests.support import crash, event

_calls = itertools.count()


def events(number, first=0, **changes):
    """Of so many people; each call's events are others."""
    marked = {"id": f"{next(_calls)}", **changes}
    return [
        event(user_id=str(person(n)), **{**marked, "id": f"{marked['id']}-{n}"})
        for n in range(first, first + number)
    ]


def crashes(scene, number, first=0, app_version="1.0", **changes):
    for n in range(first, first + number):
        sent = crash(user_id=str(person(n)), app_version=app_version, **changes)
        assert scene.client.post("/crash", json=sent).status_code == 200
    fold_all(scene.services)


def test_a_number_past_its_threshold_fires_and_is_over_the_next_day(scene):
    rule = scene.rule("number", number="events", comparison="above", threshold=2)
    scene.send("/track", events=events(2))
    assert scene.look() == []
    scene.send("/track", events=events(1))
    [said] = scene.look(scene.now + timedelta(minutes=1))
    assert said.startswith("firing: ")
    assert "today: 3, above 2; usually 0" in said
    assert scene.look(scene.now + timedelta(minutes=2)) == []
    [said] = scene.look(scene.now + timedelta(days=1))
    assert said.startswith("resolved: ")
    assert "no longer above 2" in said
    assert scene.logged(rule) == ["firing", "resolved"]


def test_between_the_threshold_and_that_of_its_end_a_number_goes_on_firing(scene):
    rule = scene.rule("number", number="events", comparison="above", threshold=2, clear=0)
    scene.send("/track", events=events(3))
    assert len(scene.look()) == 1
    run(scene.services.database, "update event_series set n = 1")
    assert scene.look(scene.now + timedelta(minutes=1)) == []  # neither above 2 nor 0
    assert scene.states(rule) == {"": "firing"}
    assert len(scene.look(scene.now + timedelta(days=1))) == 1


def test_a_number_of_too_few_people_tells_nothing(scene):
    scene.rule("number", number="events", comparison="above", threshold=2, least=4)
    scene.send("/track", events=events(3))
    assert scene.look() == []
    scene.send("/track", events=events(4))
    assert len(scene.look(scene.now + timedelta(minutes=1))) == 1


def test_a_new_issue_is_told_once(scene):
    rule = scene.rule("new_issue")
    crashes(scene, 2)
    [said] = scene.look()
    assert said == "firing: New issue: TypeError: Cannot read property (app.js) in 1.0, 2 people"
    crashes(scene, 1)
    assert scene.look(scene.now + timedelta(minutes=20)) == []
    with scene.services.database.transaction() as tx:
        [row] = tx.rows("alerts/issues", app_id=1, because="new", since=scene.now - timedelta(days=1),
                        people=1, firing=[], limit=9)  # fmt: skip
        states.resolve(tx, row["issue_id"], "ann")
    assert scene.look(scene.now + timedelta(minutes=21)) == []
    assert scene.logged(rule) == ["firing", "resolved"]


def test_a_new_issue_of_a_server_is_told_though_nobody_met_it(scene):
    scene.rule("new_issue")
    scene.send("/crash", **crash(user_id=str(NOBODY), timestamp=scene.now.isoformat()))
    [said] = scene.look()
    assert said.startswith("firing: New issue: ")
    assert said.endswith("0 people")


def test_an_issue_is_told_when_enough_people_have_met_it(scene):
    scene.rule("new_issue", people=3)
    crashes(scene, 2)
    assert scene.look() == []
    crashes(scene, 3)
    assert len(scene.look(scene.now + timedelta(minutes=1))) == 1


def test_a_resolved_issue_that_is_back_is_told(scene):
    scene.rule("regressed_issue")
    services = scene.services
    stored_crash(services, "cart", scene.now - timedelta(hours=2))
    fold_all(services)
    assert scene.look() == []
    with services.database.transaction() as tx:
        states.resolve(tx, issue_id(services, "cart"), "ann")
    crashed = scene.now + timedelta(minutes=3)
    stored_crash(services, "cart", crashed, who=2)
    fold_all(services)
    [said] = scene.look(crashed)
    assert said.startswith("firing: Back after it was resolved: cart (in cart)")


def test_a_spike_is_told_once_while_it_goes_on_and_then_is_over(scene):
    """The turn of the hour begins with no crash at all."""
    rule = scene.rule("issue_spike", times=3, least=10)
    hour = scene.now.replace(minute=0, second=0, microsecond=0)
    for n in range(12):
        stored_crash(scene.services, "cart", hour - timedelta(hours=1, seconds=n - 99), who=n)
    fold_all(scene.services)
    [said] = scene.look(hour - timedelta(minutes=30))
    assert said.startswith("firing: 12 crashes in an hour, usually 0: cart")
    assert scene.look(hour + timedelta(minutes=1)) == []
    assert set(scene.states(rule).values()) == {"firing"}
    assert scene.look(hour + timedelta(hours=1, minutes=1)) == []  # of issues no end is told
    assert set(scene.states(rule).values()) == {"resolved"}


def test_what_an_issue_does_each_week_at_this_hour_is_no_spike(scene):
    """The four weeks are counted, and not only the last two."""
    scene.rule("issue_spike", times=3, least=10)
    hour = scene.now.replace(minute=0, second=0, microsecond=0)
    for days in (0, *range(15, 29)):
        for n in range(12):
            when = hour - timedelta(days=days) + timedelta(seconds=n + 1)
            stored_crash(scene.services, "cart", when, who=n)
    fold_all(scene.services)
    assert (
        scene.look() == []
    )  # 12 now, and 14 times 12 in 28 days: 6 usually, of which 3 times are 18
    for n in range(12, 20):
        stored_crash(scene.services, "cart", hour + timedelta(seconds=n + 1), who=n)
    fold_all(scene.services)
    assert scene.look(scene.now + timedelta(seconds=1)) == [
        "firing: 20 crashes in an hour, usually 6: cart (in cart) in 1.0"
    ]


@pytest.mark.parametrize("weeks", [2, 3])
def test_no_events_are_told_where_the_last_weeks_had_some(scene, weeks):
    scene.rule("no_events", hours=6)
    for week in range(1, weeks + 1):
        at = scene.now - timedelta(weeks=week, hours=2)
        scene.send("/track", events=events(1, timestamp=at.isoformat()))
    said = scene.look()
    if weeks == 2:
        assert said == []
        return
    assert said == [
        "firing: No events for 6 hours; at this hour there were some in 3 of the last 4 weeks"
    ]
    scene.send("/track", events=events(1))
    assert scene.look(scene.now + timedelta(minutes=1)) == ["resolved: Events come again"]


def test_a_release_that_crashes_for_more_people_is_told(scene):
    rule = scene.rule("release_worse")
    for version, first, days in (("1.0.0", 0, 3), ("1.1.0", 100, 2), ("1.0.0", 0, 1)):
        at = (scene.now - timedelta(days=days)).isoformat()
        scene.send("/track", events=events(60, first, app_version=version, timestamp=at))
    assert scene.look() == []
    at = (scene.now - timedelta(hours=23)).isoformat()
    crashes(scene, 30, 100, app_version="1.1.0", timestamp=at)
    assert scene.look(scene.now + timedelta(minutes=1)) == [
        "firing: 1.1.0 crashes for more people than 1.0.0: crash-free 50.0 % beside 100.0 %"
    ]
    # It is no longer among those of the last 30 days.
    [said] = scene.look(scene.now + timedelta(days=40))
    assert said.startswith("resolved: ")
    assert scene.logged(rule) == ["firing", "resolved"]


def test_a_share_of_refused_items_is_told(scene):
    scene.rule("refused", percent=50, least=20)
    good, bad = event(), event(event="", user_id="nobody")
    scene.send("/track", events=[good])
    scene.client.post("/track", json={"events": [bad] * 30})
    scene.services.ledger.write()
    [said] = scene.look()
    assert said.startswith("firing: 96.77 % of 31 items today were refused, most for ")
    scene.send("/track", events=events(40))
    assert len(scene.look(scene.now + timedelta(minutes=1))) == 1


def test_a_disk_that_will_be_full_is_told(scene):
    rule = scene.rule("disk_full", app=None, days=14)
    free = shutil.disk_usage(scene.services.config.data_path).free
    assert scene.look() == []
    sizes = "insert into database_sizes values (%(day)s, 1), (%(today)s, %(bytes)s) " \
            "on conflict (day) do update set bytes = excluded.bytes"  # fmt: skip
    days = {"day": scene.now.date() - timedelta(days=4), "today": scene.now.date()}
    # Full in 4.8 days, so that others who use the disk meanwhile change nothing.
    run(scene.services.database, sizes, **days, bytes=free * 10 // 12)
    [said] = scene.look(scene.now + timedelta(minutes=1))
    assert said.startswith("firing: ")
    assert "it is full in 4 days" in said
    run(scene.services.database, sizes, **days, bytes=1000)
    [said] = scene.look(scene.now + timedelta(minutes=2))
    assert said.startswith("resolved: ")
    assert scene.logged(rule) == ["firing", "resolved"]


def test_numbers_that_are_late_are_told(scene):
    scene.rule("fold_behind", app=None, minutes=10)
    scene.services.events.append([event_row(person(1), scene.now)])
    assert scene.look() == []
    run(scene.services.database, "update outbox set received_at = now() - interval '11 minutes'")
    assert scene.look(scene.now + timedelta(minutes=1)) == [
        "firing: Numbers are 11 minutes late: events wait to be counted"
    ]
    fold_all(scene.services)
    assert scene.look(scene.now + timedelta(minutes=2)) == ["resolved: Numbers are no longer late"]


@pytest.mark.parametrize("name", ["thin", "alerts"])
def test_a_failing_job_is_told_and_not_that_it_runs_again(scene, name):
    scene.rule("job_failing", app=None)
    services, problem = scene.services, [OSError("no room")]
    context = JobContext(services.config, services.database, services.apps, services.key)

    def work(context):
        if problem:
            raise problem[0]
        return {}

    job = Job(name, "a job of the tests", 0.0, work)
    with pytest.raises(OSError, match="no room"):
        aggregator.run(job, context)
    assert scene.look() == [f"firing: The job {name} fails: OSError: no room"]
    with services.database.transaction() as tx:  # it has begun again
        tx.run("jobs/claim", job=name, hours=0, again=0)
    assert scene.look(scene.now + timedelta(minutes=1)) == []
    problem.clear()
    aggregator.run(job, context)
    assert scene.look(scene.now + timedelta(minutes=2)) == [f"resolved: The job {name} works"]
