"""Notes at a time, drawn on every chart: of an app, or of all."""

from __future__ import annotations

from datetime import datetime

from database import Database, Row
from models import Refusal

MOST = 1000  # of an app, and as many of all


class Annotations:
    """A row: {annotation_id, app_id, at, text, created_by}."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def between(self, app_id: int, start: datetime, end: datetime) -> list[Row]:
        """Of an app and of all, in order of time."""
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.rows("alerts/list_annotations", app_id=app_id, start=start, end=end)

    def create(self, app_id: int | None, at: datetime, text: str, by: str) -> int:
        """Its number. Raises Refusal."""
        with self._database.transaction(seconds=5) as tx:
            number: int | None = tx.value(
                "alerts/create_annotation",
                app_id=app_id,
                at=at,
                text=text,
                created_by=by,
                most=MOST,
            )
        if number is None:
            raise Refusal("too_many", f"there are {MOST} annotations: delete old ones")
        return number

    def find(self, annotation_id: int) -> Row | None:
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.row("alerts/find_annotation", annotation_id=annotation_id)

    def delete(self, annotation_id: int) -> None:
        with self._database.transaction(seconds=5) as tx:
            tx.run("alerts/delete_annotation", annotation_id=annotation_id)
