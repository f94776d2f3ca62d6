"""Percentiles from the histograms of daily_numbers.

Bucket b holds the values from 0.001 * 1.04^(b-1) to 0.001 * 1.04^b, in the number's own unit; bucket
0 holds what is smaller. So a percentile is within 2 % of the value of that rank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any

import msgspec

from stories.reports.rounding import rounded

GROWTH = Decimal("1.04")

_HISTOGRAMS = msgspec.json.Decoder(list[list[int]])


def added_up(histograms: str | None) -> Mapping[int, int]:
    """histograms: as they are kept, JSON arrays with commas between."""
    counts: Counter[int] = Counter()
    for histogram in _HISTOGRAMS.decode(f"[{histograms or ''}]"):
        for bucket, count in buckets_of(histogram):
            counts[bucket] += count
    return counts


def buckets_of(histogram: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(bucket, count) of a histogram as it is kept: its buckets, then their counts."""
    half = len(histogram) // 2
    return zip(histogram[:half], histogram[half:], strict=True)


def bucket_of(histogram: Mapping[int, int], percent: int) -> int | None:
    """The bucket that holds the value of the nearest rank; None of an empty histogram."""
    rank = -(-percent * sum(histogram.values()) // 100)
    buckets = sorted(histogram)
    reached = accumulate(histogram[bucket] for bucket in buckets)
    return next(
        (bucket for bucket, count in zip(buckets, reached, strict=True) if count >= rank), None
    )


def middle(bucket: int) -> Decimal:
    """The geometric middle of a bucket from 1 on."""
    return GROWTH ** (Decimal(bucket) - Decimal("0.5")) / 1000


def percentile(row: Mapping[str, Any], percent: int) -> float:
    """Of {histogram, least, most}: by nearest rank, within 2 %, and kept between the least and the
    greatest value there is."""
    histogram = {int(key): int(count) for key, count in row["histogram"].items()}
    bucket = bucket_of(histogram, percent)
    if not bucket:
        return rounded(row["least"], 6)
    return rounded(min(max(middle(bucket), row["least"]), row["most"]), 6)
