"""People by what they are now against sets of people: random days of random people, in any order of
arrival and any slices, give for every range of days the people by the version, platform, country and
auto_paste of their latest event that tells one."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stories.privacy import erasure
from stories.reports.periods import Days
from stories.rollups import recount, schema
from stories.web.services import Services
from tests.rollup_tables import (
    crash_row,
    differences,
    event_row,
    every_range,
    fold_all,
    new_app,
    person,
    run,
)
from tests.rollups.test_facets import examples

FIRST_DAY = date(2026, 3, 2)
TODAY = FIRST_DAY + timedelta(days=12)
FORGET = """
delete from active_gaps using facets where facets.facet = active_gaps.facet and dim like 'now_%%';
delete from people_now using facets where facets.facet = people_now.facet and dim like 'now_%%'
"""
Visit = tuple[int, int, bool, str | None, str | None, str | None, bool | None, bool]
slugs = (f"present-{number}" for number in itertools.count())

visits = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 12),
        st.sampled_from([False, False, False, False, True]),  # a crash
        st.sampled_from([None, "1.0", "1.0", "2.0"]),
        st.sampled_from([None, "darwin-24", "linux-6"]),
        st.sampled_from([None, "DE", "DE", "US", "XX"]),
        st.sampled_from([None, None, None, True, False]),  # auto_paste turned on or off
        st.booleans(),  # whether to fold after it
    ),
    min_size=1,
    max_size=40,
)


def store(services: Services, app: Any, visit: Visit, minute: int) -> None:
    """Each at a minute of its own, so that it is plain which is the latest."""
    who, day, is_crash, version, platform, country, toggle, _ = visit
    when = datetime.combine(FIRST_DAY, datetime.min.time(), UTC)
    when += timedelta(days=day, hours=9, minutes=minute)
    user = person(1000 * app.app_id + who)
    if is_crash:
        row = crash_row(user, when, app.app_id, app_version=version or "", os_version="other")
        assert services.crashes.append([row]).stored == 1
        return
    row = event_row(
        user,
        when,
        "app_opened" if toggle is None else "feature_toggled",
        app_id=app.app_id,
        app_version=version,
        platform=platform,
        country=country,
        properties=None if toggle is None else {"feature": "auto_paste", "enabled": toggle},
    )
    assert services.events.append([row]).stored == 1


def store_all(services: Services, app: Any, seen: list[Visit], start: int = 0) -> None:
    for place, visit in enumerate(seen):
        store(services, app, visit, start + place)
        if visit[-1]:
            fold_all(services)
    fold_all(services)


def check(services: Services, app: Any, seen: list[Visit]) -> None:
    """All that the two pages' statements tell, of every range, is what the people's events say."""
    dated = sorted(
        (
            day,
            place,
            who,
            {
                "version": version,
                "platform": platform,
                "country": country if country != "XX" else None,
                "on": toggle,
            },
        )
        for place, (who, day, is_crash, version, platform, country, toggle, _) in enumerate(seen)
        if not is_crash
    )
    present: dict[int, dict[str, Any]] = {}
    for _, _, who, said in dated:
        now = present.setdefault(who, {"version": "", "platform": "", "country": "", "on": None})
        now |= {name: value for name, value in said.items() if value is not None}
    for first, last in every_range([0, 12, *(visit[1] for visit in seen)]):
        there = {who for day, _, who, _ in dated if first <= day <= last}
        wanted = Counter(
            (name, present[who][name])
            for who in there
            for name in ("version", "platform", "country")
        )
        days = Days(app, FIRST_DAY + timedelta(days=first), FIRST_DAY + timedelta(days=last)).days
        with services.database.transaction() as tx:
            for statement in ("past", "now"):
                rows = tx.rows(f"reports/dashboard_labels_{statement}", **days)
                told = {(row["what"], row["key"]): row["people"] for row in rows}
                assert told == wanted, (statement, first, last)
            states = tx.rows("reports/stats_traits_past", **days)
        told = {row["country"]: row["people"] for row in states if row["auto_paste"] is None}
        assert told == {key: n for (name, key), n in wanted.items() if name == "country"}
        enabled = sum(row["people"] for row in states if row["auto_paste"])
        assert enabled == sum(present[who]["on"] is True for who in there), (first, last)


@examples
@given(visits)
def test_people_of_every_range_by_what_they_are_now_are_those_of_a_set(services, seen):
    app = new_app(services, next(slugs))
    store_all(services, app, seen)
    check(services, app, seen)


@settings(examples, max_examples=10)
@given(visits, st.integers(0, 3))
def test_who_is_erased_stays_counted_as_they_were(services, seen, gone):
    app = new_app(services, next(slugs))
    store_all(services, app, seen)
    now = datetime.combine(TODAY, datetime.min.time(), UTC) + timedelta(days=1)
    user = person(1000 * app.app_id + gone)
    erasure.erase(services.database, services.apps, services.key, user, None, now)
    late = [(4 + visit[0], *visit[1:]) for visit in seen if visit[0] != gone][::2]
    store_all(services, app, late, start=len(seen))
    check_sums(services, app, seen + late)
    assert differences(services) == {}


def check_sums(services: Services, app: Any, seen: list[Visit]) -> None:
    """Of all days; in others nobody asks any more when those came who are gone."""
    people = len({visit[0] for visit in seen if not visit[2]})
    days = Days(app, FIRST_DAY, TODAY).days
    with services.database.transaction() as tx:
        for statement in ("past", "now"):
            rows = tx.rows(f"reports/dashboard_labels_{statement}", **days)
            for what in ("version", "platform", "country"):
                assert sum(row["people"] for row in rows if row["what"] == what) == people


def test_a_rebuild_puts_people_by_what_they_are_now_right_again(services):
    app = new_app(services, "present-rebuilt")
    seen: list[Visit] = [
        (0, 1, False, "1.0", "darwin-24", "DE", True, True),
        (0, 3, False, "2.0", None, None, None, True),
        (1, 2, False, None, None, None, None, True),
    ]
    store_all(services, app, seen)
    run(services.database, FORGET)
    assert differences(services) == {"active_gaps": 11, "people_now": 4}
    recount.rebuild(services.database, services.apps)
    check(services, app, seen)
    assert differences(services) == {}


def test_the_migration_counts_people_as_the_fold_does(services):
    app = new_app(services, "present-migrated")
    rng = random.Random(12)
    seen: list[Visit] = [
        (
            rng.randrange(9),
            rng.randrange(12),
            rng.random() < 0.2,
            rng.choice([None, "1.0", "2.0"]),
            rng.choice([None, "darwin-24", "linux-6"]),
            rng.choice([None, "DE", "US"]),
            rng.choice([None, True, False]),
            False,
        )
        for _ in range(60)
    ]
    store_all(services, app, seen)
    [migration] = [path for path in schema.files() if path.stem == "022_present_people"]
    fills = migration.read_text().split("begin;")[1].split("insert into schema_migrations")[0]
    run(services.database, f"{FORGET}; delete from facets where dim like 'now_%%'")
    assert differences(services) != {}
    run(services.database, fills)
    check(services, app, seen)
    assert differences(services) == {}
