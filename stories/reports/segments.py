"""The segments of an app: conditions with a name, which the fold counts by (rollups/segments.py)."""

from __future__ import annotations

import msgspec

from database import Refused, Row, Transaction
from stories.reports.conditions import Conditions

MOST = 10  # of an app: each is a bit of person_days


class CannotKeep(Exception):
    """Why a segment cannot be kept so: a code and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


def listed(tx: Transaction, app_id: int) -> list[Row]:
    """{segment_id, name, filter, filled_until, created_at}, in the order they were made."""
    return tx.rows("reports/segments_list", app_id=app_id)


def find(tx: Transaction, segment_id: int) -> Row | None:
    """As listed, with app_id."""
    return tx.row("reports/segments_find", segment_id=segment_id)


def create(tx: Transaction, app_id: int, name: str, conditions: Conditions) -> int:
    """Its id. The days before are counted by the job. Raises CannotKeep."""
    segment_id: int | None = tx.value(
        "reports/segments_create", app_id=app_id, name=name, filter=_json(conditions)
    )
    if segment_id is None:
        if any(row["name"] == name for row in listed(tx, app_id)):
            raise _taken(name)
        raise CannotKeep("too_many", f"an app has at most {MOST} segments")
    return segment_id


def change(
    tx: Transaction, segment_id: int, name: str | None, conditions: Conditions | None
) -> None:
    """What is None stays. Raises CannotKeep."""
    filter = None if conditions is None else _json(conditions)
    try:
        with tx.savepoint():
            tx.run("reports/segments_change", segment_id=segment_id, name=name, filter=filter)
    except Refused as refused:
        if name is not None and "unique constraint" in str(refused):
            raise _taken(name) from None
        raise


def _taken(name: str) -> CannotKeep:
    return CannotKeep("name_taken", f"name: there is a segment {name} already")


def _json(conditions: Conditions) -> str:
    return msgspec.json.encode(conditions.texts).decode()
