"""Statistics of an experiment's variants, each with its source. No random numbers: the same counts give
the same answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, erfc, exp, lgamma, log, pi, sqrt

# Quantiles of the standard normal distribution: 97.5 % (two sides of 5 %), 80 %.
Z_95 = 1.959963984540054
Z_POWER = 0.8416212335729143


@dataclass(frozen=True)
class Sample:
    """converted of people."""

    people: int
    converted: int

    @property
    def rate(self) -> float:
        return self.converted / self.people if self.people else 0.0


def score_interval(sample: Sample, z: float = Z_95) -> tuple[float, float]:
    """Bounds of a proportion: Wilson (1927), "Probable inference, the law of succession, and statistical
    inference". With n people, p the rate: (2np + z² ± z sqrt(z² + 4np(1 - p))) / (2(n + z²)). For at
    least one person."""
    n, p = sample.people, sample.rate
    middle = 2 * n * p + z * z
    reach = z * sqrt(z * z + 4 * n * p * (1 - p))
    below = 2 * (n + z * z)
    return max(0.0, (middle - reach) / below), min(1.0, (middle + reach) / below)


def difference_interval(
    sample: Sample, control: Sample, z: float = Z_95
) -> tuple[float, float] | None:
    """Bounds of the difference of the rates, sample - control: Newcombe (1998), "Interval estimation for
    the difference between independent proportions", method 10. With l, u the score interval of each:
    d - sqrt((p1 - l1)² + (u2 - p2)²) to d + sqrt((u1 - p1)² + (p2 - l2)²). None without people."""
    if not (sample.people and control.people):
        return None
    (low_1, high_1), (low_2, high_2) = score_interval(sample, z), score_interval(control, z)
    p1, p2 = sample.rate, control.rate
    difference = p1 - p2
    return (
        max(-1.0, difference - sqrt((p1 - low_1) ** 2 + (high_2 - p2) ** 2)),
        min(1.0, difference + sqrt((high_1 - p1) ** 2 + (p2 - low_2) ** 2)),
    )


def chance_to_be_best(samples: Sequence[Sample]) -> list[float]:
    """Of each, that its rate is the highest, given what was seen. The rates are taken to be independent,
    each with the prior Beta(1, 1), so with the posterior Beta(1 + converted, 1 + people - converted)
    (Gelman et al., "Bayesian Data Analysis", section 2.4). P(i is best) is the integral of f_i times the
    product of the other F_j, by Simpson's rule on a grid that is fine around each posterior's mean."""
    posteriors = [_Posterior.of(each) for each in samples]
    grid = sorted({x for each in posteriors for x in each.grid()} | {0.0, 1.0})
    halves = [(left + right) / 2 for left, right in pairwise(grid)]
    curves = [each.along(grid, halves) for each in posteriors]
    chances = []
    for place, curve in enumerate(curves):
        others = [other for at, other in enumerate(curves) if at != place]
        total = 0.0
        for step in range(len(halves)):
            at_left = curve.density[step]
            at_half = curve.density_half[step]
            at_right = curve.density[step + 1]
            for other in others:
                at_left *= other.below[step]
                at_half *= other.below_half[step]
                at_right *= other.below[step + 1]
            total += (grid[step + 1] - grid[step]) / 6 * (at_left + 4 * at_half + at_right)
        chances.append(total)
    whole = sum(chances)
    return [each / whole for each in chances]


@dataclass(frozen=True)
class _Curve:
    """Density and distribution at the points of the grid, and halfway between them."""

    density: list[float]
    density_half: list[float]
    below: list[float]
    below_half: list[float]


@dataclass(frozen=True)
class _Posterior:
    """Beta(a, b)."""

    a: int
    b: int
    scale: float  # log of 1 / B(a, b)

    @classmethod
    def of(cls, sample: Sample) -> _Posterior:
        a, b = 1 + sample.converted, 1 + sample.people - sample.converted
        return cls(a, b, lgamma(a + b) - lgamma(a) - lgamma(b))

    def grid(self) -> list[float]:
        """Around the mean, in twentieths of a standard deviation, and coarser where only a long tail may
        be."""
        mean = self.a / (self.a + self.b)
        deviation = sqrt(mean * (1 - mean) / (self.a + self.b + 1))
        steps = [n / 20 for n in range(-160, 161)]
        steps += [sign * n / 4 for n in range(32, 161) for sign in (-1, 1)]
        points = (mean + step * deviation for step in steps)
        return [x for x in points if 0 < x < 1]

    def density(self, x: float) -> float:
        if x <= 0 or x >= 1:
            power = self.a if x <= 0 else self.b
            return float(self.a + self.b - 1) if power == 1 else 0.0
        return exp(self.scale + (self.a - 1) * log(x) + (self.b - 1) * log(1 - x))

    def along(self, grid: Sequence[float], halves: Sequence[float]) -> _Curve:
        density = [self.density(x) for x in grid]
        half = [self.density(x) for x in halves]
        below, below_half = [0.0], []
        for step, middle in enumerate(half):
            left, right = density[step], density[step + 1]
            width = grid[step + 1] - grid[step]
            # The parabola through the three points, up to its middle and to its end.
            below_half.append(below[-1] + width / 24 * (5 * left + 8 * middle - right))
            below.append(below[-1] + width / 6 * (left + 4 * middle + right))
        return _Curve(density, half, below, below_half)


def chi_square(counts: Sequence[int], shares: Sequence[float]) -> tuple[float, float]:
    """(statistic, p) of the test whether people were split as the shares say: Pearson (1900), the sum of
    (seen - expected)² / expected, with one degree of freedom less than there are counts. The p-value for
    whole degrees is Abramowitz and Stegun (1964), 26.4.4 and 26.4.5. At least two counts, shares > 0."""
    whole, parts = sum(counts), sum(shares)
    if whole == 0:
        return 0.0, 1.0
    statistic = 0.0
    for seen, share in zip(counts, shares, strict=True):
        expected = whole * share / parts
        statistic += (seen - expected) ** 2 / expected
    return statistic, chi_square_tail(statistic, len(counts) - 1)


def chi_square_tail(statistic: float, degrees: int) -> float:
    """The chance of a statistic at least as large, where there is nothing to find."""
    half = statistic / 2
    if degrees % 2 == 0:
        term = total = exp(-half)
        for n in range(1, degrees // 2):
            term *= half / n
            total += term
        return min(1.0, total)
    total = erfc(sqrt(half))
    term = 2 * sqrt(half / pi) * exp(-half)
    for n in range(1, degrees // 2 + 1):
        total += term
        term *= half / (n + 0.5)
    return min(1.0, total)


def people_needed(rate: float, change: float = 0.1, z_power: float = Z_POWER) -> int | None:
    """How many a variant needs for a test at 5 % (two-sided) to find with power 80 % that a rate became
    larger by this share of itself (or smaller, where it would pass 100 %): Fleiss, Levin and Paik
    (2003), "Statistical Methods for Rates and Proportions", chapter 4, without the correction for
    continuity. With q the mean of both rates:
    (z_95 sqrt(2 q (1 - q)) + z_power sqrt(p1 (1 - p1) + p2 (1 - p2)))² / (p2 - p1)². None at rate 0."""
    if rate <= 0:
        return None
    other = rate * (1 + change) if rate * (1 + change) <= 1 else rate * (1 - change)
    middle = (rate + other) / 2
    spread = Z_95 * sqrt(2 * middle * (1 - middle))
    spread += z_power * sqrt(rate * (1 - rate) + other * (1 - other))
    return ceil(spread**2 / (other - rate) ** 2)
