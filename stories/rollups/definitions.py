"""What the fold counts, as parameters of its statements: the catalogue and the segments of every app."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import msgspec

from database import Expression, Row, Transaction
from stories import catalogue
from stories.apps import Apps
from stories.catalogue import App
from stories.crashes.grouping import CATCH_ALL
from stories.reports.conditions import read_conditions


def definitions(tx: Transaction, apps: Apps) -> dict[str, Any]:
    """What the catalogue says as the transaction sees it, as the parameters of the fold's
    statements."""
    return {
        **_definitions(apps.read(tx), apps.values_per_day),
        **matching(tx.rows("rollups/filled_segments")),
        "only": None,
    }


def matching(segments: Iterable[Row]) -> dict[str, Expression]:
    """Expressions of an event's and of a crash's bits, for rollups/slice: of segments {app_id, place,
    filter, filled_until (a date, or infinity)}, on days up to that one."""
    events, crashes = [], []
    for segment in segments:
        conditions = read_conditions(segment["filter"])
        values = {"app": segment["app_id"], "until": segment["filled_until"]}
        text = f"case when held.app_id = %(app)s and %(matches)s then {1 << segment['place']} else 0 end"
        if segment["filled_until"] != "infinity":
            day = "(held.timestamp at time zone apps.timezone)::date"
            text = f"case when {day} <= %(until)s::date then {text} else 0 end"
        events.append(Expression(text, {**values, "matches": conditions.of_events()}))
        if conditions.can_match_crashes:
            crashes.append(Expression(text, {**values, "matches": conditions.of_crashes()}))
    return {"segments": _bits(events), "crash_segments": _bits(crashes)}


def _bits(expressions: list[Expression]) -> Expression:
    names = [f"s{number}" for number in range(len(expressions))]
    text = " | ".join(f"%({name})s" for name in names) or "0"
    return Expression(text, dict(zip(names, expressions, strict=True)))


def _definitions(apps: Iterable[App], values_per_day: int) -> dict[str, Any]:
    countable, derived, rules = [], [], []
    for app in apps:
        for event, properties in app.catalogue.items():
            countable += [
                {"app_id": app.app_id, "event": event, "property": name, **asdict(item)}
                for name, item in properties.items()
                if item.counted
            ]
        for number in catalogue.DERIVED[app.kind]:
            derived.append({"app_id": app.app_id, **asdict(number)})
        for flag in app.flags:
            rules.append({"app_id": app.app_id, "flag": flag.bit, **asdict(flag)})
    return {
        "countable": msgspec.json.encode(countable).decode(),
        "derived": msgspec.json.encode(derived).decode(),
        "rules": msgspec.json.encode(rules).decode(),
        "most": values_per_day,
        "conversion": catalogue.CONVERSION,
        "catch_all": CATCH_ALL,
        "because": "new",
    }
