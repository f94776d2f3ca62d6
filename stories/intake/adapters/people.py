"""Who an SDK's events are by."""

from __future__ import annotations

from uuid import UUID

from models import nobody, person_id
from stories.catalogue import App
from stories.web.services import services

# What a client sends by mistake, for everybody: they are nobody, and no id leads to them.
NO_IDS = frozenset(
    [
        "0",
        "nan",
        "null",
        "none",
        "nil",
        "undefined",
        "true",
        "false",
        "anonymous",
        "guest",
        "unknown",
        "id",
        "distinct_id",
        "user_id",
        "not_authenticated",
    ]
) | {"[object object]", ""}


class People:
    """The people of one request."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._key = services().key.digest()

    def person(self, own_id: str | None, session: str | None = None, counts: bool = True) -> UUID:
        """Who has this id; whoever it is of a session where there is none, or who does not count."""
        if own_id is None or own_id.strip().lower() in NO_IDS:
            return nobody(self._app, session or "", self._key)
        if not counts:
            return nobody(self._app, session or own_id, self._key)
        return person_id(self._app, own_id, self._key)
