"""QUESTIONS: every report that makers ask of their own events, where it is asked and what it reads.

A new one: its module and SQL files, an entry here, a test against a brute-force reading, a section of
docs/QUESTIONS.md.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """name: of a saved question of it, where it can be saved. route: as Flask writes it. statements:
    of stories/sql. recount: the test that counts it anew from the events. answers: in a sentence."""

    name: str
    route: str
    statements: tuple[str, ...]
    recount: str
    answers: str


QUESTIONS: tuple[Report, ...] = (
    Report(
        "explore",
        "/explore",
        (
            "reports/explore",
            "reports/explore_percentile",
            "reports/explore_closed_days",
            "reports/explore_daily_events",
            "reports/explore_daily_values",
            "reports/explore_daily_numbers",
        ),
        "tests/reports/test_explore_recount.py",
        "one measure of one event, or of any, over time and by a field",
    ),
    Report(
        "key_numbers",
        "/stats/key_numbers",
        ("reports/key_numbers_list",),
        "tests/reports/test_key_numbers_recount.py",
        "the numbers that an app's makers look at first, each a question of explore",
    ),
    Report(
        "funnel",
        "/funnels",
        ("reports/funnel_codes", "reports/funnel_values"),
        "tests/reports/test_asking_recount.py",
        "how many people or sessions reach each step, how long they take, and who stopped",
    ),
    Report(
        "retention",
        "/retention",
        ("reports/retention", "reports/retention_any"),
        "tests/reports/test_asking_recount.py",
        "of those who did one thing, who came back to do another",
    ),
    Report(
        "experiment",
        "/experiments/<name>",
        ("reports/experiment", "reports/experiment_names"),
        "tests/reports/test_asking_recount.py",
        "what the variants of an experiment did, and how sure that is",
    ),
    Report(
        "live",
        "/live",
        ("reports/live_counts", "reports/live_events"),
        "tests/views/test_live.py",
        "who is there now, and the events as they arrive",
    ),
    Report(
        "people",
        "/users",
        ("reports/people", "reports/dashboard_users", "reports/export_people"),
        "tests/reports/test_people_search.py",
        "who is so, and did that",
    ),
    Report(
        "release",
        "/releases/<version>",
        ("crashes/release_users", "crashes/release_sessions", "crashes/release_numbers"),
        "tests/reports/test_release_comparison_recount.py",
        "two versions side by side over their first days",
    ),
)
