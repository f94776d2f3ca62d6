"""Which files `make test` hands out first, and which ones of `make test-pages` stay together."""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

# Left to itself pytest-xdist begins with the files of most tests. The longest ones have few, would come
# last, and one process would work on them alone.
LONGEST = (
    "clients/javascript/tests/test_javascript.py",
    "tests/symbols/test_holding.py",
    "tests/operation/test_migrations.py",
    "tests/storage/test_expiry.py",
    "tests/operation/test_replica.py",
    "tests/crashes/test_issue_recount.py",
    "tests/tools/test_drill_short.py",
    "tests/rollups/test_segments.py",
    "tests/test_injection.py",
    "tests/privacy/test_erasure.py",
    "tests/operation/test_backup.py",
    "tests/images/test_workers.py",
    "tests/crashes/test_moving_counts.py",
    "tests/rollups/test_count_back.py",
    "tests/rollups/test_rebuild_and_check.py",
    "tests/rollups/test_facets.py",
    "tests/web/test_startup.py",
    "tests/intake/test_dedupe.py",
    "tests/crashes/test_issues_without_people.py",
    "tests/rollups/test_fold_trouble.py",
    "tests/operation/test_citus.py",
    "tests/web/test_bodies.py",
    "tests/rollups/test_testers.py",
    "tests/rollups/test_fold_under_fire.py",
    "tests/reports/test_kinds_recount.py",
    "tests/rollups/test_active_gaps.py",
    "tests/rollups/test_kept_values.py",
    "tests/intake/test_real_input.py",
    "tests/reports/test_stats_recount.py",
    "tests/operation/test_local_postgres.py",
    "tests/views/test_health.py",
    "clients/python/tests/test_contract.py",
    "clients/python/tests/test_processes.py",
    "tests/reports/test_export.py",
    "tests/reports/test_people_search.py",
    "tests/crashes/test_issue_properties.py",
    "tests/crashes/test_moving_errors.py",
    "tests/tools/test_traffic.py",
    "tests/tools/test_traffic_sending.py",
    "tests/operation/test_postgresql_15.py",
    "tests/symbols/test_limits.py",
    "tests/tools/test_fuzz.py",
    "tests/web/test_tokens.py",
    "tests/web/test_rights.py",
    "tests/alerts/test_schedule.py",
    "tests/views/test_narrowed_issues.py",
    "tests/privacy/test_erasure_in_flight.py",
    "tests/views/test_prometheus.py",
    "tests/web/test_two_workers.py",
)


# Half of the dashboard's work; the other files of tests/dashboard are the other half.
PAGES = {"test_every_page.py", "test_hostile_text.py", "test_loads.py", "test_numbers_shown.py"}


class LongestFirst(LoadFileScheduling):  # type: ignore[misc]
    """By file, the longest before all others; but the dashboard in two halves, for two demos."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::")[0]
        folder, _, name = path.rpartition("/")
        return f"{folder} {name in PAGES}" if folder == "tests/dashboard" else path

    def _assign_work_unit(self, node: Any) -> None:
        first = min(self.workqueue, key=_rank)  # of equals the one that stands first
        self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)


def _rank(scope: str) -> int:
    return LONGEST.index(scope) if scope in LONGEST else len(LONGEST)
