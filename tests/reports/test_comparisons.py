"""What `previous` of /stats is about: the period before, the same weekdays, a year before, any days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from stories.reports.question import Span
from tests.support import event

AUTH = ("admin", "admin")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)  # a Saturday


@pytest.fixture(autouse=True)
def clock(app):
    app.config["NOW"] = lambda: NOW


def stats(client, query=""):
    answer = client.get(f"/stats?app=desktop&{query}", auth=AUTH)
    return answer.status_code, answer.get_json()


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("period=30d", ("2026-09-23", "2026-10-22")),
        ("period=30d&compare=previous", ("2026-09-23", "2026-10-22")),
        ("period=30d&compare=weekdays", ("2026-09-18", "2026-10-17")),
        ("period=7d&compare=weekdays", ("2026-11-08", "2026-11-14")),
        ("from=2026-11-21&to=2026-11-21&compare=weekdays", ("2026-11-14", "2026-11-14")),
        ("period=30d&compare=year", ("2025-10-23", "2025-11-21")),
        ("from=2024-02-29&to=2024-03-01&compare=year", ("2023-02-28", "2023-03-01")),
        ("period=7d&compare_from=2026-01-01&compare_to=2026-01-07", ("2026-01-01", "2026-01-07")),
        ("period=30d&compare=none", None),
        ("period=all&compare=weekdays", None),
        ("period=all&compare_from=2026-01-01&compare_to=2026-01-31", ("2026-01-01", "2026-01-31")),
    ],
)
def test_previous_is_about_the_days_that_are_compared(client, query, days):
    _, body = stats(client, query)
    compared = days and {"from": days[0], "to": days[1]}
    assert body["compared"] == compared
    assert ("previous" in body) == (compared is not None)


def test_previous_counts_the_compared_days(client):
    sent = ["2026-11-21", "2026-11-14", "2026-11-13", "2026-06-03", "2026-06-02", "2026-06-01"]
    items = [event(event="recording_completed", timestamp=f"{day}T10:00:00Z") for day in sent]
    for item in items:
        client.post("/track", json={"events": [item]})

    def recordings(compare):
        body = stats(client, f"from=2026-11-20&to=2026-11-21&{compare}")[1]
        return body["previous"]["total_recordings"]

    assert recordings("compare=weekdays") == 2
    assert recordings("compare=previous") == 0
    assert recordings("compare=year") == 0
    assert recordings("compare_from=2026-06-01&compare_to=2026-06-03") == 3


def test_the_same_weekdays_begin_on_the_same_weekday_and_do_not_overlap():
    for days in range(60):
        span = Span(date(2026, 11, 21) - timedelta(days=days), date(2026, 11, 21))
        earlier = span.same_weekdays_before()
        assert len(earlier) == len(span), span
        assert earlier.first.weekday() == span.first.weekday(), span
        assert span.first - timedelta(days=7) <= earlier.last < span.first, span


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("compare=lately", "compare"),
        ("compare_from=2026-01-01", "compare_to"),
        ("compare_to=2026-01-01", "compare_from"),
        ("compare_from=2026-01-02&compare_to=2026-01-01", "compare_to"),
        ("compare=year&compare_from=2026-01-01&compare_to=2026-01-02", "compare"),
        ("compare_from=1990-01-01&compare_to=2026-01-02", "compare_from"),
    ],
)
def test_a_wrong_comparison_is_refused_by_its_name(client, query, names):
    status, body = stats(client, query)
    assert status == 400
    assert body["details"][0]["parameter"] == names
