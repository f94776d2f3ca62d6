"""Notes at a time, drawn on every chart: of an app, or of all. Releases stand there without one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from database import Database, Row
from models import Refusal
from stories.catalogue import App

MOST = 1000  # of an app, and as many of all
MOST_CHARACTERS = 200
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=366)  # what is planned may stand there too


def moment(at: datetime | None, app: App | None, now: datetime) -> datetime:
    """When a note is: now by default; a time without an offset is the app's, or UTC. Raises Refusal."""
    try:
        when = at or now
        when = when.replace(tzinfo=app.zone if app else UTC) if when.tzinfo is None else when
        is_near = FIRST <= when.astimezone(UTC) <= now + AHEAD
    except OverflowError:  # year 1 or 9999, and an offset
        is_near = False
    if not is_near:
        raise Refusal("invalid_at", "at must be between the year 2000 and a year from now")
    return when


def one_line(text: str) -> str:
    """What a note says, spaces made one. Raises Refusal."""
    text = " ".join(text.split())
    if not text or len(text) > MOST_CHARACTERS or not text.isprintable():
        raise Refusal(
            "invalid_text", f"text must be printable, of 1 to {MOST_CHARACTERS} characters"
        )
    return text


class Annotations:
    """A row: {annotation_id, app_id, at, text, created_by}."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def between(self, app_id: int, start: datetime, end: datetime) -> list[Row]:
        """Of an app and of all, in order of time."""
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.rows("alerts/list_annotations", app_id=app_id, start=start, end=end)

    def create(self, app_id: int | None, at: datetime, text: str, by: str) -> Row:
        """at, text: as `moment` and `one_line` make them. Raises Refusal."""
        with self._database.transaction(seconds=5) as tx:
            row = tx.row(
                "alerts/create_annotation",
                app_id=app_id,
                at=at,
                text=text,
                created_by=by,
                most=MOST,
            )
        if row is None:
            raise Refusal("too_many", f"there are {MOST} annotations: delete old ones")
        return row

    def find(self, annotation_id: int) -> Row | None:
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.row("alerts/find_annotation", annotation_id=annotation_id)

    def delete(self, annotation_id: int) -> None:
        with self._database.transaction(seconds=5) as tx:
            tx.run("alerts/delete_annotation", annotation_id=annotation_id)
