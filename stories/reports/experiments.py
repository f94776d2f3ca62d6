"""Experiments: of those who were shown each variant, how many did the goal within some days.

The event that shows a variant names it in a property. Who was shown several counts for the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from database import Row, Transaction
from stories.catalogue import App
from stories.reports.filters import Filter
from stories.reports.periods import Days
from stories.reports.proportions import (
    Sample,
    chance_to_be_best,
    chi_square,
    difference_interval,
    people_needed,
)
from stories.reports.rounding import rounded
from stories.reports.steps import Step

PROPERTY = "variant"
CONTROL = "control"
MOST = 10  # variants
WRONG_SPLIT = 0.001  # a p below it
LATEST = 20_000  # events in which others than the declared are looked for


@dataclass(frozen=True)
class Experiment:
    """event: shows a variant, which its property names, on one of the days. within: days from then on.
    control: the variant that the others are compared with; None: one of that name, else the largest.
    split: the shares of the variants that were meant, in the order of the answer; none: equal ones.
    filter: of the events that show a variant."""

    app: App
    days: Days
    event: str
    goal: Step
    within: int
    property: str = PROPERTY
    control: str | None = None
    split: tuple[float, ...] = ()
    filter: Filter = field(default_factory=Filter)


class WrongSplit(ValueError):
    """The split has not a share for each variant."""


class UnknownControl(ValueError):
    """Nobody was shown the variant that is to be the control."""


def compare(tx: Transaction, experiment: Experiment, now: datetime) -> dict[str, Any]:
    """{"variants": [{variant, people, converted, open (time not over, not converted), rate in percent,
    difference to the first variant in percentage points with its 95 % interval low to high (null of the
    first), best: chance in percent to have the highest rate}], "control", "mixed", "left_out", "split":
    {expected, chi_square, p, is_wrong} or None, "needed": people a variant to tell a change of the
    control's rate by a tenth of it, or None, "can_tell"}. Raises WrongSplit, UnknownControl."""
    rows = tx.rows(
        "reports/experiment",
        **experiment.days.moments,
        event=experiment.event,
        property=experiment.property,
        goal=experiment.goal.of_events(),
        hours=24 * experiment.within,
        now=now,
        matches=experiment.filter.of_events(),
    )
    control = _control(rows, experiment.control)
    shown = sorted(rows[:MOST], key=lambda row: (row["variant"] != control, row["variant"]))
    samples = [Sample(row["people"], row["converted"]) for row in shown]
    needed = people_needed(samples[0].rate) if samples else None
    return {
        "variants": _variants(shown, samples),
        "control": control,
        "mixed": sum(row["mixed"] for row in rows),
        "left_out": sum(row["people"] for row in rows[MOST:]),
        "split": _split(samples, experiment.split),
        "needed": needed,
        "can_tell": needed is not None
        and len(samples) > 1
        and all(each.people >= needed for each in samples),
    }


def events_with(tx: Transaction, app: App, property: str = PROPERTY) -> list[str]:
    """Names of events that have this property: of declared ones, and of the latest that came."""
    rows = tx.rows("reports/experiment_names", app_id=app.app_id, property=property, latest=LATEST)
    declared = {event for event, properties in app.catalogue.items() if property in properties}
    return sorted(declared | {row["event"] for row in rows})


def _control(rows: Sequence[Row], wanted: str | None) -> str | None:
    """rows: those with most people first."""
    names = [row["variant"] for row in rows[:MOST]]
    if wanted is not None:
        if names and wanted not in names:
            raise UnknownControl(wanted)
        return wanted
    return CONTROL if CONTROL in names else next(iter(names), None)


def _variants(rows: Sequence[Row], samples: Sequence[Sample]) -> list[dict[str, Any]]:
    best = chance_to_be_best(samples) if samples else []
    variants = []
    for place, (row, sample) in enumerate(zip(rows, samples, strict=True)):
        interval = difference_interval(sample, samples[0]) if place else None
        variants.append(
            {
                "variant": row["variant"],
                "people": sample.people,
                "converted": sample.converted,
                "open": row["open"],
                "rate": rounded(100 * sample.rate, 2),
                "difference": rounded(100 * (sample.rate - samples[0].rate), 2) if place else None,
                "low": rounded(100 * interval[0], 2) if interval else None,
                "high": rounded(100 * interval[1], 2) if interval else None,
                "best": rounded(100 * best[place], 1),
            }
        )
    return variants


def _split(samples: Sequence[Sample], shares: tuple[float, ...]) -> dict[str, Any] | None:
    if shares and samples and len(shares) != len(samples):
        raise WrongSplit(f"has {len(shares)} shares for {len(samples)} variants")
    if len(samples) < 2:
        return None
    expected = shares or (1.0,) * len(samples)
    statistic, p = chi_square([each.people for each in samples], expected)
    return {
        "expected": [rounded(100 * share / sum(expected), 2) for share in expected],
        "chi_square": rounded(statistic, 3),
        "p": float(f"{p:.3g}"),
        "is_wrong": p < WRONG_SPLIT,
    }
