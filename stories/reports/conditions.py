"""Conditions on events: read from `field:operator:value`, and turned into the expression of SQL that all
statements and the fold decide by.

A condition is on the event itself. `not` holds where the field is absent; a comparison does not.
Numbers compare as numbers, versions in the order of their numbers. A crash has a version, a platform
and a channel: by other fields it cannot be told, and numbers of crashes are then unfiltered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from database import Expression

MOST = 10  # conditions of a question
MOST_VALUES = 50  # of an `in`
LENGTH = 200  # characters of a value
OPERATORS = ("is", "not", "in", "gte", "gt", "lt", "lte", "set")
COMPARISONS = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}
# Field -> how it is read from an event.
FIELDS = {
    "version": "app_version",
    "platform": "platform",
    "platform_family": "platform_family(platform)",
    "country": "country",
    "source": "coalesce(properties ->> 'visit_source', properties ->> 'source')",
    "channel": "coalesce(channel, 'release')",
    "event": "event",
}
PROPERTY = "prop."
# The same of a crash: its system is its platform, and '' is none.
CRASH_FIELDS = {
    "version": "nullif(app_version, '')",
    "platform": "os_version",
    "platform_family": "platform_family(os_version)",
    "channel": "coalesce(channel, 'release')",
}
DEBUG = "debug"  # the channel that counts only where a condition names it

_TEXT = re.compile(
    rf"(?P<field>{'|'.join(FIELDS)}|{re.escape(PROPERTY)}[^\x00-\x1f]{{1,100}}?)"
    rf":(?P<operator>{'|'.join(OPERATORS)})(?::(?P<value>.*))?",
    re.DOTALL,
)
_KNOWN = "select version from releases"
_PLAIN_VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,3}", re.ASCII)


class WrongCondition(ValueError):
    """What cannot be a condition, in a sentence that names it."""


@dataclass(frozen=True)
class Condition:
    """field: of FIELDS, or `prop.` and a property's name. values: one, of `in` several; of `set`
    "true" or "false"."""

    field: str
    operator: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        """As it was read; the same text for the same condition."""
        value = ",".join(value.replace(",", "%2C") for value in self.values)
        return f"{self.field}:{self.operator}:{value}"


@dataclass(frozen=True)
class Conditions:
    """Conditions joined by and; without any, everything but debug builds matches."""

    each: tuple[Condition, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.each)

    def __add__(self, more: Conditions) -> Conditions:
        return Conditions(tuple(dict.fromkeys((*self.each, *more.each))))

    @property
    def texts(self) -> list[str]:
        return [str(condition) for condition in self.each]

    @property
    def can_match_crashes(self) -> bool:
        return all(condition.field in CRASH_FIELDS for condition in self.each)

    def of_events(self) -> Expression:
        """For statements over `events`, `facts` or rows with their columns, under bare names."""
        return self._expression(FIELDS)

    def beside_filter(self) -> Expression:
        """As of_events, with debug builds: what stands beside says whether those count."""
        return self._expression(FIELDS, with_debug=True)

    def of_crashes(self) -> Expression:
        """For statements over `crashes`. Raises ValueError unless can_match_crashes."""
        if not self.can_match_crashes:
            raise ValueError("a crash cannot be told by these conditions")
        return self._expression(CRASH_FIELDS)

    def _expression(self, columns: dict[str, str], with_debug: bool = False) -> Expression:
        parts: list[str] = []
        values: dict[str, Any] = {}

        def named(value: Any) -> str:
            name = f"v{len(values)}"
            values[name] = value
            return f"%({name})s"

        if not with_debug and not any(_names_debug(condition) for condition in self.each):
            parts.append("channel is distinct from 'debug'")
        parts += [_sql(condition, columns, named) for condition in self.each]
        return Expression(" and ".join(parts) or "true", values)


EVERYTHING = Conditions()


def read_conditions(texts: Iterable[str]) -> Conditions:
    """Raises WrongCondition."""
    conditions = tuple(dict.fromkeys(read_condition(text) for text in texts))
    if len(conditions) > MOST:
        raise WrongCondition(f"at most {MOST} conditions can be joined")
    return Conditions(conditions)


def read_condition(text: str) -> Condition:
    """`version:gte:1.2`, `country:in:DE,AT`, `prop.format:is:png`, `prop.format:set`. A comma within a
    value is written %2C. Raises WrongCondition."""
    match = _TEXT.fullmatch(text)
    if match is None:
        raise WrongCondition(_why_not(text))
    field, operator, value = match["field"], match["operator"], match["value"]
    if operator == "set":
        if value not in (None, "", "true", "false"):
            raise WrongCondition(f"{_shown(text)}: set takes true or false")
        return Condition(field, operator, (value or "true",))
    if not value:
        raise WrongCondition(f"{_shown(text)}: a value is missing after {field}:{operator}")
    parts = value.split(",") if operator == "in" else [value]
    values = tuple(dict.fromkeys(re.sub("%2c", ",", part, flags=re.I) for part in parts))
    if len(values) > MOST_VALUES:
        raise WrongCondition(f"{_shown(text)}: at most {MOST_VALUES} values")
    if any(not part or len(part) > LENGTH or "\0" in part for part in values):
        raise WrongCondition(f"{_shown(text)}: values are texts of 1 to {LENGTH} characters")
    if field == "country":
        values = tuple(dict.fromkeys(value.upper() for value in values))
    if operator in COMPARISONS:
        _check_comparison(text, field, values[0])
    return Condition(field, operator, values)


def version_condition(name: str, value: str) -> Condition:
    """The condition that the parameters app_version, platform, platform_family and country stand for."""
    field = "version" if name == "app_version" else name
    return Condition(field, "is", (value.upper() if field == "country" else value,))


def _why_not(text: str) -> str:
    field, _, rest = text.partition(":")
    if not field.startswith(PROPERTY) and field not in FIELDS:
        names = ", ".join(FIELDS)
        return f"{_shown(text)}: the fields are {names} and {PROPERTY}NAME"
    if rest.partition(":")[0] not in OPERATORS:
        return f"{_shown(text)}: the operators are {', '.join(OPERATORS)}"
    return f"{_shown(text)}: a condition is field:operator:value, such as version:gte:1.2"


def _shown(text: str) -> str:
    clean = re.sub(r"[^\x20-\x7e]", "?", text[:60])
    return f'"{clean}{"…" if len(text) > 60 else ""}"'


def _check_comparison(text: str, field: str, value: str) -> None:
    if field.startswith(PROPERTY):
        if _number(value) is None:
            raise WrongCondition(f"{_shown(text)}: {value[:60]} is not a number")
    elif field != "version":
        raise WrongCondition(f"{_shown(text)}: only version and {PROPERTY}NAME have an order")


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    # A huge exponent would be written out.
    return number if number.is_finite() and abs(number.adjusted()) <= 30 else None


def _names_debug(condition: Condition) -> bool:
    return (
        condition.field == "channel"
        and condition.operator in ("is", "in")
        and DEBUG in condition.values
    )


def _sql(condition: Condition, columns: dict[str, str], named: Callable[[Any], str]) -> str:
    if condition.field.startswith(PROPERTY):
        return _of_property(condition, named)
    column = columns[condition.field]
    if condition.operator == "set":
        return f"{column} is {'not ' if condition.values == ('true',) else ''}null"
    if condition.operator == "in":
        return f"{column} = any ({named(list(condition.values))})"
    value = condition.values[0]
    if condition.operator == "is":
        return f"{column} = {named(value)}"
    if condition.operator == "not":
        return f"{column} is distinct from {named(value)}"
    return _by_version(column, COMPARISONS[condition.operator], value, named)


def _by_version(column: str, sign: str, value: str, named: Callable[[Any], str]) -> str:
    """The versions that are known have their keys in `releases`: looked up in a hash table, in 0.3
    microseconds an event. A new one's is made: of plain numbers in 3, else in 40."""
    key = f"version_key({named(value)})"
    made = f"version_key({column}) {sign} {key}"
    if _PLAIN_VERSION.fullmatch(value):
        numbers = [int(part) for part in f"{value}.0.0.0".split(".")[:4]]
        made = (
            rf"case when {column} ~ '^\d{{1,9}}(\.\d{{1,9}}){{0,3}}$' "
            f"then (string_to_array({column} || '.0.0.0', '.'))[1:4]::integer[] {sign} {named(numbers)} "
            f"else {made} end"
        )
    matching = f"{_KNOWN} where releases.version_key {sign} {key}"
    return (
        f"case when {column} is null then false when {column} in ({_KNOWN}) "
        f"then {column} in ({matching}) else {made} end"
    )


def _of_property(condition: Condition, named: Callable[[Any], str]) -> str:
    item = f"properties -> {named(condition.field.removeprefix(PROPERTY))}"
    if condition.operator == "set":
        present = f"coalesce({item}, 'null') <> 'null'"
        return present if condition.values == ("true",) else f"not ({present})"
    if condition.operator in COMPARISONS:
        sign = COMPARISONS[condition.operator]
        number = named(format(Decimal(condition.values[0]), "f"))
        return f"jsonb_typeof({item}) = 'number' and {item} {sign} {number}::jsonb"
    candidates = [json for value in condition.values for json in _as_json(value)]
    equals = f"{item} = any ({named(candidates)}::jsonb[])"
    return f"({equals}) is not true" if condition.operator == "not" else equals


def _as_json(value: str) -> list[str]:
    """What a text of the address may stand for in JSON."""
    candidates = [msgspec.json.encode(value).decode()]
    if value in ("true", "false"):
        candidates.append(value)
    number = _number(value)
    if number is not None:
        candidates.append(format(number, "f"))
    return candidates
