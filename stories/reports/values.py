"""What an app's events have in a field of conditions, for a form to suggest."""

from __future__ import annotations

from datetime import date, timedelta

from database import Row, Transaction
from stories.catalogue import App
from stories.reports.conditions import DEBUG, FIELDS, LENGTH, PROPERTY
from stories.reports.properties import NAME_PATTERN

MOST = 200  # values of an answer
DAYS = 30  # that the rollups are looked through
LATEST = 5_000  # events that are read for what no rollup has
DIMENSIONS = ("version", "platform", "country")
SOURCES = ("visit_source", "source")
NAMES = "property"  # asks for the names of properties
CHANNELS = ("release", DEBUG)  # suggested before anything came from them


def is_field(field: str) -> bool:
    """Of conditions, or NAMES."""
    name = field.removeprefix(PROPERTY)
    return field in FIELDS or field == NAMES or (name != field and 1 <= len(name) <= 100)


def values_of(tx: Transaction, app: App, field: str, today: date) -> list[Row]:
    """[{value, count}], most used first, at most MOST. count: days' people of a version, platform or
    country, else events; only good for an order."""
    since = {"app_id": app.app_id, "first": today - timedelta(days=DAYS), "most": MOST}
    latest = {"app_id": app.app_id, "events": LATEST, "most": MOST}
    if field in DIMENSIONS:
        return tx.rows("reports/values_kept", **since, dimension=field)
    if field == "platform_family":
        return tx.rows("reports/values_families", **since)
    if field == "event":
        return tx.rows("reports/values_events", **since)
    if field == "channel":
        rows = tx.rows("reports/values_channels", **latest)
        missing = {*CHANNELS} - {row["value"] for row in rows}
        return rows + [{"value": name, "count": 0} for name in CHANNELS if name in missing]
    if field == NAMES:
        return tx.rows("reports/values_properties", **latest, name_pattern=NAME_PATTERN)
    names = SOURCES if field == "source" else (field.removeprefix(PROPERTY),)
    counted = [
        event
        for event, properties in app.catalogue.items()
        if any(name in properties and properties[name].type != "number" for name in names)
    ]
    if counted:
        return tx.rows("reports/values_counted", **since, events=counted, properties=list(names))
    return tx.rows("reports/values_latest", **latest, property=names[-1], length=LENGTH)
