"""A saved segment counts what a brute-force reading of the events finds: on days before it was saved and
after, with late and repeated events, testers, erased people and in two timezones."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from stories.privacy import erasure
from stories.rollups import recount, schema, segments
from tests.rollup_tables import (
    check,
    crash_row,
    differences,
    dump,
    event_row,
    fold_all,
    midday,
    new_app,
    person,
    run,
    value,
    values,
)

SEGMENTS = {
    "new on the Mac": ["version:gte:2.0", "platform_family:is:macOS"],
    "pictures": ["event:is:app_opened", "prop.format:in:png,jpg"],
    "not Germany": ["country:not:DE"],
}
DAYS = 20  # each is a fold of its own where a segment is filled
ROLLUPS = (
    "daily_events",
    "daily_values",
    "daily_numbers",
    "daily_crashes",
    "active_gaps",
    "people_now",
)


def save(services: Any, app: Any, place: int, name: str) -> int:
    run(
        services.database,
        "insert into segments (app_id, place, name, filter) "
        "values (%(app_id)s, %(place)s, %(name)s, %(filter)s)",
        app_id=app.app_id,
        place=place,
        name=name,
        filter=msgspec.json.encode(SEGMENTS[name]).decode(),
    )
    services.apps.forget()
    find = "select segment_id from segments where name = %(name)s"
    return int(value(services.database, find, name=name))


def fill(services: Any) -> dict[str, int]:
    return segments.fill(services.database, services.apps, services.key)


def made_up(rng: random.Random, now: Any, app: Any, number: int) -> list[Any]:
    """Random events and crashes of the last days, some of debug builds."""
    rows = []
    for _ in range(number):
        user = person(1000 * app.app_id + rng.randrange(8))
        when = midday(now, rng.randrange(DAYS)) + timedelta(minutes=rng.randrange(-700, 700))
        common = {"app_version": rng.choice(["1.9", "2.0", "2.1"]), "app_id": app.app_id}
        common["channel"] = rng.choice([None, None, None, "release", "debug"])
        if rng.random() < 0.15:
            rows.append(
                crash_row(user, when, os_version=rng.choice(["darwin-24", "linux"]), **common)
            )
            continue
        rows.append(
            event_row(
                user,
                when,
                rng.choice(["app_opened", "recording_completed"]),
                platform=rng.choice(["darwin-24", "darwin-25", "linux-6", None]),
                country=rng.choice(["DE", "US", None]),
                properties=rng.choice(
                    [
                        None,
                        {"format": "png"},
                        {"format": "gif", "source": "widget"},
                        {"duration": 3},
                    ]
                ),
                **common,
            )
        )
    return rows


def store(services: Any, rows: list[Any]) -> None:
    crashes = [row for row in rows if hasattr(row, "crash_type")]
    services.crashes.append(crashes)
    services.events.append([row for row in rows if row not in crashes])


def matches(name: str, row: Any) -> bool:
    """Brute force, by the text of SEGMENTS."""
    is_crash = hasattr(row, "crash_type")
    if row.channel == "debug":
        return False
    if name == "new on the Mac":
        system = row.os_version if is_crash else row.platform
        return bool(row.app_version >= "2.0" and system and system.startswith("darwin"))
    if is_crash:
        return False
    if name == "pictures":
        is_picture = (row.properties or {}).get("format") in ("png", "jpg")
        return bool(row.event == "app_opened" and is_picture)
    return bool(row.country != "DE")


def check_segment(services: Any, app: Any, segment: int, name: str, rows: list[Any]) -> None:
    zone = ZoneInfo(app.timezone)
    seen = [(row, row.timestamp.astimezone(zone).date()) for row in rows if matches(name, row)]
    events = [(row, day) for row, day in seen if not hasattr(row, "crash_type")]
    of = {"app_id": app.app_id, "value": str(segment)}
    where = "where app_id = %(app_id)s and dim = 'segment' and value = %(value)s"
    counted = values(services.database, f"select day, event, n from daily_events {where}", **of)
    wanted = Counter((day, row.event) for row, day in events)
    assert {(day, event): n for day, event, n in counted} == wanted
    counted = values(
        services.database, f"select day, sum(n) from daily_crashes {where} group by 1", **of
    )
    assert dict(counted) == Counter(day for row, day in seen if hasattr(row, "crash_type"))
    gaps = values(
        services.database,
        "select kind, day, gap, people from active_gaps join facets using (app_id, facet) " + where,
        **of,
    )
    days = sorted({day for _, day in seen})
    for first in days:
        for last in days:
            told = {
                kind: sum(
                    n for k, day, gap, n in gaps
                    if k in kinds and first <= day <= last and (gap <= 0 or gap > (day - first).days)
                )
                for kind, kinds in ((0, (0, 1)), (1, (1,)), (2, (2,)))
            }  # fmt: skip
            people: dict[int, set[Any]] = {0: set(), 1: set(), 2: set()}
            for row, day in seen:
                if first <= day <= last:
                    people[2 if hasattr(row, "crash_type") else 1].add(row.user_id)
                    people[0].add(row.user_id)
            assert told == {kind: len(ids) for kind, ids in people.items()}, (name, first, last)
    check_states(services, app, segment, events)


def check_states(services: Any, app: Any, segment: int, events: list[Any]) -> None:
    """people_now of the segment: those of its (row, day) by the last one, and the country that all of
    their rows give them."""
    last_days: dict[Any, Any] = {}
    for row, day in events:
        last_days[row.user_id] = max(day, last_days.get(row.user_id, day))
    countries = dict(values(services.database, "select user_id, coalesce(country, '') from users"))
    counted = values(
        services.database,
        "select last_day, people_now.country, sum(people)::int "
        "from people_now join facets using (app_id, facet) "
        "where app_id = %(app_id)s and dim = 'segment' and value = %(value)s "
        "group by 1, 2 having sum(people) <> 0",
        app_id=app.app_id,
        value=str(segment),
    )
    gone = [user for user in last_days if user not in countries]
    assert sum(people for *_, people in counted) == len(last_days)
    if not gone:
        wanted = Counter((day, countries[user]) for user, day in last_days.items())
        assert {(day, country): people for day, country, people in counted} == wanted


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland"])
def test_a_segment_counts_what_its_conditions_match(services, now, zone):
    app, rng = new_app(services, "segmented", zone), random.Random(zone)
    early = made_up(rng, now, app, 120)
    store(services, early)
    fold_all(services)
    ids = {name: save(services, app, place, name) for place, name in enumerate(SEGMENTS)}
    pending = made_up(rng, now, app, 40)
    store(services, pending[:20])  # while nothing is filled yet
    assert fill(services)["days"] >= DAYS
    store(services, [*pending[20:], *early[::3]])  # late ones, and some a second time
    fold_all(services)
    for name, segment in ids.items():
        check_segment(services, app, segment, name, early + pending)
    everybody = "select sum(n) from daily_events where dim = 'none'"
    assert value(services.database, everybody) == sum(
        row.channel != "debug" for row in early + pending if not hasattr(row, "crash_type")
    )
    assert differences(services) == {}
    before = dump(services.database, ROLLUPS)
    recount.rebuild(services.database, services.apps)
    assert dump(services.database, ROLLUPS) == before


def test_a_day_that_is_not_filled_yet_is_not_counted_by_the_segment(services, now):
    app, rng = new_app(services, "half"), random.Random(5)
    early = made_up(rng, now, app, 80)
    store(services, early)
    fold_all(services)
    segment = save(services, app, 3, "not Germany")
    for _ in range(DAYS // 2):
        segments._fill_next_day(services.database, services.apps)
    until = value(services.database, "select filled_until from segments")
    late = made_up(rng, now, app, 40)
    store(services, late)
    fold_all(services)
    done = [row for row in early + late if row.timestamp.date() <= until]
    assert 0 < len(done) < len(early + late)
    check_segment(services, app, segment, "not Germany", done)
    assert differences(services) == {}
    with services.database.transaction() as tx:
        told = segments.progress(tx, segment)
    assert 0 < told["filled"] < told["days"]
    fill(services)
    check_segment(services, app, segment, "not Germany", early + late)
    assert value(services.database, "select filled_until = 'infinity' from segments")


def test_who_is_erased_stays_counted_and_testers_are_never(services, now):
    app, rng = new_app(services, "left"), random.Random(7)
    tester = person(1000 * app.app_id)
    run(services.database, "insert into testers values (null, %(id)s)", id=tester)
    rows = made_up(rng, now, app, 150)
    segment = save(services, app, 0, "new on the Mac")
    store(services, rows[:100])
    fill(services)
    store(services, rows[100:])
    fold_all(services)
    counted = [row for row in rows if row.user_id != tester]
    check_segment(services, app, segment, "new on the Mac", counted)
    erasure.erase(services.database, services.apps, services.key, counted[0].user_id, None, now)
    check_segment(services, app, segment, "new on the Mac", counted)
    assert differences(services) == {}
    assert check(services)["sealed_days"] == 0


def test_the_migration_counts_people_by_facet_as_the_fold_does(services, now):
    app, rng = new_app(services, "migrated"), random.Random(11)
    store(services, made_up(rng, now, app, 100))
    fold_all(services)
    save(services, app, 2, "not Germany")
    fill(services)
    before = dump(services.database, ("people_now",))
    [migration] = [path for path in schema.files() if path.stem == "020_people_now_by_facet"]
    _, fills = migration.read_text().split("-- From the days that are held;")
    fills, _ = fills.split("insert into schema_migrations")
    run(
        services.database,
        "delete from people_now using facets where people_now.facet = facets.facet "
        "and dim not like 'now_%%'",
    )
    assert dump(services.database, ("people_now",)) != before
    run(services.database, f"-- {fills.replace('person_days', 'held_days')}")  # migration 023
    assert dump(services.database, ("people_now",)) == before
    assert differences(services) == {}


def test_a_segment_that_is_removed_leaves_nothing_behind(services, now):
    app = new_app(services, "removed")
    store(services, made_up(random.Random(3), now, app, 60))
    fold_all(services)
    before = dump(services.database, (*ROLLUPS, "facets", "person_days"))
    kept = save(services, app, 0, "pictures")
    fill(services)
    with_one = dump(services.database, (*ROLLUPS, "facets", "person_days"))
    segment = save(services, app, 1, "not Germany")
    fill(services)
    assert dump(services.database, ("person_days",)) != {"person_days": with_one["person_days"]}
    with services.database.transaction() as tx:
        segments.clear(tx, segment)
    services.apps.forget()
    assert dump(services.database, tuple(with_one)) == with_one
    fill(services)
    for gone in (segment, kept):
        with services.database.transaction() as tx:
            segments.remove(tx, gone)
    services.apps.forget()
    assert dump(services.database, tuple(before)) == before
    assert value(services.database, "select count(*) from segments") == 0
    assert differences(services) == {}
