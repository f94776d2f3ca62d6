"""The statistics of experiments: published worked examples, and what must hold for any counts."""

from __future__ import annotations

from math import exp, lgamma, log
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stories.reports.proportions import (
    Z_95,
    Z_POWER,
    Sample,
    chance_to_be_best,
    chi_square,
    chi_square_tail,
    difference_interval,
    people_needed,
    score_interval,
)

samples = st.integers(1, 5_000).flatmap(
    lambda people: st.integers(0, people).map(lambda converted: Sample(people, converted))
)


def test_the_quantiles_are_those_of_the_normal_distribution():
    assert pytest.approx(NormalDist().inv_cdf(0.975), abs=1e-12) == Z_95
    assert pytest.approx(NormalDist().inv_cdf(0.8), abs=1e-12) == Z_POWER


# Newcombe (1998), "Interval estimation for the difference between independent proportions: comparison of
# eleven methods", Statistics in Medicine 17, table II, method 10.
@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_the_interval_of_a_difference_is_newcombes(first, second, low, high):
    sample, control = (Sample(people, converted) for converted, people in (first, second))
    assert difference_interval(sample, control) == pytest.approx((low, high), abs=5e-5)


# Newcombe (1998), "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17,
# table I, the score method without continuity correction.
@pytest.mark.parametrize(
    ("converted", "people", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_rate_is_wilsons(converted, people, low, high):
    assert score_interval(Sample(people, converted)) == pytest.approx((low, high), abs=5e-5)


def interval_of(sample: Sample, control: Sample) -> tuple[float, float]:
    interval = difference_interval(sample, control)
    assert interval is not None
    return interval


@settings(deadline=None)
@given(samples, samples)
def test_an_interval_holds_its_difference_and_turns_round_with_it(sample, control):
    low, high = interval_of(sample, control)
    assert -1 <= low <= sample.rate - control.rate + 1e-12
    assert sample.rate - control.rate - 1e-12 <= high <= 1
    other = interval_of(control, sample)
    assert (-other[1], -other[0]) == pytest.approx((low, high), abs=1e-12)


def test_more_people_make_an_interval_narrower():
    widths = []
    for factor in (1, 4, 16):
        low, high = interval_of(
            Sample(100 * factor, 30 * factor), Sample(100 * factor, 25 * factor)
        )
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)
    assert widths[0] / widths[2] == pytest.approx(4, rel=0.02)


def log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def chance_of_two(sample: Sample, other: Sample) -> float:
    """That the rate of `sample` is higher, as a sum over its conversions: Miller (2015), "Formulas for
    Bayesian A/B testing"."""
    a, b = 1 + other.converted, 1 + other.people - other.converted
    own_a, own_b = 1 + sample.converted, 1 + sample.people - sample.converted
    return sum(
        exp(log_beta(a + i, own_b + b) - log(own_b + i) - log_beta(1 + i, own_b) - log_beta(a, b))
        for i in range(own_a)
    )


@settings(max_examples=60, deadline=None)
@given(samples, samples)
def test_of_two_the_chance_to_be_best_is_the_closed_form(sample, other):
    assert chance_to_be_best([sample, other])[0] == pytest.approx(
        chance_of_two(sample, other), abs=1e-5
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(samples, min_size=1, max_size=6))
def test_chances_add_up_and_alike_variants_have_alike_ones(variants):
    chances = chance_to_be_best(variants)
    assert sum(chances) == pytest.approx(1)
    assert all(-1e-9 <= chance <= 1 + 1e-9 for chance in chances)
    twice = chance_to_be_best([*variants, variants[0]])
    assert twice[0] == pytest.approx(twice[-1], abs=1e-9)


def test_exact_chances_of_few_people():
    """Without people both rates are anything; one who converted makes it two to one."""
    assert chance_to_be_best([Sample(0, 0), Sample(0, 0)]) == pytest.approx([1 / 2, 1 / 2])
    assert chance_to_be_best([Sample(1, 1), Sample(0, 0)]) == pytest.approx([2 / 3, 1 / 3])
    assert chance_to_be_best([Sample(0, 0)] * 4) == pytest.approx([1 / 4] * 4)
    assert chance_to_be_best([Sample(7, 3)]) == [1.0]


def test_a_variant_with_far_more_people_than_the_other_is_no_trouble():
    few, many = Sample(50, 10), Sample(2_000_000, 400_000)
    assert chance_to_be_best([few, many])[0] == pytest.approx(chance_of_two(few, many), abs=1e-5)


# NIST/SEMATECH, "e-Handbook of Statistical Methods", 1.3.6.7.4: upper critical values.
@pytest.mark.parametrize(
    ("degrees", "p", "statistic"),
    [
        (1, 0.05, 3.841), (2, 0.05, 5.991), (3, 0.05, 7.815), (4, 0.01, 13.277), (5, 0.10, 9.236),
        (9, 0.001, 27.877), (10, 0.05, 18.307), (1, 0.001, 10.828), (2, 0.001, 13.816),
    ],
)  # fmt: skip
def test_the_tail_of_chi_square_is_that_of_the_tables(degrees, p, statistic):
    assert chi_square_tail(statistic, degrees) == pytest.approx(p, rel=2e-3)


def test_the_split_of_a_known_experiment():
    """Kohavi, Tang and Xu (2020), "Trustworthy Online Controlled Experiments", chapter 3: 821,588 people
    to 815,482, where equal halves were meant, p = 1.8e-6."""
    assert chi_square([821_588, 815_482], [50, 50])[1] == pytest.approx(1.8e-6, rel=0.02)


def test_mendels_peas():
    """315, 108, 101 and 32 where 9:3:3:1 was expected: chi-square 0.470 with 3 degrees, p = 0.925."""
    statistic, p = chi_square([315, 108, 101, 32], [9, 3, 3, 1])
    assert statistic == pytest.approx(0.470, abs=5e-4)
    assert p == pytest.approx(0.925, abs=5e-4)


def test_a_split_of_nobody_is_not_wrong():
    assert chi_square([0, 0], [1, 1]) == (0.0, 1.0)


def test_people_needed_are_those_of_rs_power_prop_test():
    """R, stats::power.prop.test, examples: p1 = 0.50, p2 = 0.75, power 0.90 takes n = 76.7."""
    assert people_needed(0.5, 0.5, NormalDist().inv_cdf(0.9)) == 77


def test_people_needed_fall_with_the_rate_and_are_unknown_at_none():
    assert people_needed(0.0) is None
    needed = [people_needed(rate) or 0 for rate in (0.01, 0.1, 0.5, 0.9)]
    assert all(needed)
    assert needed == sorted(needed, reverse=True)
    assert people_needed(1.0) == people_needed(1.0, -0.1)  # 110 % cannot be
