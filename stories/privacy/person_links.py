"""Which person an anonymous id belongs to, as an SDK says once and for good.

The first link of an id stands. An id that somebody is known by links to itself and to nobody else, so
that no two known people ever become one. A person has MAX_OF_PERSON anonymous ids at most, and an app
MAX_OF_APP links; what is past that stays a person of its own.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection, Iterable
from datetime import datetime
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from database import Database, Transaction
from stories.catalogue import App

MAX_OF_PERSON = 100
MAX_OF_APP = 1_000_000
COUNT_SECONDS = (
    60.0  # how long a worker believes its count: counting a million takes a tenth of a second
)
SECONDS = 5.0

Links = dict[UUID, UUID]


class Identity(NamedTuple):
    """What an SDK says: `person` is somebody's own id, and `anonymous` is the same person. is_alias: it
    says only that both are the same; whichever is known is the person then."""

    person: UUID
    anonymous: UUID | None = None
    is_alias: bool = False


class PersonLinks:
    """The links of all apps. Safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts: dict[
            int, tuple[int, float]
        ] = {}  # by app: links, until when that is believed

    def find(self, app: App, ids: Collection[UUID]) -> Links:
        """Of those ids that are linked the person. Raises Unavailable."""
        if not ids:
            return {}
        with self._database.transaction(SECONDS, autocommit=True) as tx:
            return _find(tx, app, ids)

    def learn(
        self, app: App, links: Links, identities: Iterable[Identity], now: datetime
    ) -> tuple[Links, int]:
        """What is known after this, and how many links there was no room for. links: as `find` gave
        them for all ids of `identities`. Raises Unavailable."""
        identities = list(identities)
        if not _added(links, identities):
            return links, 0
        with self._database.transaction(SECONDS) as tx:
            tx.value("privacy/lock_links", app_id=app.app_id)
            links = links | _find(tx, app, ids_of(identities))
            added = _added(links, identities)
            kept = self._with_room(tx, app, added)
            tx.run(
                "privacy/add_links",
                app_id=app.app_id,
                ids=list(kept),
                people=list(kept.values()),
                linked_at=now,
            )
        return links | kept, len(added) - len(kept)

    def _with_room(self, tx: Transaction, app: App, added: Links) -> Links:
        count, until = self._counts.get(app.app_id, (0, 0.0))
        if monotonic() > until:
            count = tx.value("privacy/count_links", app_id=app.app_id, most=MAX_OF_APP)
            until = monotonic() + COUNT_SECONDS
        people = list(set(added.values()))
        rows = tx.rows("privacy/count_links_of", app_id=app.app_id, people=people)
        of_person = {row["user_id"]: row["links"] for row in rows}
        kept: Links = {}
        for anonymous, person in added.items():
            links = of_person.get(person, 0)
            if count < MAX_OF_APP and links <= MAX_OF_PERSON:  # one of them is the person's own
                kept[anonymous] = person
                of_person[person] = links + 1
                count += 1
        self._counts[app.app_id] = count, until
        return kept


def ids_of(identities: Iterable[Identity]) -> set[UUID]:
    return {each for who in identities for each in (who.person, who.anonymous) if each is not None}


def _find(tx: Transaction, app: App, ids: Collection[UUID]) -> Links:
    rows = tx.rows("privacy/find_links", app_id=app.app_id, ids=list(ids))
    return {row["anonymous"]: row["user_id"] for row in rows}


def _added(links: Links, identities: Iterable[Identity]) -> Links:
    """The links that are new. Who is known comes first, wherever in a request it is said."""
    identities = list(identities)
    added: Links = {}
    for who in identities:
        if not who.is_alias and who.person not in links:
            added[who.person] = who.person
    known = ChainMap(added, links)
    for person, anonymous, is_alias in identities:
        if anonymous is None:
            continue
        if is_alias and known.get(anonymous) == anonymous and person not in known:
            person, anonymous = anonymous, person
        owner = known.get(person, person)
        if owner not in known:
            added[owner] = owner
        if anonymous not in known:
            added[anonymous] = owner
    return added
