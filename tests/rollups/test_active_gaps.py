"""Rollups of people against sets of people: random days of random people, in any order of arrival and
any slices, give the same distinct people for every range of days, and the same lives and sessions."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stories.catalogue import CRASH, EVENT, RETRY, WIDGET
from stories.web.services import Services
from tests.rollup_tables import (
    crash_row,
    differences,
    event_row,
    every_range,
    fold_all,
    new_app,
    person,
    values,
)

# Both clock changes of New York's year are among the days.
FIRST_DAY = date(2026, 3, 2)
ANY = 0

examples = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # shrinking takes minutes, and examples are small
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
slugs = (f"example-{number}" for number in itertools.count())

WHAT: dict[str, tuple[int, dict[str, Any]]] = {
    "opened": (EVENT, {"event": "app_opened"}),
    "retry": (EVENT | RETRY, {"event": "retry_attempted"}),
    "widget": (
        EVENT | WIDGET,
        {"event": "recording_completed", "properties": {"source": "widget"}},
    ),
    "crash": (CRASH, {}),
}

visits = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(0, 30),
        st.sampled_from(sorted(WHAT)),
        st.booleans(),  # whether to fold after it
    ),
    min_size=1,
    max_size=40,
)


def store(services: Services, row: Any) -> None:
    kind = services.crashes if hasattr(row, "crash_type") else services.events
    assert kind.append([row]).stored == 1


def distinct_people(
    services: Services, app_id: int, days: list[int]
) -> dict[tuple[int, int, int], int]:
    """(kind, first, last) -> the people of these days, as reports ask for them: of windows that are
    short beside the days before them in another way than of long ones."""
    kinds = (ANY, EVENT, CRASH, RETRY, WIDGET)
    asked = [(kind, first, last) for kind in kinds for first, last in every_range(days)]
    with services.database.transaction(read_only=True) as tx:
        rows = tx.rows(
            "reports/stats_distinct_people",
            app_id=app_id,
            facet=0,
            kinds=[kind for kind, _, _ in asked],
            firsts=[FIRST_DAY + timedelta(days=first) for _, first, _ in asked],
            lasts=[FIRST_DAY + timedelta(days=last) for _, _, last in asked],
        )
    return {window: int(row["people"]) for window, row in zip(asked, rows, strict=True)}


@examples
@given(visits)
def test_distinct_people_of_every_range_of_days_are_those_of_a_set(services, seen):
    app = new_app(services, next(slugs))
    active = defaultdict(set)
    for who, day, what, fold_now in seen:
        flags, fields = WHAT[what]
        when = datetime.combine(FIRST_DAY, datetime.min.time(), UTC) + timedelta(days=day, hours=9)
        user = person(1000 * app.app_id + who)
        row = crash_row if what == "crash" else event_row
        store(services, row(user, when, app_id=app.app_id, **fields))
        for kind in (ANY, EVENT, CRASH, RETRY, WIDGET):
            if kind == ANY or flags & kind:
                active[kind].add((who, day))
        if fold_now:
            fold_all(services)
    fold_all(services)

    gaps = defaultdict(list)
    for kind, day, gap, people in values(
        services.database,
        "select kind, day, gap, people from active_gaps where app_id = %(app_id)s and facet = 0",
        app_id=app.app_id,
    ):
        gaps[kind].append(((day - FIRST_DAY).days, gap, people))
    told = distinct_people(services, app.app_id, [day for _, day, _, _ in seen])
    for kind in (ANY, EVENT, CRASH, RETRY, WIDGET):
        for first, last in every_range(day for _, day, _, _ in seen):
            counted = sum(
                people
                for day, gap, people in gaps[kind]
                if first <= day <= last and (gap == 0 or gap > day - first)
            )
            wanted = len({who for who, day in active[kind] if first <= day <= last})
            assert counted == wanted, (kind, first, last)
            assert told[kind, first, last] == wanted, (kind, first, last)
        by_day = {day: people for day, _, people in gaps[-1 - kind] if people}
        assert by_day == Counter(day for _, day in active[kind]), kind


TICK = timedelta(minutes=10)  # chains end at exactly half an hour, so that is met often
moments = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.one_of(st.integers(0, 14), st.integers(0, 6 * 24 * 60)),
        st.sampled_from([None, None, "one", "two"]),
        st.sampled_from([None, "XX", "DE", "US"]),
        st.sampled_from([None, None, None, True, False]),
        st.sampled_from([False, False, True]),
    ),
    min_size=1,
    max_size=40,
)
ZONE = ZoneInfo("America/New_York")
START = datetime(2026, 10, 25, 3, 0, tzinfo=UTC)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def chains(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """(session_id, first, last, how many) of one person's sessions, as METRICS.md has them."""
    found = []
    for session in {item["session_id"] for item in events}:
        times = sorted(item["timestamp"] for item in events if item["session_id"] == session)
        chain = [times[0]]
        for time in times[1:]:
            if session is None and time - chain[-1] >= timedelta(minutes=30):
                found.append((session or "", chain[0], chain[-1], len(chain)))
                chain = []
            chain.append(time)
        found.append((session or "", chain[0], chain[-1], len(chain)))
    return sorted(found)


def latest(events: list[dict[str, Any]], name: str, none: Any) -> Any:
    named = [(item["timestamp"], item[name]) for item in events if item[name] not in (None, "XX")]
    return max(named)[1] if named else none


@examples
@given(moments)
def test_lives_cohorts_states_and_sessions_are_those_of_brute_force(services, seen):
    app = new_app(services, next(slugs), ZONE.key)
    events = defaultdict(list)
    for who, ticks, session, country, toggled, fold_now in seen:
        item = {
            "timestamp": START + ticks * TICK,
            "session_id": session,
            "country": country,
            "toggled": toggled,
        }
        events[who].append(item)
        toggle: dict[str, Any] = {
            "event": "feature_toggled",
            "properties": {"feature": "auto_paste", "enabled": toggled},
        }
        store(
            services,
            event_row(
                person(1000 * app.app_id + who),
                item["timestamp"],
                app_id=app.app_id,
                session_id=session,
                country=country,
                **({} if toggled is None else toggle),
            ),
        )
        if fold_now:
            fold_all(services)
    fold_all(services)

    lives: dict[Any, int] = defaultdict(int)
    cohorts: dict[Any, int] = defaultdict(int)
    states: dict[Any, int] = defaultdict(int)
    sessions, by_day = [], defaultdict[date, list[float]](lambda: [0, 0.0])
    for who, mine in events.items():
        days = {item["timestamp"].astimezone(ZONE).date() for item in mine}
        lives[min(days), max(days)] += 1
        for week in {monday(day) for day in days}:
            cohorts[monday(min(days)), week] += 1
        states[max(days), latest(mine, "country", ""), latest(mine, "toggled", None)] += 1
        for session, first, last, number in chains(mine):
            sessions.append((person(1000 * app.app_id + who), session, first, last, number))
            day = by_day[first.astimezone(ZONE).date()]
            day[0] += 1
            day[1] += (last - first).total_seconds()

    def kept(columns: str, table: str, amount: str) -> list[tuple[Any, ...]]:
        return values(
            services.database,
            f"select {columns} from {table} where app_id = %(app_id)s and {amount} <> 0",
            app_id=app.app_id,
        )

    assert {
        row[:2]: row[2] for row in kept("first_day, last_day, people", "lifetimes", "people")
    } == lives
    assert {
        row[:2]: row[2] for row in kept("first_week, week, people", "cohort_weeks", "people")
    } == cohorts
    assert {
        row[:3]: row[3]
        for row in kept(
            "last_day, country, auto_paste, people", "people_now", "facet = 0 and people"
        )
    } == states
    columns = "user_id, session_text(session_key), started_at, ended_at, events"
    assert sorted(kept(columns, "sessions", "events"), key=str) == sorted(sessions, key=str)
    assert {
        day: [number, float(seconds)]
        for day, number, seconds in kept("day, sessions, seconds", "daily_sessions", "sessions")
    } == by_day


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("order", list(itertools.permutations((0, 29, 58, 88)))[::5])
def test_a_chain_is_the_same_in_every_order_of_arrival(
    services: Services, order: tuple[int, ...], at_once: bool
) -> None:
    """0, 29 and 58 hold together in the end; 88 is half an hour after 58 and stands alone."""
    user = person(7)
    for minutes in order:
        store(services, event_row(user, START + timedelta(minutes=minutes)))
        if not at_once:
            fold_all(services)
    fold_all(services)
    found = values(
        services.database, "select started_at, ended_at, events from sessions order by started_at"
    )
    minute = [START + timedelta(minutes=number) for number in range(89)]
    assert found == [(minute[0], minute[58], 3), (minute[88], minute[88], 1)]


named = st.sampled_from([None, None, "a", "b", "c"])
visitors = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.integers(0, 14),
        st.sampled_from([None, "one"]),
        st.tuples(named, named, named),
        st.booleans(),
    ),
    min_size=1,
    max_size=25,
)
CARRIED = ("visit_source", "device", "browser")


@examples
@given(visitors)
def test_source_device_and_browser_are_those_of_the_earliest_event_that_names_one(services, seen):
    app = new_app(services, next(slugs))
    events = defaultdict(list)
    for who, ticks, session, texts, fold_now in seen:
        properties = {
            name: text for name, text in zip(CARRIED, texts, strict=True) if text is not None
        }
        user, when = person(1000 * app.app_id + who), START + ticks * TICK
        events[user].append({"timestamp": when, "session_id": session, **properties})
        store(
            services,
            event_row(
                user, when, app_id=app.app_id, session_id=session, properties=properties or None
            ),
        )
        if fold_now:
            fold_all(services)
    fold_all(services)

    wanted = []
    for user, mine in events.items():
        for session, first, last, _ in chains(mine):
            texts = []
            for name in CARRIED:
                given = [
                    (item["timestamp"], item[name])
                    for item in mine
                    if name in item
                    and (item["session_id"] or "") == session
                    and first <= item["timestamp"] <= last
                ]
                texts.append(min(given)[1] if given else None)
            wanted.append((user, session, first, *texts))
    kept = values(
        services.database,
        "select user_id, session_text(session_key), started_at, source, device, browser "
        "from sessions "
        "where app_id = %(app_id)s",
        app_id=app.app_id,
    )
    assert sorted(kept, key=str) == sorted(wanted, key=str)
    assert differences(services) == {}


def test_two_late_events_far_apart_touch_no_session_between_them(services: Services) -> None:
    user, hours = person(7), 200
    for hour in range(1, hours):
        row = event_row(user, START + timedelta(hours=hour))
        assert services.events.append([row]).stored == 1
    fold_all(services)
    untouched = "select ctid::text from sessions where started_at between %(first)s and %(last)s"
    span = {"first": START + timedelta(hours=2), "last": START + timedelta(hours=hours - 2)}
    before = values(services.database, untouched, **span)
    assert len(before) == hours - 3
    for late in ([0, 60 * hours], [29, 60 * (hours - 1) + 31], [31, 60 * 100]):
        services.events.append([event_row(user, START + timedelta(minutes=at)) for at in late])
        fold_all(services)
    moved = set(before) - set(values(services.database, untouched, **span))
    assert len(moved) == 1, "only the one that an event came into"
    assert differences(services) == {}
