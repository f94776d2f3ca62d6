"""Who an SDK's events are by: ids as the app knows them, and which of them are one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeGuard
from uuid import UUID

from models import CrashRow, EventRow
from stories.catalogue import App
from stories.privacy.ids import nobody, person_id
from stories.privacy.person_links import Identity, Links, ids_of
from stories.storage import append
from stories.web.services import services

# What a client sends by mistake, for everybody: they are nobody, and no id leads to them.
# fmt: off
NO_IDS = frozenset((
    "", "0", "nan", "null", "none", "nil", "undefined", "true", "false", "anonymous", "guest",
    "unknown", "id", "distinct_id", "user_id", "not_authenticated", "[object object]",
))
# fmt: on
SECONDS = 5.0


class People:
    """The people of one request. First all that it says of ids (`note`, `identify`), then `settle`, then
    its events."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._key = services().key.digest()
        self._ids: set[UUID] = set()
        self._identities: list[Identity] = []
        self._links: Links = {}

    def note(self, own_id: str | None) -> None:
        """An event has this id."""
        if is_id(own_id):
            self._ids.add(person_id(self._app, own_id, self._key))

    def identify(self, own_id: str | None, anonymous: str | None, is_alias: bool = False) -> bool:
        """An SDK says that both ids are one person. False where it does not."""
        if not is_id(own_id) or (is_alias and not is_id(anonymous)):
            return False
        person = person_id(self._app, own_id, self._key)
        other = person_id(self._app, anonymous, self._key) if is_id(anonymous) else None
        self._identities.append(Identity(person, None if other == person else other, is_alias))
        return True

    def settle(self, moment: datetime) -> int:
        """Read and write the links of these ids, with one question for all of them; returns how many
        there was no room for. Raises Unavailable."""
        links = services().person_links
        self._links = links.find(self._app, self._ids | ids_of(self._identities))
        if not self._identities:
            return 0
        self._links, left_out = links.learn(self._app, self._links, self._identities, moment)
        return left_out

    def sender(
        self, own_id: str | None, session: str | None = None, counts: bool = True
    ) -> tuple[UUID, UUID | None]:
        """Who has this id, and the person to whom that is linked. Where there is none, or it does not
        count, whoever it is of a session."""
        if not is_id(own_id):
            return nobody(self._app, session or "", self._key), None
        own = person_id(self._app, own_id, self._key)
        linked = self._links.get(own, own)
        if not counts:
            own = nobody(self._app, session or own_id, self._key)
            return own, None if linked == person_id(self._app, own_id, self._key) else linked
        return own, None if linked == own else linked


def is_id(own_id: str | None) -> TypeGuard[str]:
    return own_id is not None and own_id.strip().lower() not in NO_IDS


def move(rows: list[tuple[EventRow | CrashRow, UUID]]) -> None:
    """Give rows to the people to whom their ids are linked; but one that is held under its own id stays
    there, since a retry of what was sent before the link must not be stored anew."""
    for kind, statement in ((EventRow, "events"), (CrashRow, "crashes")):
        moving = [(row, person) for row, person in rows if isinstance(row, kind)]
        if not moving:
            continue
        sent = [row for row, _ in moving]
        old = [row for row in sent if kind is EventRow and append.may_be_compressed(row.timestamp)]
        # Of one snapshot where both are asked: what is packed or unpacked meanwhile is in neither else.
        how = {"isolation": "REPEATABLE READ"} if old else {"autocommit": True}
        with services().database.transaction(SECONDS, **how) as tx:
            held = tx.rows(f"storage/held_{statement}", **_keys(sent))
            if old:
                app_ids = [row.app_id for row in old]
                held += tx.rows("storage/held_in_chunks", app_ids=app_ids, **_keys(old))
        places = {(row["user_id"], row["timestamp"], row["dedupe_key"]) for row in held}
        for row, person in moving:
            if (row.user_id, row.timestamp, row.dedupe_key) not in places:
                row.user_id = person


def _keys(rows: Sequence[EventRow | CrashRow]) -> dict[str, list[Any]]:
    return {
        "user_ids": [row.user_id for row in rows],
        "timestamps": [row.timestamp for row in rows],
        "dedupe_keys": [row.dedupe_key for row in rows],
    }
