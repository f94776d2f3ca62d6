"""Numbers of the sessions that an app's SDK counts: in /stats and of releases."""

from __future__ import annotations

import pytest

from stories.intake.adapters.sentry_sessions import RANKS, SessionUpdate
from tests.rollup_tables import event_row, fold_all, midday, person

AUTH = ("admin", "admin")


@pytest.fixture
def counted(client, services, now):
    """1.0: ten sessions, of which one crashed, one ended abnormally, one had errors; 2.0: four good ones
    a day later, and one without a version."""
    ends = ["ok"] * 4 + ["exited"] * 3 + ["crashed", "abnormal", "unhandled"]
    rows: list[tuple[str | None, int, str, int]] = [("1.0", 2, end, 1) for end in ends]
    rows += [("2.0", 1, "exited", 4), (None, 1, "errored", 1)]
    services.sdk_sessions.append(
        [
            SessionUpdate(1, person(n), midday(now, days), version, RANKS[end], number)
            for n, (version, days, end, number) in enumerate(rows)
        ]
    )
    fold_all(services)
    return client


def stability(client, **query):
    query = {"app": "desktop", "period": "7d", **query}
    answer = client.get("/stats/stability", query_string=query, auth=AUTH)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def test_an_app_without_such_sessions_has_nulls(client):
    told = stability(client)["stability"]
    for name in ("sessions", "errored_sessions", "crash_free_sessions"):
        assert told[name] is None
    assert told["sessions_per_day"] is told["sessions_by_version"] is None


def test_a_session_is_crash_free_unless_it_crashed_or_ended_abnormally(counted):
    answer = stability(counted)
    told = answer["stability"]
    assert (told["sessions"], told["errored_sessions"]) == (15, 2)
    assert told["crash_free_sessions"] == 86.67
    assert answer["samples"]["stability.crash_free_sessions"] == 15
    assert [row for row in told["sessions_per_day"] if row["sessions"]] == [
        {"date": "2026-11-19", "sessions": 10, "errored_sessions": 1, "crash_free_sessions": 80.0},
        {"date": "2026-11-20", "sessions": 5, "errored_sessions": 1, "crash_free_sessions": 100.0},
    ]
    assert len(told["sessions_per_day"]) == 7
    assert told["sessions_per_day"][0]["crash_free_sessions"] is None
    assert sum(row["sessions"] for row in told["sessions_per_month"]) == 15


def test_versions_stand_beside_each_other_with_most_sessions_first(counted):
    rows = stability(counted)["stability"]["sessions_by_version"]
    assert [(row["key"], row["sessions"], row["crash_free_sessions"]) for row in rows] == [
        ("1.0", 10, 80.0),
        ("2.0", 4, 100.0),
        ("unknown", 1, 100.0),
    ]


def test_a_filter_by_version_counts_its_sessions_and_others_leave_them_out(counted):
    told = stability(counted, filter="version:is:1.0")
    assert told["stability"]["sessions"] == 10
    assert [row["key"] for row in told["stability"]["sessions_by_version"]] == ["1.0"]
    for condition in ("platform:is:linux", "version:gte:1.0"):
        told = stability(counted, filter=condition)
        assert "stability.sessions" in told["unfiltered"]
        assert "sessions" not in told["stability"]


def test_days_before_have_no_sessions_and_no_rate(counted):
    told = stability(counted, period="", **{"from": "2026-11-01", "to": "2026-11-05"})["stability"]
    assert (told["sessions"], told["crash_free_sessions"]) == (0, None)


def test_releases_have_sessions_beside_people(counted, services, now):
    services.events.append([event_row(person(1), midday(now, 1), app_version="3.0")])
    fold_all(services)
    answer = counted.get("/releases?app=desktop&period=7d", auth=AUTH).get_json()
    rows = {row["version"]: row for row in answer["releases"]}
    assert list(rows) == ["3.0", "2.0", "1.0"]
    assert (rows["1.0"]["sessions"], rows["1.0"]["crash_free_sessions"]) == (10, 80.0)
    assert (rows["1.0"]["people"], rows["1.0"]["errored_sessions"]) == (0, 1)
    assert (rows["3.0"]["sessions"], rows["3.0"]["crash_free_sessions"]) == (None, None)
    page = counted.get("/releases/1.0?app=desktop&period=7d", auth=AUTH).get_json()["release"]
    assert (page["sessions"], page["crash_free_sessions"]) == (10, 80.0)
    narrowed = counted.get("/releases?app=desktop&period=7d&filter=country:is:DE", auth=AUTH)
    assert "crash_free_sessions" in narrowed.get_json()["unfiltered"]
