"""Which sizes the bench loads."""

from __future__ import annotations

import pytest

from tools.benchmarks.__main__ import sizes_of


def test_the_bench_loads_the_sizes_that_are_named_or_all_up_to_one():
    assert sizes_of("30000000,1000000") == [1_000_000, 30_000_000]
    assert sizes_of("200000") == [200_000]
    assert sizes_of("up-to-10000000") == [1_000_000, 10_000_000]
    assert sizes_of("up-to-30000000") == [1_000_000, 10_000_000, 30_000_000]


@pytest.mark.parametrize("text", ["many", "1,,2", "0", "up-to-", "up-to-5", "-1"])
def test_what_names_no_size_is_refused(text):
    with pytest.raises(ValueError, match="BENCH_EVENTS is a number"):
        sizes_of(text)
