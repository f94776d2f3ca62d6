"""Of many crashes of a group a hundred are kept whole; all of them stay counted."""

from __future__ import annotations

import itertools
from datetime import timedelta

from stories.crashes import thinning
from tests.crashes.crash_rows import crash, fingerprint, handled_error, issues
from tests.rollup_tables import crash_row, differences, fold_all, midday, person, value, values

WHOLE = """
    select number from (
        select row_number() over (order by timestamp) as number, stack_trace is not null as whole
        from crashes
    ) as numbered where whole order by number"""


def storm(services, now, first, last, version="1.0"):
    """Crashes of one group, whole, a minute apart, numbered by time."""
    rows = [
        crash_row(
            person(number % 7),
            midday(now, 9) + timedelta(minutes=number),
            app_version=version,
            stack_trace="at f (a.js:1:1)",
            context={"a": 1},
            fingerprint=fingerprint("cart"),
            detail={"chain": []},
        )
        for number in range(first, last + 1)
    ]
    services.crashes.append(rows)


def thin(services):
    return thinning.thin(services.database, services.apps)


def whole(database):
    return [number for (number,) in values(database, WHOLE)]


def test_the_first_the_last_and_an_even_spread_stay_whole(services, database, now):
    storm(services, now, 1, 1_000)
    fold_all(services)
    before = issues(services, "n", "people"), differences(services)
    assert thin(services) == 900
    kept = whole(database)
    assert len(kept) == 100
    assert kept[:5] == [1, 2, 3, 4, 5]
    assert kept[-20:] == list(range(981, 1_001))
    between = kept[5:-20]
    assert [number for number in range(16, 980, 16) if number not in between] == []
    assert value(database, "select count(*) from error_details") == 100
    assert value(database, "select count(*) from crashes where context is not null") == 100
    assert (issues(services, "n", "people"), differences(services)) == before
    assert thin(services) == 0


def test_more_crashes_later_thin_the_old_ones_evenly(services, database, now):
    """The running number of a crash does not change with what is thinned: it is the same choice as if
    all had been thinned at once, but for what has gone already."""
    for first in range(1, 2_000, 400):
        storm(services, now, first, first + 399)
        fold_all(services)
        thin(services)
    kept = whole(database)
    assert len(kept) == 100
    assert kept[-20:] == list(range(1_981, 2_001))
    gaps = [right - left for left, right in itertools.pairwise(kept)]
    assert max(gaps) <= 64


def test_the_first_of_every_version_stays(services, database, now):
    for place in range(8):
        storm(services, now, place * 150 + 1, place * 150 + 150, version=f"1.{place}")
    fold_all(services)
    thin(services)
    assert {place * 150 + 1 for place in range(8)} <= set(whole(database))


def test_a_group_of_a_hundred_is_left_alone(services, database, now):
    storm(services, now, 1, 100)
    crash(services, "door", midday(now, 1))
    fold_all(services)
    assert thin(services) == 0
    assert len(whole(database)) == 100


def test_details_of_handled_errors_are_thinned_too(services, database, now):
    for number in range(105):
        handled_error(services, "tap", midday(now, 3) + timedelta(minutes=number), who=number)
    fold_all(services)
    assert thin(services) == 5
    assert value(database, "select count(*) from error_details") == 100
    assert issues(services, "n") == [105]
    assert differences(services) == {}
