"""Differences between what must be answered and what was."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

PERCENTILES = frozenset({"p50", "p95"})
PERCENTILE_TOLERANCE = Decimal("0.05")
# METRICS.md gives these at least 6 decimals, so half of the seventh may be missing.
MONEY = frozenset({"total_cost_usd", "cost_usd", "cost_7d", "cost_30d", "cost_per_user_30d"})
# For these it states no rounding: at least 3 decimals, so half of the fourth may be missing.
UNROUNDED = frozenset(
    {
        "recordings_per_user", "avg_session_seconds", "avg", "avg_startup_seconds", "median",
        "mean", "engagement",
    }
)  # fmt: skip


def compare(
    expected: Any, actual: Any, *, path: str = "", ignore: Collection[str] = ()
) -> list[str]:
    """One sentence per difference; empty when all is equal.

    p50 and p95 may be 5 % off, money and averages by what rounding leaves out; all else is exact.
    Keys the answer has beyond the expected ones are no difference at the top, where an answer may hold
    more than metrics; below it they are. ignore: paths ("unfiltered", "summary.new_users") to skip.
    """
    if path in ignore:
        return []
    if isinstance(expected, dict):
        return _compare_dicts(expected, actual, path, ignore)
    if isinstance(expected, list):
        return _compare_lists(expected, actual, path, ignore)
    if _is_number(expected) and _is_number(actual):
        if _close(_last_key(path), _decimal(expected), _decimal(actual)):
            return []
    elif type(expected) is type(actual) and expected == actual:
        return []
    return [f"{path}: expected {_show(expected)}, got {_show(actual)}"]


def _compare_dicts(
    expected: dict[str, Any], actual: Any, path: str, ignore: Collection[str]
) -> list[str]:
    if not isinstance(actual, dict):
        return [f"{path or 'answer'}: expected an object, got {_show(actual)}"]
    differences = []
    for key, value in expected.items():
        below = f"{path}.{key}" if path else key
        if below in ignore:
            continue
        if key in actual:
            differences += compare(value, actual[key], path=below, ignore=ignore)
        else:
            differences.append(f"{below}: expected {_show(value)}, missing")
    if path:
        more = sorted(set(actual) - set(expected))
        differences += [
            f"{path}.{key}: not expected" for key in more if f"{path}.{key}" not in ignore
        ]
    return differences


def _compare_lists(
    expected: list[Any], actual: Any, path: str, ignore: Collection[str]
) -> list[str]:
    if not isinstance(actual, list):
        return [f"{path}: expected a list, got {_show(actual)}"]
    differences = []
    if len(expected) != len(actual):
        differences.append(f"{path}: expected {len(expected)} entries, got {len(actual)}")
    for index, (left, right) in enumerate(zip(expected, actual, strict=False)):
        differences += compare(left, right, path=f"{path}[{index}]", ignore=ignore)
    return differences


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _decimal(value: Any) -> Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _last_key(path: str) -> str:
    return path.rpartition(".")[2].partition("[")[0]


def _close(key: str, expected: Decimal, actual: Decimal) -> bool:
    # JSON numbers are doubles: fifteen digits are what they can hold.
    slack = abs(expected) * Decimal("1e-15")
    if key in PERCENTILES:
        slack += abs(expected) * PERCENTILE_TOLERANCE
    elif key in MONEY:
        slack += Decimal("0.0000005")
    elif key in UNROUNDED:
        slack += Decimal("0.0005")
    return abs(expected - actual) <= slack


def _show(value: Any) -> str:
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
