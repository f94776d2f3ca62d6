"""What a version did besides crashing: transcriptions, their time and their cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from database import Row, Transaction
from stories.reports.by_events import rules_of
from stories.reports.filters import Filter
from stories.reports.histogram import added_up, percentile
from stories.reports.periods import Days
from stories.reports.rounding import percentage, ratio


@dataclass(frozen=True)
class Share:
    """Of `all` so many went wrong."""

    wrong: int = 0
    all: int = 0


@dataclass(frozen=True)
class Numbers:
    """transcriptions: T + F of METRICS.md, of which F went wrong. median: seconds of processing; None
    without any, as cost in US dollars."""

    transcriptions: Share = Share()
    cost: Decimal | None = None
    median: float | None = None

    def shown(self, people: int) -> dict[str, Any]:
        """people: among whom the cost is divided."""
        tried = self.transcriptions
        return {
            "transcriptions": tried.all,
            "success_rate": percentage(tried.all - tried.wrong, tried.all),
            "median_processing_seconds": self.median,
            "cost_per_person": None if self.cost is None else ratio(self.cost, people, 6),
        }


def numbers_by_version(tx: Transaction, days: Days, versions: list[str]) -> dict[str, Numbers]:
    """Of every one of these versions."""
    rows = tx.rows("crashes/release_numbers", **days.days, versions=versions)
    for row in rows:
        row["histogram"] = added_up(row.pop("histograms"))
    return _by_version(rows, versions)


def numbers_from_events(
    tx: Transaction, days: Days, versions: list[str], filter: Filter
) -> dict[str, Numbers]:
    """The same of the matching events."""
    rows = tx.rows(
        "crashes/release_number_facts",
        **days.moments,
        versions=versions,
        matches=filter.of_events(),
        rules=rules_of(days.app, {"numbers"}),
    )
    return _by_version(rows, versions)


def _by_version(rows: list[Row], versions: list[str]) -> dict[str, Numbers]:
    return dict.fromkeys(versions, Numbers()) | {
        row["version"]: Numbers(
            Share(row["failed"] + row["unsuccessful"], row["completed"] + row["failed"]),
            row["cost"],
            percentile(row, 50) if row["timed"] else None,
        )
        for row in rows
    }
