"""Statements without the functions over rows and chunks (migrations/021_compression.sql): Citus cannot
plan what these read, and nothing is in chunks there.
"""

from __future__ import annotations

import re

_ARGUMENTS = r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
_READERS = (
    (re.compile(rf"\b(?:lateral )?(facts|facts_of_people|events)_between{_ARGUMENTS}"), r"\1"),
    (re.compile(rf"\bunion all select [\w, ]+\s+from left_sessions_\w+{_ARGUMENTS}"), ""),
    (re.compile(rf"\bevents_of{_ARGUMENTS}"), "events"),
    (re.compile(r"%\(source\)s"), "events"),
    (
        re.compile(r"\blatest_events\(([^,]+), ((?:[^()]|\([^()]*\))+)\)"),
        r"(select * from events where app_id = \1 order by timestamp desc limit \2) as latest_events",
    ),
    (re.compile(rf"\band not in_chunks{_ARGUMENTS}"), ""),
    (re.compile(r" as (facts|facts_of_people|events) as \1\b"), r" as \1"),
)


def rows_alone(statement: str) -> str:
    """A statement that reads the tables where it read rows and chunks. Such statements keep their own
    conditions, so that they stay what they were."""
    for reader, instead in _READERS:
        statement = reader.sub(instead, statement)
    return statement
