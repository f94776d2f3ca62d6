"""GET /stats and /stats/<family>: what may be asked, and the shape of what is answered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from database import Database, Inline
from stories.reports import FAMILIES
from stories.web.services import Services
from tests.support import crash, event

AUTH = ("admin", "admin")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
OTHER = "650e8400-e29b-41d4-a716-446655440001"


@pytest.fixture(autouse=True)
def clock(app: Flask) -> None:
    app.config["NOW"] = lambda: NOW


def track(client: FlaskClient, *events: dict[str, Any]) -> None:
    body = client.post("/track", json={"events": list(events)}).get_json()
    assert body["events_stored"] == len(events), body


def ask(client: FlaskClient, address: str = "/stats") -> dict[str, Any]:
    answer = client.get(address, auth=AUTH)
    assert answer.status_code == 200, answer.get_json()
    body: dict[str, Any] = answer.get_json()
    return body


def test_it_answers_thirty_days_by_day_of_the_default_app(client: FlaskClient) -> None:
    body = ask(client)
    assert list(body) == [
        "success",
        "period",
        "from",
        "to",
        "timezone",
        "group_by",
        "covers_from",
        "unfiltered",
        "computed",
        "compared",
        "summary",
        "top_countries",
        "daily_stats",
        "previous",
        "samples",
    ]
    assert (body["period"], body["from"], body["to"]) == ("30d", "2026-10-23", "2026-11-21")
    assert (body["timezone"], body["group_by"], body["covers_from"]) == ("UTC", "day", None)
    assert len(body["daily_stats"]) == 30
    assert list(body["summary"]) == [
        "total_users",
        "active_users_7d",
        "active_users_30d",
        "new_users",
        "total_recordings",
        "total_hours_transcribed",
        "total_cost_usd",
        "success_rate",
        "crash_free_rate",
        "crash_count",
        "crash_rate",
        "successful_recordings",
        "recording_started_count",
        "transcription_completed_count",
        "transcription_failed_count",
        "app_opened_count",
    ]
    assert body["summary"]["success_rate"] is None
    assert list(body["previous"]) == list(body["summary"])


def test_a_period_of_all_starts_at_the_first_event_and_has_no_previous(client: FlaskClient) -> None:
    track(client, event(timestamp="2026-09-03T23:59:00Z"), event(timestamp="2026-11-20T10:00:00Z"))
    client.post("/crash", json=crash(timestamp="2026-08-01T10:00:00Z"))
    body = ask(client, "/stats?period=all&group_by=month")
    assert body["from"] == "2026-09-03"
    assert [row["date"] for row in body["daily_stats"]] == [
        "2026-09-01",
        "2026-10-01",
        "2026-11-01",
    ]
    assert "previous" not in body


def test_a_range_of_days_answers_like_a_period(client: FlaskClient) -> None:
    track(client, event(timestamp="2026-11-02T10:00:00Z"))
    body = ask(client, "/stats?from=2026-11-01&to=2026-11-02")
    assert (body["period"], body["from"], body["to"]) == (None, "2026-11-01", "2026-11-02")
    assert [row["active_users"] for row in body["daily_stats"]] == [0, 1]


def test_a_new_event_is_in_the_next_answer(client: FlaskClient) -> None:
    assert ask(client)["summary"]["total_users"] == 0
    track(client, event(timestamp="2026-11-21T10:00:00Z"))
    assert ask(client)["summary"]["total_users"] == 1


def test_tomorrow_asks_anew_although_nothing_came(app: Flask, client: FlaskClient) -> None:
    track(client, event(timestamp="2026-11-15T10:00:00Z"))
    assert ask(client)["summary"]["active_users_7d"] == 1
    app.config["NOW"] = lambda: datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert ask(client)["summary"]["active_users_7d"] == 0


def test_an_answer_is_kept_until_the_next_fold(client: FlaskClient, database: Database) -> None:
    """A change behind the fold's back goes unseen until a fold makes the next answer read again."""
    track(client, event(timestamp="2026-11-21T10:00:00Z"))
    assert ask(client)["summary"]["crash_count"] == 0
    with database.transaction() as tx:
        tx.run(
            Inline(
                "/* test */ insert into daily_crashes select app_id, '2026-11-21', 'none', '', 'x', 5 "
                "from apps where slug = 'desktop'"
            )
        )
    assert ask(client)["summary"]["crash_count"] == 0
    track(client, event(timestamp="2026-11-21T11:00:00Z"))
    assert ask(client)["summary"]["crash_count"] == 5


def test_a_day_is_one_of_the_apps_timezone(
    client: FlaskClient, database: Database, services: Services
) -> None:
    with database.transaction() as tx:
        tx.run(Inline("/* test */ update apps set timezone = 'Asia/Tokyo' where slug = 'desktop'"))
    services.apps.forget()
    track(client, event(timestamp="2026-11-20T16:00:00Z"))
    body = ask(client, "/stats?period=7d")
    assert (body["timezone"], body["to"]) == ("Asia/Tokyo", "2026-11-21")
    assert body["daily_stats"][-1]["active_users"] == 1


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_is_a_key_of_stats_and_an_address_of_its_own(
    client: FlaskClient, family: str
) -> None:
    track(client, event(timestamp="2026-11-20T10:00:00Z"))
    alone = ask(client, f"/stats/{family}?period=7d")
    assert "summary" not in alone
    assert alone[family] == ask(client, f"/stats?period=7d&include={family}")[family]


def test_several_families_are_named_with_commas(client: FlaskClient) -> None:
    body = ask(client, "/stats?include=quality,growth")
    assert {"growth", "quality"} <= set(body)
    assert "costs" not in body


def test_a_filter_names_what_it_leaves_out(client: FlaskClient) -> None:
    track(
        client,
        event(timestamp="2026-11-20T10:00:00Z", app_version="0.9.51"),
        event(timestamp="2026-11-20T10:00:00Z", app_version="1.0.0", user_id=OTHER),
    )
    body = ask(client, "/stats?app_version=1.0.0&include=stability")
    assert body["summary"]["active_users_7d"] == 1
    assert (body["summary"]["total_users"], body["previous"]["total_users"]) == (1, 0)
    assert sum(row["new_users"] for row in body["daily_stats"]) == 1
    assert body["unfiltered"] == ["stability.crashes_by_os"]


def test_a_country_leaves_the_crashes_out(client: FlaskClient) -> None:
    body = ask(client, "/stats/stability?country=DE")
    assert "stability" not in body
    assert body["unfiltered"] == ["stability"]


def test_a_filter_counts_people_of_that_version_only(client: FlaskClient) -> None:
    track(
        client,
        *(
            event(
                timestamp=f"2026-11-{day}T10:00:00Z",
                app_version=version,
                user_id=person,
                country="DE",
            )
            for day, version, person in (
                (10, "1.0.0", OTHER),
                (12, "1.1.0", OTHER),
                (12, "1.1.0", event()["user_id"]),
            )
        ),
    )
    body = ask(client, "/stats?app_version=1.1.0&period=30d&include=usage")
    assert body["top_countries"] == [{"country": "DE", "users": 2, "percentage": 100.0}]
    assert [row["users"] for row in body["usage"]["mau"]][-10:] == [2] * 10
    assert [row["users"] for row in body["usage"]["wau"]][-10:] == [2] * 7 + [0] * 3


@pytest.mark.parametrize(
    ("query", "name", "sentence"),
    [
        ("period=14d", "period", "period must be one of 7d, 30d, 90d, all"),
        ("group_by=hour", "group_by", "group_by must be one of day, week, month"),
        ("include=money", "include", "include must be some of growth"),
        ("from=2026-11-21T10:00:00", "from", "from must be a date"),
        ("from=20261121", "from", "from must be a date"),
        ("from=2026-02-30", "from", "from must be a date"),
        ("to=2026-11-21", "to", "to requires from"),
        ("from=2026-11-02&to=2026-11-01", "to", "to must not be before from"),
        ("from=1990-01-01", "from", "from must be at most 3660 days before to"),
        ("from=2026-11-02&period=7d", "period", "period cannot be combined with from"),
        ("app=nobody", "app", "app is not the slug of an app"),
        ("version=1.0.0", "version", "version is not a parameter"),
        (
            "filter=colour:is:red",
            "filter",
            'filter cannot be read: "colour:is:red": the fields are',
        ),
        (
            "filter=version:like:1",
            "filter",
            'filter cannot be read: "version:like:1": the operators',
        ),
        ("filter=country:is:DE&filter=x", "filter", 'filter cannot be read: "x": the fields are'),
        ("segment=7", "segment", "segment must be the id of a segment of this app"),
        ("question_id=7", "question_id", "question_id must be a UUID"),
    ],
)
def test_it_refuses_a_wrong_parameter_by_name(
    client: FlaskClient, query: str, name: str, sentence: str
) -> None:
    answer = client.get(f"/stats?{query}", auth=AUTH)
    body = answer.get_json()
    assert answer.status_code == 400
    assert body["error"].startswith(sentence)
    assert body["details"][0]["parameter"] == name


def test_it_refuses_include_where_one_family_is_asked(client: FlaskClient) -> None:
    assert client.get("/stats/growth?include=costs", auth=AUTH).status_code == 400


def test_an_unknown_family_is_not_found(client: FlaskClient) -> None:
    answer = client.get("/stats/money", auth=AUTH)
    assert answer.status_code == 404
    assert "growth, usage" in answer.get_json()["error"]


def test_it_refuses_who_has_no_login(client: FlaskClient) -> None:
    assert client.get("/stats").status_code == 401
    assert client.get("/stats/growth").status_code == 401


def test_covers_from_is_the_day_after_the_last_sealed_one_of_the_range(
    client: FlaskClient, database: Database
) -> None:
    with database.transaction() as tx:
        tx.run(
            Inline(
                "/* test */ insert into sealed_days select app_id, day::date from apps, "
                "(values ('2026-10-01'), ('2026-10-30')) as days (day) where slug = 'desktop'"
            )
        )
    assert ask(client, "/stats?period=7d")["covers_from"] is None
    assert ask(client, "/stats?period=30d")["covers_from"] == "2026-10-31"
    assert ask(client, "/stats?from=2026-09-01&to=2026-10-15")["covers_from"] == "2026-10-02"


@pytest.mark.parametrize("version", [None, "1.0.0"])
@pytest.mark.parametrize("gap", [1, 6, 7, 8, 29, 30, 31])
def test_moving_windows_hold_a_person_once_however_long_they_were_away(
    client: FlaskClient, gap: int, version: str | None
) -> None:
    first = date(2026, 9, 10)
    days = [first, first + timedelta(days=gap)]
    track(
        client,
        *(
            event(timestamp=f"{day}T10:00:00Z", app_version="1.0.0", user_id=person)
            for day in days
            for person in (OTHER, event()["user_id"])
        ),
    )
    query = f"&app_version={version}" if version else ""
    found = ask(client, f"/stats/usage?from=2026-09-01&to=2026-11-21{query}")["usage"]
    for name, length in (("dau", 1), ("wau", 7), ("mau", 30)):
        for row in found[name]:
            ending = date.fromisoformat(row["date"])
            held = any(day <= ending < day + timedelta(days=length) for day in days)
            assert row["users"] == (2 if held else 0), (name, row)


def test_the_wait_for_the_first_crash_counts_on_the_day_of_the_crash(client: FlaskClient) -> None:
    track(client, event(timestamp="2026-11-18T08:00:00Z"))
    track(client, event(timestamp="2026-11-18T08:00:00Z", user_id=OTHER))
    client.post("/crash", json=crash(timestamp="2026-11-21T11:00:00Z"))
    client.post("/crash", json=crash(timestamp="2026-11-18T07:00:00Z", user_id=OTHER))
    family = ask(client, "/stats/stability?period=7d")["stability"]
    hours = (3 * 24 + 3) * 3600.0
    assert family["time_to_first_crash"] == {"median": hours, "mean": hours}
    past = ask(client, "/stats/stability?from=2026-11-15&to=2026-11-20")["stability"]
    assert past["time_to_first_crash"] == {"median": None, "mean": None}
