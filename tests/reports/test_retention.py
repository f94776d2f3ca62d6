"""GET /retention: cohorts by day, week and month, and what is not known yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import basic, event

AUTH = basic("admin", "admin")


def send(client, now, *items: tuple[str, int, float]) -> None:
    """items: name, person, days ago."""
    events = [
        event(
            event=name,
            user_id=f"00000000-0000-4000-8000-{person:012d}",
            timestamp=(now - timedelta(days=days)).isoformat(),
        )
        for name, person, days in items
    ]
    assert client.post("/track", json={"events": events}).json["events_stored"] == len(items)


def ask(client, **query: Any) -> Any:
    answer = client.get("/retention", query_string=query, headers=AUTH)
    assert answer.status_code == 200, answer.text
    return answer.json


def cohorts(answer: Any) -> list[tuple[int, list[int | None]]]:
    return [(row["size"], row["returned"]) for row in answer["cohorts"]]


def span(now, first: int, last: int) -> dict[str, str]:
    """From so many days ago to so many."""
    return {
        "from": str((now - timedelta(days=first)).date()),
        "to": str((now - timedelta(days=last)).date()),
    }


OPENED, RECORDED = "app_opened", "recording_started"


def test_who_came_for_the_first_time_and_when_they_came_back(client, now):
    send(
        client, now, (OPENED, 0, 4), (OPENED, 0, 3), (OPENED, 0, 1), (OPENED, 1, 4), (OPENED, 2, 3)
    )
    send(client, now, (OPENED, 1, 0), (OPENED, 3, 9), (OPENED, 3, 4))
    answer = ask(client, interval="day", **span(now, 4, 0))
    assert answer["computed"] == "rollups"
    assert cohorts(answer) == [
        (2, [2, 1, 0, 1, None]),
        (1, [1, 0, 0, None]),
        (0, [0, 0, None]),
        (0, [0, None]),
        (0, [None]),
    ]
    # of 3, 3, 2 and 2 people
    assert answer["average"] == [100.0, 33.3, 0.0, 50.0, None]


def test_with_any_everybody_counts_whenever_they_did_it(client, now):
    send(client, now, (OPENED, 0, 9), (OPENED, 0, 3), (OPENED, 0, 2))
    query = {"interval": "day", **span(now, 3, 1)}
    assert cohorts(ask(client, **query)) == [(0, [0, 0, 0]), (0, [0, 0]), (0, [0])]
    assert cohorts(ask(client, first="any", **query)) == [(1, [1, 1, 0]), (1, [1, 0]), (0, [0])]


def test_unbounded_counts_who_comes_back_later_too(client, now):
    send(client, now, (OPENED, 0, 4), (OPENED, 0, 1), (OPENED, 1, 4), (OPENED, 1, 3))
    query = {"interval": "day", **span(now, 4, 1)}
    assert cohorts(ask(client, **query))[0] == (2, [2, 1, 0, 1])
    assert cohorts(ask(client, unbounded="true", **query))[0] == (2, [2, 2, 1, 1])


def test_what_is_done_after_another_event_on_the_same_day_counts_in_interval_0(client, now):
    send(client, now, (OPENED, 0, 2), (RECORDED, 0, 1.99), (RECORDED, 1, 2), (OPENED, 1, 1.99))
    answer = ask(client, interval="day", start=OPENED, **{"return": RECORDED}, **span(now, 2, 1))
    assert answer["computed"] == "events"
    assert cohorts(answer)[0] == (2, [1, 0])


def test_filters_and_conditions_are_of_both_events(client, now):
    send(client, now, (OPENED, 0, 2), (RECORDED, 0, 1))
    query = {"interval": "day", "start": OPENED, "return": RECORDED, **span(now, 2, 1)}
    assert cohorts(ask(client, **query))[0] == (1, [0, 1])
    assert cohorts(ask(client, filter="country:is:US", **query))[0] == (1, [0, 1])
    assert cohorts(ask(client, filter="country:is:DE", **query))[0] == (0, [0, 0])
    query["return"] = f"{RECORDED};country:is:DE"
    assert cohorts(ask(client, **query))[0] == (1, [0, 0])


def test_an_interval_that_is_not_over_or_cut_by_the_last_day_is_null(client, now):
    send(client, now, (OPENED, 0, 20), (OPENED, 0, 10), (OPENED, 0, 4))
    weeks = ask(client, interval="week", **span(now, 20, 0))
    assert [row["returned"][-1] for row in weeks["cohorts"]] == [None] * len(weeks["cohorts"])
    ago = now.weekday()
    whole = ask(client, interval="week", **span(now, ago + 14, ago + 1))
    assert None not in [value for row in whole["cohorts"] for value in row["returned"]]


def test_the_interval_fits_the_period_where_none_is_given(client, now):
    send(client, now, (OPENED, 0, 1))
    assert ask(client, period="30d")["interval"] == "day"
    assert ask(client, period="90d")["interval"] == "week"
    assert ask(client, **span(now, 365, 0))["interval"] == "month"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("interval=hour", "interval"),
        ("interval=day&from=2026-01-01&to=2026-06-01", "interval"),
        ("first=never", "first"),
        ("unbounded=1", "unbounded"),
        ("start=unheard_of", "start"),
        ("return=app_opened;x:is:1", "return"),
        ("days=3", "days"),
        ("app=nope", "app"),
    ],
)
def test_a_bad_parameter_is_a_400_that_names_it(client, query, field):
    answer = client.get(f"/retention?{query}", headers=AUTH)
    assert answer.status_code == 400, answer.text
    assert field in answer.json["error"]
    assert client.get("/retention").status_code == 401
