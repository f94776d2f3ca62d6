"""The registry of reports: every entry can be asked, and everything that is asked has a file."""

from __future__ import annotations

from database import SQL
from stories.reports import CORE, FAMILIES, REPORTS
from stories.reports.conditions import read_conditions
from stories.reports.filters import NO_FILTER, Filter
from stories.reports.queries import ARRIVALS, DAYS, PEOPLE, QUERIES, STATE
from stories.reports.registry import unfiltered


def files() -> set[str]:
    asked = {STATE, DAYS, PEOPLE, ARRIVALS}
    for query in QUERIES.values():
        ways = (query.past, query.filtered, query.past_filtered)
        asked |= {query.sql, *(each for each in ways if each)}
    return asked


def test_every_statement_of_stats_is_asked_by_a_query_and_has_its_file() -> None:
    assert files() == {f"reports/{path.stem}" for path in SQL.glob("reports/stats_*.sql")}


def test_every_query_serves_a_report() -> None:
    assert {name for report in REPORTS for name in report.queries} == set(QUERIES)


def test_no_place_is_filled_twice() -> None:
    paths = [report.path for report in REPORTS]
    assert len(paths) == len(set(paths))
    assert {report.section for report in REPORTS} == {*CORE, *FAMILIES}


def test_without_a_filter_nothing_is_left_out() -> None:
    assert unfiltered((*CORE, *FAMILIES), NO_FILTER) == []


def by(*conditions: str) -> Filter:
    return Filter(read_conditions(conditions))


def test_a_section_of_which_nothing_is_left_is_named_whole() -> None:
    assert unfiltered(("stability",), by("country:is:DE")) == ["stability"]
    assert "growth" not in unfiltered(FAMILIES, by("platform:is:darwin"))


def test_the_events_tell_what_sums_do_not() -> None:
    counted = unfiltered((*CORE, *FAMILIES), by("version:is:1.0"))
    read = unfiltered((*CORE, *FAMILIES), by("version:gte:1.0"))
    of_sdks = {path for path in read if path.startswith("stability.") and "sessions" in path}
    assert set(read) - set(counted) == {"summary.total_users"} | of_sdks
    assert "stability.crash_free_sessions" in of_sdks
    assert set(counted) - set(read) > {"usage.avg_session_seconds", "adoption.retry_rate"}


def test_crashes_are_not_told_by_what_they_do_not_have() -> None:
    left_out = unfiltered((*CORE, *FAMILIES), by("version:is:1.0", "prop.format:is:png"))
    assert "summary.crash_count" in left_out
    assert "stability" in left_out
