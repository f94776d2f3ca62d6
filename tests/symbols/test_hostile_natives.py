"""Hostile dumps, rules and symbol files, a seeded cut of them: `make fuzz` has more."""

from __future__ import annotations

from random import Random

import pytest

from tools.fuzz import natives
from tools.fuzz.mutate import mutate
from tools.fuzz.wire import watchdog


@pytest.mark.parametrize(
    ("target", "seeds", "inputs"),
    [
        (natives.minidump, natives.DUMPS, 1500),
        (natives.unwinding_rules, [natives.RULES], 500),
        (natives.symbol_file, natives.SYMBOL_FILES, 150),
    ],
    ids=["dumps", "rules", "symbol files"],
)
def test_hostile_ones_end_in_time_and_as_described(target, seeds, inputs):
    random = Random(11)
    for seed in seeds:
        target(seed)
    for _ in range(inputs):
        data = mutate(random.choice(seeds), random, random.choice(seeds))
        with watchdog():
            target(data)
