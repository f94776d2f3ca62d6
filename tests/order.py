"""Which files `make test` hands out first, and which ones stay together."""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

# Left to itself pytest-xdist begins with the files of most tests. The longest ones have few, would come
# last, and one process would work on them alone.
LONGEST = (
    "tests/dashboard",
    "clients/javascript/tests/test_javascript.py",
    "tests/tools/test_drill_short.py",
    "tests/intake/test_real_input.py",
    "tests/reports/test_stats_recount.py",
    "tests/operation/test_local_postgres.py",
    "tests/web/test_startup.py",
    "tests/views/test_health.py",
    "clients/python/tests/test_contract.py",
    "clients/python/tests/test_processes.py",
    "tests/reports/test_export.py",
    "tests/tools/test_traffic.py",
    "tests/operation/test_migrations.py",
    "tests/operation/test_postgresql_15.py",
    "tests/rollups/test_fold_under_fire.py",
    "tests/rollups/test_kinds_recount.py",
)


class LongestFirst(LoadFileScheduling):  # type: ignore[misc]
    """By file, but the dashboard as one, for one demo; the longest before all others."""

    def _split_scope(self, nodeid: str) -> str:
        return "tests/dashboard" if nodeid.startswith("tests/dashboard/") else nodeid.split("::")[0]

    def _assign_work_unit(self, node: Any) -> None:
        first = min(self.workqueue, key=_rank)  # of equals the one that stands first
        self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)


def _rank(scope: str) -> int:
    return LONGEST.index(scope) if scope in LONGEST else len(LONGEST)
