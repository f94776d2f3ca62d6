"""What an app's latest events carry beside what is counted: what could be, and how.

Types and numbers only, never a value: what is not declared expires with its events.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from database import Row, Transaction
from stories.catalogue import CATALOGUES, App
from stories.privacy.labels import EVENT_NAME

MOST = 20_000  # events that are read
FEW_VALUES = 200  # of a text: more are free text, or ids, until somebody says otherwise
NAME_PATTERN = EVENT_NAME.removesuffix(r"(?!\n)")  # PostgreSQL's $ is before no line break

_SUGGESTED = {"boolean": "boolean", "number": "number", "string": "label"}


def offered(tx: Transaction, app: App, event: str | None) -> dict[str, Any]:
    """{"of": events read, "events": [{event, events, declared, built_in, properties}]}, the most
    frequent first; each property is {property, types, events, values, declared, suggested}:
    `declared` as what it is counted, `suggested` as what it could be; None where it is not, or
    cannot."""
    rows = tx.rows(
        "reports/app_properties",
        app_id=app.app_id,
        event=event,
        most=MOST,
        name_pattern=NAME_PATTERN,
    )
    events = [_event(app, name, list(of_event)) for name, of_event in groupby(rows, _name)]
    return {"of": rows[0]["looked_at"] if rows else 0, "events": events}


def _name(row: Row) -> str:
    name: str = row["event"]
    return name


def _event(app: App, name: str, rows: list[Row]) -> dict[str, Any]:
    return {
        "event": name,
        "events": rows[0]["events"],
        "declared": name in app.catalogue,
        "built_in": name in CATALOGUES[app.kind],
        "properties": [_property(app, name, row) for row in rows if row["property"] is not None],
    }


def _property(app: App, event: str, row: Row) -> dict[str, Any]:
    declared = app.catalogue.get(event, {}).get(row["property"])
    suggested = None
    if declared is None and event not in CATALOGUES[app.kind]:
        suggested = _suggested(row["types"], row["value_count"])
    return {
        "property": row["property"],
        "types": row["types"],
        "events": row["carried"],
        "values": row["value_count"],
        "declared": declared and declared.type,
        "suggested": suggested,
    }


def _suggested(types: list[str], values: int) -> str | None:
    if len(types) != 1 or (types == ["string"] and values > FEW_VALUES):
        return None
    return _SUGGESTED.get(types[0])
