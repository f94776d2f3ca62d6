"""Questions that an app's makers have saved: a report, a name, and the parameters of its page."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from database import Database, Refused, Row

MOST = 200  # of an app
LONGEST = 16_384  # bytes of a question as JSON

Parameters = Mapping[str, str | list[str]]


class CannotSave(Exception):
    """Why a question cannot be saved: a code and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


class SavedQuestions:
    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, app_id: int) -> list[Row]:
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.rows("reports/saved_list", app_id=app_id)

    def find(self, saved_id: int) -> Row | None:
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.row("reports/saved_find", saved_id=saved_id)

    def create(
        self, app_id: int, report: str, name: str, question: Parameters, is_pinned: bool
    ) -> Row:
        """Raises CannotSave."""
        with self._database.transaction(seconds=5) as tx:
            saved_id = tx.value(
                "reports/saved_create",
                app_id=app_id,
                report=report,
                name=name,
                question=_json(question),
                is_pinned=is_pinned,
                most=MOST,
            )
            if saved_id is None:
                rows = tx.rows("reports/saved_list", app_id=app_id)
                if any((row["report"], row["name"]) == (report, name) for row in rows):
                    raise _taken(name)
                raise CannotSave("too_many", f"an app has at most {MOST} saved questions")
            row = tx.row("reports/saved_find", saved_id=saved_id)
        assert row is not None
        return row

    def change(
        self,
        saved_id: int,
        name: str | None = None,
        question: Parameters | None = None,
        is_pinned: bool | None = None,
    ) -> Row | None:
        """None: there is none. Raises CannotSave."""
        try:
            with self._database.transaction(seconds=5) as tx:
                tx.run(
                    "reports/saved_change",
                    saved_id=saved_id,
                    name=name,
                    question=None if question is None else _json(question),
                    is_pinned=is_pinned,
                )
                return tx.row("reports/saved_find", saved_id=saved_id)
        except Refused as refused:
            if name is not None and "unique constraint" in str(refused):
                raise _taken(name) from None
            raise

    def delete(self, saved_id: int) -> None:
        with self._database.transaction(seconds=5) as tx:
            tx.run("reports/saved_delete", saved_id=saved_id)


def _taken(name: str) -> CannotSave:
    return CannotSave("name_taken", f"name: there is a saved question {name} already")


def _json(question: Parameters) -> str:
    """{name: [values]}, whichever way a single value was sent. Raises CannotSave."""
    lists = {name: [value] if isinstance(value, str) else value for name, value in question.items()}
    text: bytes = msgspec.json.encode(lists)
    if len(text) > LONGEST:
        raise CannotSave("too_large", f"question: at most {LONGEST} bytes as JSON")
    return text.decode()
