"""The filter of a question: conditions, a segment, a cohort; and which way it is answered.

Rollups answer where there is none, for one version, platform, family or country, and for a segment
that is filled. Anything else is read from the events (the view `facts`) by `of_events`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from database import Expression
from stories.reports.conditions import EVERYTHING, Conditions

# Field of a condition -> dimension of the rollups.
DIMENSIONS = {
    "version": "version",
    "platform": "platform",
    "platform_family": "family",
    "country": "country",
}

NOBODY = Expression("false")


@dataclass(frozen=True)
class Filter:
    """segment: the id of one whose days are all counted; its conditions are among `conditions`.
    people: whose events alone count, an expression on `user_id` and the text it is told apart by."""

    conditions: Conditions = EVERYTHING
    segment: int | None = None
    cohort: str | None = None
    people: Expression | None = field(default=None, compare=False)

    def __bool__(self) -> bool:
        return bool(self.conditions) or self.cohort is not None

    @property
    def dimension(self) -> tuple[str, str] | None:
        """(dim, value) of the rollups that answer it; None: only the events can."""
        if self.cohort is not None:
            return None
        if self.segment is not None:
            return "segment", str(self.segment)
        if not self.conditions:
            return "none", ""
        [first, *more] = self.conditions.each
        if more or first.operator != "is" or first.field not in DIMENSIONS:
            return None
        return DIMENSIONS[first.field], first.values[0]

    def of_events(self) -> Expression:
        """As Conditions.of_events, and of the cohort's people alone."""
        return self._with_people(self.conditions.of_events())

    def of_crashes(self) -> Expression:
        """As Conditions.of_crashes, and of the cohort's people alone."""
        return self._with_people(self.conditions.of_crashes())

    @property
    def crashes(self) -> Expression:
        """As of_crashes; none where a crash cannot be told by the conditions."""
        return self.of_crashes() if self.conditions.can_match_crashes else NOBODY

    def _with_people(self, rows: Expression) -> Expression:
        if self.people is None:
            return rows
        return Expression("%(rows)s and %(people)s", {"rows": rows, "people": self.people})


NO_FILTER = Filter()
