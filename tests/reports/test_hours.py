"""GET /stats/hours: a day by hours, held against the events that were sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from database import Inline
from tests.support import crash, event

AUTH = ("admin", "admin")
NOW = datetime(2026, 11, 21, 12, 30, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(app):
    app.config["NOW"] = lambda: NOW


def ask(client, query="", status=200):
    answer = client.get(f"/stats/hours?app=desktop&{query}", auth=AUTH)
    assert answer.status_code == status, answer.get_json()
    return answer.get_json()


def person(number):
    return str(UUID(int=number + (4 << 76) + (8 << 60)))


def send(client, items):
    for begin in range(0, len(items), 100):
        body = client.post("/track", json={"events": items[begin : begin + 100]}).get_json()
        assert body["rejected"] == []


def made(seed=7, count=300):
    """Events of two days in UTC: recordings and transcriptions with lengths, costs and failures."""
    draw = Random(seed)
    begin = datetime(2026, 11, 20, tzinfo=UTC)
    items = []
    for _ in range(count):
        name = draw.choice(["app_opened", "recording_completed", "transcription_completed"])
        properties = {}
        if name != "app_opened":
            properties = {
                "success": draw.random() > 0.2,
                "duration_seconds": draw.randint(1, 600),
                "estimated_cost_usd": draw.randint(1, 900) / 1000,
            }
        at = begin + timedelta(seconds=draw.randrange(36 * 3600))
        items.append(
            event(
                user_id=person(draw.randrange(40)),
                event=name,
                timestamp=at.isoformat(),
                country=draw.choice(["US", "DE"]),
                properties=properties,
            )
        )
    return items


def inside(items, first, last):
    return [item for item in items if first <= datetime.fromisoformat(item["timestamp"]) < last]


def test_each_hour_counts_its_events(client):
    items = made()
    send(client, items)
    rows = ask(client, "date=2026-11-20")["rows"]
    assert [row["hour"] for row in rows] == [f"2026-11-20T{n:02}:00+00:00" for n in range(24)]
    seen: set[str] = set()
    for number, row in enumerate(rows):
        first = datetime(2026, 11, 20, number, tzinfo=UTC)
        own = inside(items, first, first + timedelta(hours=1))
        people = {item["user_id"] for item in own}
        done = [item for item in own if item["event"] == "transcription_completed"]
        good = sum(item["properties"]["success"] for item in done)
        seconds = sum(item["properties"]["duration_seconds"] for item in done)
        assert row["events"] == len(own)
        assert row["active_users"] == len(people)
        assert row["new_users"] == len(people - seen)
        assert row["recordings"] == sum(item["event"] == "recording_completed" for item in own)
        assert row["minutes_transcribed"] == pytest.approx(seconds / 60, abs=0.0051)
        assert row["cost_usd"] == pytest.approx(
            sum(item["properties"]["estimated_cost_usd"] for item in done)
        )
        assert row["success_rate"] == (
            pytest.approx(100 * good / len(done), abs=0.051) if done else None
        )
        seen |= people


@pytest.mark.parametrize("narrowed", ["", "&country=DE", "&app_version=0.9.51"])
def test_a_whole_day_by_hours_is_that_day_of_stats(client, narrowed):
    send(client, made())
    for who in range(3):
        client.post("/crash", json=crash(user_id=person(who), timestamp="2026-11-20T11:00:00Z"))
    by_hours = ask(client, f"date=2026-11-20{narrowed}")
    day = f"from=2026-11-20&to=2026-11-20{narrowed}"
    whole = client.get(f"/stats?app=desktop&{day}", auth=AUTH).get_json()
    assert by_hours["until"] == "24:00"
    common = set(by_hours["summary"]) & set(whole["summary"])
    assert {name: by_hours["summary"][name] for name in common} == {
        name: whole["summary"][name] for name in common
    }
    [row] = whole["daily_stats"]
    for name in ("events", "recordings", "crashes", "cost_usd", "minutes_transcribed"):
        if name in row:
            total = sum(hour[name] for hour in by_hours["rows"])
            assert total == pytest.approx(row[name], abs=0.2)
    assert set(row) - {"date"} == set(by_hours["rows"][0]) - {"hour"}


def test_the_running_day_ends_now_and_another_is_counted_to_a_time_of_day(client):
    items = made()
    send(client, items)
    body = ask(client)
    assert (body["date"], body["until"]) == ("2026-11-21", "12:30")
    assert body["summary"]["events"] == len(inside(items, datetime(2026, 11, 21, tzinfo=UTC), NOW))
    assert body["rows"][12]["events"] == 0
    assert body["rows"][13]["events"] is None  # it has not begun
    before = ask(client, "date=2026-11-20&until=12:30")
    first = datetime(2026, 11, 20, tzinfo=UTC)
    until = first + timedelta(hours=12, minutes=30)
    assert before["summary"]["events"] == len(inside(items, first, until))
    assert sum(row["events"] for row in before["rows"]) == len(
        inside(items, first, first + timedelta(days=1))
    )


def test_testers_count_in_no_hour(client, database, services):
    send(client, [event(timestamp="2026-11-21T10:00:00Z")])
    with database.transaction() as tx:
        tx.run(Inline("/* test */ insert into testers (user_id) select user_id from events"))
    assert ask(client)["summary"]["events"] == 0


@pytest.mark.parametrize(("day", "count"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_on_which_the_clock_changes_has_its_own_hours(client, database, services, day, count):
    with database.transaction() as tx:
        tx.run(
            Inline("/* test */ update apps set timezone = 'Europe/Berlin' where slug = 'desktop'")
        )
    services.apps.forget()
    zone = ZoneInfo("Europe/Berlin")
    last = datetime.fromisoformat(f"{day}T23:30").replace(tzinfo=zone)
    send(client, [event(timestamp=last.astimezone(UTC).isoformat())])
    rows = ask(client, f"date={day}")["rows"]
    assert len(rows) == len({row["hour"] for row in rows}) == count
    assert rows[-1]["hour"].startswith(f"{day}T23:00")
    assert rows[-1]["events"] == 1


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("date=today", "date"),
        ("until=24:00", "until"),
        ("until=9:5", "until"),
        ("period=7d", "period"),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(client, query, names):
    assert ask(client, query, 400)["details"][0]["parameter"] == names
