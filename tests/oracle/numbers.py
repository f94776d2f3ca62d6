"""Which values are numbers, and how answers are rounded."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

LARGEST = 10**12


def number(value: Any) -> Decimal | None:
    """The value as a Decimal of its decimal text, or None when it does not count."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return exact if 0 <= exact <= LARGEST else None


def first_number(properties: Mapping[str, Any], *names: str) -> Decimal | None:
    """The first of these properties that counts."""
    for name in names:
        value = number(properties.get(name))
        if value is not None:
            return value
    return None


def label(value: Any) -> str:
    return value if isinstance(value, str) and value else "unknown"


def rounded(value: Decimal | int, places: int) -> Decimal:
    with localcontext() as context:
        context.prec = 80
        return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def divided(above: Decimal | int, below: Decimal | int) -> Decimal | None:
    """The quotient to 60 digits; None when there is nothing to divide by."""
    if not below:
        return None
    with localcontext() as context:
        context.prec = 60
        return Decimal(above) / Decimal(below)


def ratio(above: Decimal | int, below: Decimal | int, places: int) -> Decimal | None:
    quotient = divided(above, below)
    return None if quotient is None else rounded(quotient, places)


def percentage(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return ratio(100 * part, whole, 1)


def mean(values: Sequence[Decimal]) -> Decimal | None:
    return divided(total(values), len(values))


def total(values: Iterable[Decimal]) -> Decimal:
    with localcontext() as context:
        context.prec = 80
        return sum(values, Decimal(0))


def median(values: Sequence[Decimal]) -> Decimal | None:
    if not values:
        return None
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return divided(ordered[middle - 1] + ordered[middle], 2)


def percentile(values: Sequence[Decimal], percent: int) -> Decimal | None:
    """Nearest rank: the smallest value with at least this percent of all at or below it."""
    if not values:
        return None
    rank = -(-percent * len(values) // 100)
    return sorted(values)[max(rank, 1) - 1]


def ranking(keys: Iterable[str]) -> list[dict[str, Any]]:
    """Most first, then by key."""
    counts = Counter(keys)
    whole = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return [
        {"key": key, "count": count, "percentage": percentage(count, whole)}
        for key, count in ordered
    ]
