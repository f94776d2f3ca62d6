"""What a report says: its numbers are those of /stats and GET /numbers, and so is what moved them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from stories.alerts import report
from stories.reports.numbers import list_numbers
from stories.rollups import fold
from tests.clock import NOW
from tests.rollup_tables import new_app, run
from tests.stats_traffic import prepare, send
from tests.support import basic, crash, event

AUTH = basic("admin", "admin")
# Of the report -> where /stats has it over the same days.
IN_STATS = {
    "active_users": "daily_stats.active_users",
    "new_users": "summary.new_users",
    "events": "daily_stats.events",
    "crash_count": "summary.crash_count",
    "crash_free_rate": "summary.crash_free_rate",
    "recordings": "summary.total_recordings",
    "transcriptions": "summary.transcription_completed_count",
    "success_rate": "summary.success_rate",
    "cost_usd": "summary.total_cost_usd",
}
NAME_OF = {"events": "events", "people": "active_users", "crashes": "crash_count"}
FIELD_OF = {"version": "version", "country": "country", "platform": "platform", "event": "event"}


def ask(client, path, **query):
    answer = client.get(path, query_string={"app": "desktop", **query}, headers=AUTH)
    assert answer.status_code == 200, answer.json
    return answer.json


def previewed(client, every="week", **query):
    return ask(client, "/reports/preview", every=every, format="json", **query)["report"]


def of_stats(stats, place):
    section, _, name = place.partition(".")
    if section == "daily_stats":
        return sum(row[name] for row in stats["daily_stats"])
    return stats[section][name]


@pytest.fixture(scope="module")
def traffic(lasting_app):
    prepare(lasting_app)
    send(lasting_app, "desktop", 5)
    services = lasting_app.extensions["stories"]
    fold.fold(services.database, services.apps, services.key)
    return lasting_app.test_client()


@pytest.mark.parametrize("every", ["week", "month"])
def test_its_numbers_are_those_of_stats_for_the_same_days(traffic, every):
    told = previewed(traffic, every)
    spans = {"value": (told["from"], told["to"]), "before": (*told["before"].values(),)}
    by_name = {number["name"]: number for number in told["numbers"]}
    assert set(IN_STATS) <= set(by_name)
    for which, (first, last) in spans.items():
        stats = ask(traffic, "/stats", **{"from": first, "to": last, "group_by": "month"})
        buckets = len(stats["daily_stats"])
        for name, place in IN_STATS.items():
            if name == "active_users" and buckets > 1:
                continue  # people of two months are no sum; GET /numbers is compared below
            wanted = of_stats(stats, place)
            assert by_name[name][which] == pytest.approx(wanted), (name, which)


def test_its_numbers_are_those_of_get_numbers_and_say_how_they_changed(traffic):
    traffic.post(
        "/key-numbers?app=desktop",
        json={"name": "Toggles", "measure": "events", "event": "feature_toggled"},
        headers=AUTH,
    )
    told = previewed(traffic)
    assert told["numbers"][0]["title"] == "Toggles", "what its makers chose stands first"
    before = told["before"]
    for number in told["numbers"]:
        now = ask(traffic, f"/numbers/{number['name']}", **{"from": told["from"], "to": told["to"]})
        past = ask(
            traffic, f"/numbers/{number['name']}", **{"from": before["from"], "to": before["to"]}
        )
        assert number["value"] == now["value"]
        assert number["before"] == past["value"]
        if past["value"]:
            change = 100 * (now["value"] - past["value"]) / past["value"]
            assert number["change"] == pytest.approx(change, abs=0.06)


def test_every_rolled_up_number_that_is_not_nothing_is_in_it(traffic):
    services = traffic.application.extensions["stories"]
    told = {number["name"] for number in previewed(traffic, "month")["numbers"]}
    app = services.apps.by_slug("desktop")
    with services.reading() as tx:
        listed = list_numbers(tx, app, NOW.date())
    left_out = {number.name for number in listed} - told
    assert "cost_usd" in told
    for name in left_out:
        assert not ask(traffic, f"/numbers/{name}", **{"from": "2026-10-01", "to": "2026-10-31"})[
            "value"
        ]


def test_what_moved_a_number_is_what_the_filters_say_of_that_value(traffic):
    told = previewed(traffic)
    assert [mover["measure"] for mover in told["movers"]] == ["people", "events", "crashes"]
    compared = set()
    for mover in told["movers"]:
        name = NAME_OF[mover["measure"]]
        for which, span in (("value", told), ("before", told["before"])):
            days = {"from": span["from"], "to": span["to"]}
            assert mover[which] == ask(traffic, f"/numbers/{name}", **days)["value"]
            for part in mover["parts"]:
                field = FIELD_OF.get(part["dim"])
                if field is None:
                    continue
                days["filter"] = f"{field}:is:{part['name']}"
                assert part[which] == ask(traffic, f"/numbers/{name}", **days)["value"], part
                compared.add((name, field))
    assert {("active_users", "country"), ("events", "version"), ("events", "event")} <= compared
    assert {("crash_count", "version"), ("crash_count", "platform")} <= compared


# By hand -------------------------------------------------------------------------------------------


@pytest.fixture
def at_noon(app):
    """A Wednesday; the days that ended last are Monday 9 to Sunday 15 November."""
    app.config["NOW"] = lambda: datetime(2026, 11, 18, 12, tzinfo=UTC)


def on(day, **more):
    return event(timestamp=f"2026-11-{day:02}T10:00:00+00:00", **more)


def person(number):
    return f"550e8400-e29b-41d4-a716-4466554400{number:02}"


def test_most_of_a_change_is_the_value_that_moved_with_it(client, at_noon):
    client.post("/track", json={"events": [
        *(on(4, country="US", id=f"a{n}", user_id=person(n)) for n in range(4)),
        *(on(11, country="US", id=f"b{n}", user_id=person(n)) for n in range(3)),
        *(on(12, country="DE", id=f"c{n}", user_id=person(n + 20)) for n in range(7)),
    ]})  # fmt: skip
    movers = {mover["measure"]: mover for mover in previewed(client)["movers"]}
    assert list(movers) == ["people", "events"], "nothing crashed"
    for measure in movers.values():
        assert (measure["before"], measure["value"], measure["change"]) == (4, 10, 6)
        parts = {part["dim"]: part for part in measure["parts"]}
        assert parts["country"] == {
            "dim": "country", "name": "DE", "value": 7, "before": 0, "change": 7, "share": None,
        }  # fmt: skip
        assert parts["platform"]["share"] == 100


def test_a_fall_is_explained_by_what_fell(client, at_noon):
    client.post("/track", json={"events": [
        *(on(4, app_version="1.0", id=f"a{n}") for n in range(9)),
        *(on(4, app_version="1.1", id=f"b{n}") for n in range(2)),
        on(11, app_version="1.0", id="c"),
        *(on(11, app_version="2.0", id=f"d{n}") for n in range(3)),
    ]})  # fmt: skip
    [events] = [m for m in previewed(client)["movers"] if m["measure"] == "events"]
    [version] = [part for part in events["parts"] if part["dim"] == "version"]
    assert (events["change"], version["name"], version["change"]) == (-7, "1.0", -8)


def test_an_app_without_anything_says_so_in_a_line(client, at_noon):
    told = previewed(client)
    assert told["is_empty"]
    assert (told["numbers"], told["movers"], told["issues"], told["releases"]) == ([], [], [], [])
    answer = client.get("/reports/preview?app=desktop&format=text", headers=AUTH)
    assert answer.text.splitlines()[:4] == [
        f"{told['app']}: 9 Nov to 15 Nov 2026",
        "2026-11-09 to 2026-11-15, beside 2026-11-02 to 2026-11-08",
        "",
        report.NOTHING,
    ]
    assert len(answer.text) < 300


def test_a_week_in_which_all_fell_silent_is_not_called_empty(client, at_noon):
    client.post("/track", json={"events": [on(4)]})
    told = previewed(client)
    assert not told["is_empty"]
    [events] = [number for number in told["numbers"] if number["name"] == "events"]
    assert (events["value"], events["before"], events["change"]) == (0, 1, -100.0)
    assert events["feeling"] == "bad"


def test_new_and_regressed_issues_and_releases_are_named(client, services, at_noon):
    def report_crash(message, day, version="1.0"):
        sent = crash(
            error_message=message,
            stack_trace=f"Error\n    at {message} (a.js:1:1)",
            timestamp=f"2026-11-{day:02}T10:00:00+00:00",
            app_version=version,
            id=f"{message}{day}",
        )
        assert client.post("/crash", json=sent).status_code == 200

    client.post("/track", json={"events": [on(3, app_version="1.0", id="1")]})
    report_crash("Older", 3)
    client.get("/issues?app=desktop", headers=AUTH)
    client.post("/track", json={"events": [on(10, app_version="1.1", id="2")]})
    report_crash("Newer", 10, "1.1")
    told = previewed(client)
    assert [(issue["what"], issue["title"]) for issue in told["issues"]] == [
        ("new", "Error: Newer")
    ]
    assert told["issues"][0]["link"].startswith("/dashboard/issue?app=desktop&id=desktop-")
    releases = {row["version"]: row["is_new"] for row in told["releases"]}
    assert releases == {"1.1": True}
    run(
        services.database,
        "update issues set because = 'regressed', since = '2026-11-12T10:00Z' "
        "where title = 'Error: Older'",
    )
    told = previewed(client)
    assert {issue["title"]: issue["what"] for issue in told["issues"]} == {
        "Error: Older": "regressed", "Error: Newer": "new",
    }  # fmt: skip
    run(services.database, "update issues set first_seen = first_seen - interval '90 days'")
    assert [issue["title"] for issue in previewed(client)["issues"]] == ["Error: Older"]


def test_more_issues_than_are_listed_are_counted(client, at_noon):
    for number in range(report.MOST_ISSUES + 3):
        word = "".join(chr(97 + (number + n) % 26) for n in range(6))
        sent = crash(
            error_message=f"{word} failed",
            stack_trace=f"Error\n    at {word} ({word}.js:1:1)",
            timestamp="2026-11-10T10:00:00+00:00",
            id=word,
        )
        client.post("/crash", json=sent)
    told = previewed(client)
    assert (len(told["issues"]), told["more_issues"]) == (report.MOST_ISSUES, 3)


def test_storage_is_told_to_who_may_see_the_whole_server(client, services, at_noon, tmp_path):
    services.config = replace(services.config, data_dir=str(tmp_path))
    assert previewed(client)["storage"] is None, "no size is noted yet"
    run(
        services.database,
        "insert into database_sizes values ('2026-11-05', 1000), ('2026-11-15', 6000)",
    )
    storage = previewed(client)["storage"]
    assert (storage["bytes"], storage["a_day"]) == (6000, 500)
    assert storage["days_left"] == storage["free"] // 500
    made = client.post("/accounts", json={"name": "Ed", "role": "editor"}, headers=AUTH).json
    client.post("/invite", json={"secret": made["invite"], "password": "correct horse battery"})
    answer = client.get(
        "/reports/preview?app=desktop&format=json",
        headers=basic("Ed", "correct horse battery"),
    )
    assert answer.json["report"]["storage"] is None


def test_the_days_are_those_of_the_app_s_timezone(services):
    tokyo = new_app(services, "tokyo", "Asia/Tokyo")
    # Sunday evening in London is Monday in Tokyo.
    now = datetime(2026, 11, 15, 18, tzinfo=UTC)
    period = report.period_before(tokyo, "week", now)
    assert (period.days.first, period.days.last) == (date(2026, 11, 9), date(2026, 11, 15))
    assert period.key == "2026-W46"
    assert report.period_before(tokyo, "day", now).days.last == date(2026, 11, 15)
    month = report.period_before(tokyo, "month", now)
    assert (month.days.first, month.days.last) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (month.before.first, month.before.last) == (date(2026, 9, 1), date(2026, 9, 30))
    first = report.period_before(tokyo, "month", datetime(2026, 1, 1, tzinfo=UTC))
    assert (first.key, first.before.first) == ("2025-12", date(2025, 11, 1))
    assert period.before.last + timedelta(days=1) == period.days.first
