"""Whoever reads events reads those in chunks too: no statement names the tables but these."""

from __future__ import annotations

import re

from database import sql
from stories.chunk_readers import rows_alone
from tests.test_sql_files import FILES, name_of

# Handled errors are never compressed, and what waits for the fold is not either.
ROWS_ALONE = {
    "crashes/caught": "handled errors",
    "crashes/caught_error_keys": "handled errors",
    "crashes/caught_samples": "handled errors",
    "crashes/error_bounds": "handled errors",
    "crashes/group_errors": "handled errors",
    "crashes/move_last_days": "handled errors",
    "crashes/move_out": "handled errors",
    "crashes/thin_errors": "handled errors",
    "privacy/erase_set_aside": "what is set aside stays rows",
    "privacy/set_aside": "what is set aside stays rows",
    "rollups/copy_events": "on Citus, where nothing is compressed",
    "rollups/drop_erased_events": "what remains in chunks storage/take_erased takes",
    "storage/append_bot": "a row of the last days; older ones go through append_late_bot",
    "storage/count_rows": "rows are what it counts",
    "storage/held_events": "storage/held_in_chunks looks into chunks",
    "storage/expire_events": "chunks go by storage/expire_event_chunks",
    "storage/next_slice": "rows are what it looks for",
    "storage/take_slice": "rows are what it takes",
    "symbols/change_error": "handled errors",
    "symbols/change_follower_errors": "handled errors",
    "symbols/read_error": "handled errors",
    "storage/unpack": "rows are what it makes",
}
# These name the chunks beside the table.
BOTH = {
    "apps/has_events",
    "reports/dashboard_has_data",
    "rollups/drop_erased_external_ids",
    "rollups/recount_bounds",
    "storage/expire_external_ids",
}
TABLE = re.compile(
    r"\b(?:from|join|update|into|using) (?:events|facts|facts_of_people)\b(?! full join)"
)


# Sessions that have left (migrations/025_old_sessions.sql): a website's never do, and the fold makes
# rows again of those that it needs before it looks.
SESSION_ROWS_ALONE = {
    "privacy/erase_sessions": "privacy/leaving_sessions comes before",
    "reports/dashboard_session_kinds": "a website's",
    "reports/website_session_lengths": "a website's",
    "reports/website_sources": "a website's",
    "reports/website_visits": "a website's",
    "rollups/copy_people": "on Citus, where nothing is compressed",
    "rollups/depart_daily_sessions": "privacy/leaving_sessions comes before",
    "rollups/sessions_longer": "rollups/return_sessions comes before",
    "rollups/sessions_out": "rollups/return_sessions comes before",
    "storage/expire_left_sessions": "who has left are from before whole_since",
    "storage/expire_sessions": "who has left are from before whole_since",
    "storage/leave_sessions": "rows are what it deletes",
    "storage/size_of_sessions": "rows are what it counts",
}
MAKE_ROWS = ("privacy/leaving_sessions", "rollups/return_sessions", "storage/return_sessions")
SESSIONS = re.compile(r"\b(?:from|join|update|using) (?:sessions|held_sessions)\b")


def test_who_reads_sessions_reads_those_of_compressed_days_or_is_known():
    for name in map(name_of, FILES):
        statement = sql(name)
        if name.startswith(("rollups/new_sessions", "rollups/recount_")):
            continue
        reads = SESSIONS.search(statement) is not None and "left_sessions_" not in statement
        assert reads == (name in SESSION_ROWS_ALONE), name


def test_who_reads_rows_alone_is_known_and_who_reads_both_names_both():
    for name in map(name_of, FILES):
        statement = sql(name)
        if name in ("crashes/release_numbers", "rollups/daily_numbers"):  # CTEs of these names
            assert "with events as" in statement or "facts as" in statement
            continue
        names_table = TABLE.search(statement) is not None
        assert names_table == (name in ROWS_ALONE or name in BOTH), name
        if name in BOTH:
            assert re.search(r"event_chunks|in_chunks|places_in_chunks", statement), name


def test_on_citus_the_tables_themselves_are_read():
    text = "from facts_between(%(a)s::smallint, least(%(b)s, %(c)s::timestamptz), null) as facts"
    assert rows_alone(text) == "from facts as facts"
    text = "from latest_events(%(a)s::smallint, %(n)s::integer)"
    assert rows_alone(text) == (
        "from (select * from events where app_id = %(a)s::smallint order by timestamp desc "
        "limit %(n)s::integer) as latest_events"
    )
    for path in FILES:
        if name_of(path) in MAKE_ROWS:
            continue  # of what is never there
        statement = rows_alone(sql(name_of(path)))
        assert not re.search(
            r"_between\(|events_of\(|left_sessions_of\(|latest_events\(|\bin_chunks\(", statement
        ), path
