"""How numbers leave: exact decimals until here, halves away from zero, JSON numbers at the end.

A float of a rounded decimal prints that decimal again (fifteen digits fit), so nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from typing import Any

Number = Decimal | int
Ranking = list[dict[str, Any]]


@contextmanager
def exact_arithmetic() -> Iterator[None]:
    """Sums of numerics have more than the 28 digits that decimals keep by default."""
    with localcontext() as context:
        context.prec = 60
        yield


def rounded(value: Number | float, places: int) -> float:
    """To so many decimals, halves away from zero; a float counts as the decimal that it prints as."""
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return float(exact.quantize(_last_of(places), ROUND_HALF_UP))


@lru_cache
def _last_of(places: int) -> Decimal:
    """One in the last of so many decimals."""
    return Decimal(1).scaleb(-places)


def ratio(above: Number, below: Number, places: int = 3) -> float | None:
    """The quotient; None when there is nothing to divide by."""
    return rounded(Decimal(above) / Decimal(below), places) if below else None


def percentage(part: Number, whole: Number) -> float | None:
    return ratio(100 * part, whole, 1)


def money(value: Number) -> float:
    """US dollars. METRICS.md wants 6 decimals at least; 9 show a single cheap transcription."""
    return rounded(value, 9)


def ranking(rows: list[dict[str, Any]]) -> Ranking:
    """[{key, count, percentage}], most first, then by key; percentages are of the list's own total.
    Rows of one key are added up."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["key"]] = counts.get(row["key"], 0) + int(row["count"])
    whole = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return [
        {"key": key, "count": count, "percentage": percentage(count, whole)}
        for key, count in ordered
        if count
    ]
