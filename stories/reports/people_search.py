"""Who is meant by a search for people: expressions of SQL on a person's row, or on `user_id` alone."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from database import Expression
from stories.catalogue import App
from stories.payloads.cohorts import Definition
from stories.privacy.ids import person_id
from stories.reports.conditions import Conditions
from stories.reports.periods import Days
from stories.reports.steps import read_step

LEAST_CHARACTERS = 4  # of an id
EVERYBODY = Expression("true")

_HEX = re.compile(r"[0-9a-f]{4,32}")
# Column of users -> how it is compared with the value of the same name.
_TRAITS = {
    "country": "country = %(country)s",
    "app_version": "app_version = %(app_version)s",
    "platform_family": "platform_family(platform) = %(platform_family)s",
}


def of_row(definition: Definition, app: App, now: datetime) -> Expression:
    """For statements over `users`, under bare names of its columns."""
    return _joined([*_traits(definition, app, now), *_doers(definition, app, now)])


def of_people(definition: Definition, app: App, now: datetime) -> Expression:
    """For statements over anything that has `user_id`."""
    parts = _doers(definition, app, now)
    traits = _traits(definition, app, now)
    if traits:
        text = (
            "user_id in (select user_id from users where app_id = %(app_id)s::smallint "
            "and %(traits)s)"
        )
        parts.insert(0, Expression(text, {"app_id": app.app_id, "traits": _joined(traits)}))
    return _joined(parts)


def with_id(app: App, text: str, person_key: bytes) -> Expression:
    """People whose UUID begins so, or whose id of the app's own is `text`; where the app's own ids are
    kept (docs/PRIVACY_TELEMETRY.md), those whose id begins so. For statements over `users`."""
    parts = [Expression("user_id = %(own)s::uuid", {"own": person_id(app, text, person_key)})]
    digits = text.replace("-", "").lower()
    if _HEX.fullmatch(digits):
        span = {"low": UUID(digits.ljust(32, "0")), "high": UUID(digits.ljust(32, "f"))}
        parts.append(Expression("user_id between %(low)s::uuid and %(high)s::uuid", span))
    if app.kind == "bot":
        kept = (
            "user_id in (select user_id from external_ids "
            "where app_id = %(app_id)s::smallint and starts_with(external_id, %(text)s))"
        )
        parts.append(Expression(kept, {"app_id": app.app_id, "text": text}))
    return _joined(parts, " or ")


def with_event(days: Days, conditions: Conditions) -> Expression:
    """People with a matching event in these days."""
    text = (
        "user_id in (select user_id from facts_of_people where app_id = %(app_id)s::smallint "
        "and timestamp >= %(start)s::timestamptz and timestamp < %(end)s::timestamptz "
        "and %(matches)s)"
    )
    return Expression(text, {**days.moments, "matches": conditions.of_events()})


def all_of(*parts: Expression) -> Expression:
    return _joined([part for part in parts if part is not EVERYBODY])


def _traits(definition: Definition, app: App, now: datetime) -> list[Expression]:
    parts = [
        Expression(text, {name: value})
        for name, text in _TRAITS.items()
        if (value := getattr(definition, name)) is not None
    ]
    for column, days in (
        ("greatest(last_seen, last_crash)", definition.last_seen_days),
        ("first_seen", definition.first_seen_days),
    ):
        if days is not None:
            since = {"since": Days.latest(app, days, now).start}
            parts.append(Expression(f"{column} >= %(since)s::timestamptz", since))
    return parts


def _doers(definition: Definition, app: App, now: datetime) -> list[Expression]:
    if definition.did is None:
        return []
    step = read_step(definition.did)
    text = (
        "user_id in (select user_id from facts_of_people where app_id = %(app_id)s::smallint "
        "and timestamp >= %(start)s::timestamptz and timestamp < %(end)s::timestamptz "
        "and %(matches)s group by user_id having count(*) >= %(times)s)"
    )
    values: dict[str, Any] = {
        **Days.latest(app, definition.days, now).moments,
        "matches": _joined([step.of_events(), _without_debug(step.conditions).of_events()]),
        "times": definition.times,
    }
    return [Expression(text, values)]


def _without_debug(conditions: Conditions) -> Conditions:
    """Debug builds count where a condition names the channel, and only then."""
    return Conditions(tuple(each for each in conditions.each if each.field == "channel"))


def _joined(parts: list[Expression], word: str = " and ") -> Expression:
    if not parts:
        return EVERYBODY
    values = {f"part{number}": part for number, part in enumerate(parts)}
    return Expression(word.join(f"%({name})s" for name in values), values)
