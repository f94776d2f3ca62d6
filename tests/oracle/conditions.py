"""Conditions on events by brute force: "field:operator:value" decided in Python, one event at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from .facts import Dated

FAMILIES = {
    "macOS": ("darwin", "mac", "osx"),
    "Windows": ("win",),
    "Android": ("android",),
    "iOS": ("ios", "ipados", "iphone", "ipad"),
    "Linux": ("linux", "ubuntu", "debian", "fedora", "arch"),
}
OF_CRASHES = ("version", "platform", "platform_family", "channel")


def matcher(texts: Iterable[str]) -> Callable[[Dated], bool]:
    conditions = [_read(text) for text in texts]
    wants_debug = any(
        field == "channel" and operator in ("is", "in") and "debug" in values
        for field, operator, values in conditions
    )
    return lambda row: (
        (wants_debug or row.channel != "debug")
        and all(_holds(row, *condition) for condition in conditions)
    )


def can_match_crashes(texts: Iterable[str]) -> bool:
    return all(field in OF_CRASHES for field, _, _ in map(_read, texts))


def _read(text: str) -> tuple[str, str, list[str]]:
    field, operator, *rest = text.split(":", 2)
    value = rest[0] if rest else "true"
    return field, operator, value.split(",") if operator == "in" else [value]


def family(platform: str | None) -> str | None:
    if not platform:
        return None
    lower = platform.lower()
    return next((name for name, starts in FAMILIES.items() if lower.startswith(starts)), "other")


def _value(row: Dated, field: str) -> Any:
    if field.startswith("prop."):
        return row.properties.get(field.removeprefix("prop."))
    return {
        "version": lambda: row.app_version or None,
        "platform": lambda: row.platform,
        "platform_family": lambda: family(row.platform),
        "country": lambda: row.country,
        "source": lambda: _text(row.properties.get("visit_source", row.properties.get("source"))),
        "channel": lambda: row.channel,
        "event": lambda: row.name,
    }[field]()


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _holds(row: Dated, field: str, operator: str, values: list[str]) -> bool:
    value = _value(row, field)
    if operator == "set":
        return (value is not None) == (values == ["true"])
    if operator in ("gt", "gte", "lt", "lte"):
        return _compares(field, operator, value, values[0])
    equals = any(_equals(field, value, each) for each in values)
    return not equals if operator == "not" else equals


def _equals(field: str, value: Any, text: str) -> bool:
    if not field.startswith("prop."):
        return bool(value == text)
    if isinstance(value, bool):
        return text == json.dumps(value)
    if isinstance(value, (int, float, Decimal)):
        return _number(text) == Decimal(str(value))
    return bool(value == text)


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except ArithmeticError:
        return None


def _compares(field: str, operator: str, value: Any, text: str) -> bool:
    left: Any
    right: Any
    if field == "version":
        if value is None:
            return False
        left, right = _version(value), _version(text)
    else:
        if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
            return False
        left, right = Decimal(str(value)), Decimal(text)
    return bool(
        {"gt": left > right, "gte": left >= right, "lt": left < right, "lte": left <= right}[
            operator
        ]
    )


def _version(text: str) -> tuple[int, ...]:
    """Of plain versions only: generated traffic has no others."""
    return tuple(int(part) for part in f"{text}.0.0.0".split(".")[:4])
