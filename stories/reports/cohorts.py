"""Cohorts: searches for people that are kept under a name. Who is in one is found anew each time."""

from __future__ import annotations

from datetime import datetime

import msgspec

from database import Expression, Row, Transaction
from stories.catalogue import App
from stories.payloads.cohorts import Definition
from stories.reports import people_search

MAX_COHORTS = 100  # of an app


def every(tx: Transaction, app: App) -> list[Row]:
    """By name."""
    return [_read(row) for row in tx.rows("reports/cohorts", app_id=app.app_id)]


def find(tx: Transaction, cohort_id: int) -> Row | None:
    """{cohort_id, app_id, name, definition, created_at}."""
    row = tx.row("reports/cohort", cohort_id=cohort_id)
    return row and _read(row)


def create(tx: Transaction, app: App, name: str, definition: Definition) -> Row | None:
    """None where the name is taken or the app has MAX_COHORTS."""
    row = tx.row(
        "reports/cohort_create",
        app_id=app.app_id,
        name=name,
        definition=_written(definition),
        limit=MAX_COHORTS,
    )
    return row and _read(row)


def change(tx: Transaction, cohort_id: int, name: str, definition: Definition) -> Row | None:
    """None where there is none. Raises Refused where another one of the app has the name."""
    row = tx.row(
        "reports/cohort_change", cohort_id=cohort_id, name=name, definition=_written(definition)
    )
    return row and _read(row)


def delete(tx: Transaction, cohort_id: int) -> None:
    tx.run("reports/cohort_delete", cohort_id=cohort_id)


def people_of(
    tx: Transaction, app: App, cohort_id: int, now: datetime
) -> tuple[str, Expression] | None:
    """Who is in a cohort of the app: a text to tell it apart by, which changes with the definition and
    with the day, and the expression on `user_id`. None where the app has no such cohort."""
    row = find(tx, cohort_id)
    if row is None or row["app_id"] != app.app_id:
        return None
    today = now.astimezone(app.zone).date()
    text = f"{cohort_id} {_written(row['definition'])} {today}"
    return text, people_search.of_people(row["definition"], app, now)


def _written(definition: Definition) -> str:
    return msgspec.json.encode(definition).decode()


def _read(row: Row) -> Row:
    return {**row, "definition": msgspec.convert(row["definition"], Definition)}
