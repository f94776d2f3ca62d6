"""People by version, platform, family and country against sets of people: random days of random people,
in any order of arrival and any slices, give the same distinct and new people for every range of days."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stories.privacy import erasure
from stories.rollups import recount
from stories.web.services import Services
from tests.rollup_tables import (
    crash_row,
    differences,
    dump,
    event_row,
    every_range,
    fold_all,
    new_app,
    person,
    run,
    set_app,
    values,
)

FIRST_DAY = date(2026, 3, 2)
EITHER, EVENT, CRASH = 0, 1, 2
FAMILIES = {"darwin-24": "macOS", "darwin-25": "macOS", "linux-6": "Linux"}

examples = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # shrinking takes minutes, and examples are small
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
slugs = (f"example-{number}" for number in itertools.count())

visits = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 20),
        st.sampled_from([False, False, False, False, True]),  # a crash
        st.sampled_from([None, "1.0", "1.0", "2.0"]),
        st.sampled_from([None, *FAMILIES]),
        st.sampled_from([None, "DE", "DE", "US"]),
        st.sampled_from([None, None, None, True, False]),  # auto_paste turned on or off
        st.booleans(),  # whether to fold after it
    ),
    min_size=1,
    max_size=60,
)


def store(services: Services, app: Any, visit: tuple[Any, ...]) -> None:
    who, day, is_crash, version, platform, country, toggle, _ = visit
    when = datetime.combine(FIRST_DAY, datetime.min.time(), UTC) + timedelta(days=day, hours=9)
    user = person(1000 * app.app_id + who)
    if is_crash:
        row = crash_row(
            user, when, app.app_id, app_version=version or "", os_version=platform or "other"
        )
        assert services.crashes.append([row]).stored == 1
        return
    toggled = {"feature": "auto_paste", "enabled": toggle}
    row = event_row(
        user,
        when,
        "app_opened" if toggle is None else "feature_toggled",
        app_id=app.app_id,
        app_version=version,
        platform=platform,
        country=country,
        properties=None if toggle is None else toggled,
    )
    assert services.events.append([row]).stored == 1


def named(visit: tuple[Any, ...]) -> dict[str, str]:
    """The visit's values by dimension."""
    _, _, is_crash, version, platform, country, *_ = visit
    if is_crash:
        platform, country = platform or "other", None
    families = FAMILIES | {"other": "other"}
    values_of = {
        "version": version,
        "platform": platform,
        "family": platform and families[platform],
        "country": country,
    }
    return {dim: value for dim, value in values_of.items() if value}


def days_by_facet(seen: list[tuple[Any, ...]]) -> dict[tuple[str, str, int], set[tuple[int, int]]]:
    """(dim, value, kind) -> the (person, day) that match."""
    days = defaultdict(set)
    for visit in seen:
        for dim, value in named(visit).items():
            for kind in (EITHER, CRASH if visit[2] else EVENT):
                days[dim, value, kind].add(visit[:2])
    return days


def gaps_by_facet(services: Services, app: Any) -> dict[tuple[str, str, int], list[Any]]:
    """(dim, value, kind) -> (day, gap, people); kind 0 with what kind 1 has."""
    gaps = defaultdict(list)
    for dim, value, kind, day, gap, people in values(
        services.database,
        "select dim, value, kind, day, gap, people from active_gaps join facets using (app_id, facet) "
        "where app_id = %(app_id)s and dim not like 'now_%%'",
        app_id=app.app_id,
    ):
        for told in {EVENT: (EITHER, EVENT), EITHER: (EITHER,), CRASH: (CRASH,)}[kind]:
            gaps[dim, value, told].append(((day - FIRST_DAY).days, gap, people))
    return gaps


def check_people(services: Services, app: Any, seen: list[tuple[Any, ...]]) -> None:
    days, gaps = days_by_facet(seen), gaps_by_facet(services, app)
    first_days: dict[int, int] = {}
    for who, day, is_crash, *_ in seen:
        if not is_crash:
            first_days[who] = min(day, first_days.get(who, day))
    for facet in {*days, *gaps}:
        for first, last in every_range(day for _, day, *_ in seen):
            rows = [row for row in gaps[facet] if first <= row[0] <= last]
            counted = sum(n for day, gap, n in rows if gap <= 0 or gap > day - first)
            there = {who for who, day in days[facet] if first <= day <= last}
            assert counted == len(there), (facet, first, last)
            if facet[2] == EVENT:
                new = sum(n for day, gap, n in rows if gap <= 0 and day + gap >= first)
                wanted = {who for who in there if first <= first_days[who] <= last}
                assert new == len(wanted), (facet, first, last)


def check_states(services: Services, app: Any, seen: list[tuple[Any, ...]]) -> None:
    """people_now by facet: each value's people by the last day that names it and the state that they
    have now. What happens at the same time counts in order of its text."""
    last_days: dict[tuple[str, str, int], int] = {}
    states: dict[int, tuple[str, bool | None]] = {}
    events = [visit for visit in seen if not visit[2]]
    for visit in sorted(events, key=lambda visit: (visit[1], str(visit[5]), str(visit[6]))):
        who, day, country, toggle = visit[0], visit[1], visit[5], visit[6]
        for dim, value in named(visit).items():
            last_days[dim, value, who] = day
        before = states.get(who, ("", None))
        states[who] = (country or before[0], before[1] if toggle is None else toggle)
    wanted = Counter(
        (dim, value, day, *states[who]) for (dim, value, who), day in last_days.items()
    )
    counted = values(
        services.database,
        "select dim, value, last_day, country, auto_paste, sum(people)::int "
        "from people_now join facets using (app_id, facet) "
        "where app_id = %(app_id)s and dim not like 'now_%%' "
        "group by 1, 2, 3, 4, 5 having sum(people) <> 0",
        app_id=app.app_id,
    )
    assert {
        (dim, value, (day - FIRST_DAY).days, *state): people
        for dim, value, day, *state, people in counted
    } == wanted


@examples
@given(visits)
def test_people_of_a_facet_in_every_range_of_days_are_those_of_a_set(services, seen):
    app = new_app(services, next(slugs))
    for visit in seen:
        store(services, app, visit)
        if visit[-1]:
            fold_all(services)
    fold_all(services)
    check_people(services, app, seen)
    check_states(services, app, seen)


@settings(examples, max_examples=10)
@given(visits, st.integers(0, 3))
def test_who_is_erased_stays_counted_and_the_rest_goes_on(services, seen, gone):
    app = new_app(services, next(slugs))
    for visit in seen:
        store(services, app, visit)
        if visit[-1]:
            fold_all(services)
    fold_all(services)
    now = datetime.combine(FIRST_DAY, datetime.min.time(), UTC) + timedelta(days=30)
    user = person(1000 * app.app_id + gone)
    erasure.erase(services.database, services.apps, services.key, user, None, now)
    check_people(services, app, seen)
    check_states(services, app, seen)
    late = [(4 + who, *visit) for who, *visit in seen if who != gone]
    for visit in late[::2]:
        store(services, app, visit)
    fold_all(services)
    check_people(services, app, seen + late[::2])
    check_states(services, app, seen + late[::2])
    assert differences(services) == {}


def test_a_rebuild_puts_people_by_facet_right_again(services, now):
    app = new_app(services, "rebuilt")
    seen = [
        (0, 1, False, "1.0", "darwin-24", "DE", True, True),
        (1, 2, True, "2.0", None, None, None, True),
    ]
    for visit in seen:
        store(services, app, visit)
    fold_all(services)
    tables = ("active_gaps", "people_now", "facets")
    before = dump(services.database, tables)
    run(
        services.database,
        "delete from active_gaps where facet <> 0; delete from people_now where facet <> 0; "
        "delete from facets",
    )
    assert differences(services) == {"active_gaps": 14, "people_now": 6}
    recount.rebuild(services.database, services.apps)
    check_people(services, app, seen)
    check_states(services, app, seen)
    assert differences(services) == {}
    after = dump(services.database, tables)
    assert [len(rows) for rows in after.values()] == [len(rows) for rows in before.values()]


def test_a_value_past_the_places_of_its_day_is_other(services, monkeypatch):
    monkeypatch.setattr(services.apps, "values_per_day", 2)
    app = new_app(services, "full")
    for who, version in enumerate(("1", "2", "3", "4")):
        store(services, app, (who, 1, False, version, None, None, None, True))
        fold_all(services)
    counts = values(
        services.database,
        "select value, sum(people)::int from active_gaps join facets using (app_id, facet) "
        "where dim = 'version' and kind = 1 group by value order by value",
    )
    assert counts == values(
        services.database,
        "select value, sum(n)::int from daily_events where dim = 'version' group by value order by 1",
    )
    assert counts == [("1", 1), ("2", 1), ("other", 2)]
    set_app(services, "full", timezone="Pacific/Auckland")
    recount.rebuild(services.database, services.apps)
    assert differences(services) == {}
