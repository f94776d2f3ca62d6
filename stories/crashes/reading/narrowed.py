"""Issues under a filter: their crashes and people are those of the matching crashes, which are read for
it. Their title, state and versions are their own. Handled errors are not stored one by one, and so
cannot be told."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from database import Row, Transaction
from stories.catalogue import App
from stories.reports.filters import Filter
from stories.reports.periods import Days

# What is not told of an issue under a filter: null, and named in the answer.
UNTOLD: dict[str, None] = {"people_share": None, "rise": None}
UNFILTERED = sorted(("handled", *UNTOLD))
DAY, EVERY_DIM = "none", ("none", "version", "platform")


@dataclass(frozen=True)
class Narrowed:
    """filter: one that can tell crashes."""

    app: App
    filter: Filter

    def counts(
        self,
        tx: Transaction,
        start: datetime | None = None,
        end: datetime | None = None,
        issue_id: int | None = None,
    ) -> list[Row]:
        """[{issue_id, crashes, people, first_seen, last_seen}] of the issues with matching crashes."""
        return tx.rows(
            "crashes/issue_facts",
            **self._rows,
            issue_id=issue_id,
            start=start,
            end=end,
        )

    def values(
        self, tx: Transaction, issue_ids: list[int], days: Days, dims: tuple[str, ...] = EVERY_DIM
    ) -> list[Row]:
        """Rows of crashes/issue_values, with the issue_id of each."""
        return tx.rows(
            "crashes/issue_value_facts",
            **{**days.moments, **self._rows},
            issue_ids=issue_ids,
            dims=list(dims),
        )

    def by_day(
        self, tx: Transaction, issue_ids: list[int], days: Days
    ) -> dict[int, dict[date, int]]:
        counted: dict[int, dict[date, int]] = defaultdict(dict)
        for row in self.values(tx, issue_ids, days, (DAY,)):
            counted[row["issue_id"]][row["day"]] = row["crashes"]
        return counted

    def latest_people(self, tx: Transaction, issue_id: int, limit: int) -> list[Row]:
        return tx.rows("crashes/latest_people_facts", **self._rows, issue_id=issue_id, limit=limit)

    @property
    def _rows(self) -> dict[str, Any]:
        return {"app_id": self.app.app_id, "matches": self.filter.of_crashes()}


def as_parameters(counts: list[Row] | None) -> dict[str, Any]:
    """Of crashes/list_issues: the issues that it is narrowed to, with their numbers."""
    names = {
        "issue_ids": "issue_id",
        "issue_crashes": "crashes",
        "issue_people": "people",
        "issue_firsts": "first_seen",
        "issue_lasts": "last_seen",
    }
    if counts is None:
        return dict.fromkeys(names)
    return {name: [row[column] for row in counts] for name, column in names.items()}
