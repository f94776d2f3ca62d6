"""An app's timezone: the database that counts its days and the server that asks for them agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from stories.apps import misread_day
from stories.catalogue import FIXED_OFFSETS
from tests.clock import NOW
from tests.rollup_tables import fold_all, run, values
from tests.support import PERSON, basic, event

AUTH = basic("admin", "admin")
YEARS = [datetime(2015, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(16 * 365)]
WEEKS = [NOW + timedelta(days=n) for n in range(-400, 400, 7)]
OFFSETS = """
select extract(epoch from (moment at time zone %(zone)s) - (moment at time zone 'UTC'))::integer
from unnest(%(moments)s::timestamptz[]) with ordinality as given (moment, place) order by place
"""


def offsets_of_database(database: Any, zone: str) -> list[int]:
    return [seconds for (seconds,) in values(database, OFFSETS, zone=zone, moments=YEARS)]


def offsets_of_python(zone: str, moments: list[datetime] = YEARS) -> list[int]:
    local = ZoneInfo(zone)
    offsets = (moment.astimezone(local).utcoffset() for moment in moments)
    return [int(offset.total_seconds()) for offset in offsets if offset is not None]


def test_the_names_that_postgresql_reads_as_fixed_offsets_are_all_listed(database):
    """It knows abbreviations beside names, and looks for those first."""
    names = available_timezones()
    both = {
        name
        for (abbreviation,) in values(database, "select abbrev from pg_timezone_abbrevs")
        for name in names
        if name.upper() == abbreviation.upper()
    }
    wrong = {
        name for name in both if offsets_of_database(database, name) != offsets_of_python(name)
    }
    assert wrong == set(FIXED_OFFSETS) == {"CET", "EET", "MET", "WET"}


@pytest.mark.parametrize("name", sorted(FIXED_OFFSETS))
def test_an_app_that_has_such_a_name_is_read_with_the_offset_it_was_counted_with(name, database):
    assert offsets_of_python(FIXED_OFFSETS[name]) == offsets_of_database(database, name)


def test_an_app_counted_in_central_european_time_has_the_same_days_in_stats_and_events(
    client, services, database
):
    run(database, "update apps set timezone = 'CET', retention_days = 700 where slug = 'desktop'")
    services.apps.forget()
    july = datetime.now(UTC).replace(month=7, day=1, hour=22, minute=30, second=0, microsecond=0)
    if july > datetime.now(UTC):
        july = july.replace(year=july.year - 1)
    sent = event(timestamp=july.isoformat(), user_id=PERSON)
    answer = client.post("/track", json={"events": [sent]})
    assert answer.status_code == 200, answer.json
    fold_all(services)
    day = july.date()
    address = f"/stats?app=desktop&from={day}&to={day}"
    counted = client.get(address, headers=AUTH).json["daily_stats"]
    address = f"/events?app=desktop&start_date={day}&end_date={day}"
    listed = client.get(address, headers=AUTH).json["events"]
    assert [row["events"] for row in counted] == [len(listed)] == [1]


def names_to_try(database: Any) -> list[str]:
    """Those whose offset the two read differently in some week, and every twenty-fifth of the others."""
    names = sorted(available_timezones() - {"localtime"})
    read = values(
        database,
        "select name, array_agg(extract(epoch from (moment at time zone name) - "
        "(moment at time zone 'UTC'))::integer order by moment) "
        "from unnest(%(names)s) as name, unnest(%(moments)s::timestamptz[]) as moment group by name",
        names=names,
        moments=WEEKS,
    )
    differ = [name for name, offsets in read if offsets != offsets_of_python(name, WEEKS)]
    assert set(differ) >= set(FIXED_OFFSETS)
    return sorted({*differ, *names[::25]})


def test_a_name_is_accepted_only_if_both_read_its_days_alike(client, services, database, now):
    """The two have timezone data of their own, of different age: no list would stay true."""
    for name in names_to_try(database):
        local = ZoneInfo(name)
        midnights = [
            datetime(day.year, day.month, day.day, tzinfo=local).astimezone(UTC)
            for day in (now.date() + timedelta(days=n) for n in range(-400, 400))
        ]
        moments = [each - timedelta(seconds=1) for each in midnights] + midnights
        with services.database.transaction() as tx:
            days = [
                row["day"]
                for row in tx.rows("apps/days_of_moments", timezone=name, moments=moments)
            ]
            alike = days == [each.astimezone(local).date() for each in moments]
            assert (misread_day(tx, name, now) is None) == alike, name


@pytest.mark.parametrize("name", sorted(FIXED_OFFSETS))
def test_a_name_that_the_two_read_differently_is_refused(name, client):
    for answer in (
        client.post("/apps", json={"slug": "x", "kind": "bot", "timezone": name}, headers=AUTH),
        client.patch("/apps/desktop", json={"timezone": name}, headers=AUTH),
    ):
        assert (answer.status_code, answer.json["code"]) == (400, "invalid_timezone")
        assert f"timezone: {name}" in answer.json["error"]


@pytest.mark.parametrize("name", ["Europe/Brussels", "Asia/Kathmandu", "Etc/GMT-1", "EST", "UTC"])
def test_a_name_that_they_read_alike_is_taken(name, client):
    answer = client.patch("/apps/desktop", json={"timezone": name}, headers=AUTH)
    assert answer.status_code == 200, answer.json
