"""Apps: one server holds many, and ingest names its own by key."""

from __future__ import annotations

import threading
import time
from hmac import compare_digest
from typing import Any

import msgspec

from catalogue import App
from database import CONNECT_SECONDS, Database, Row, Transaction, Unavailable

REFRESH_SECONDS = 5.0  # how long a rotated key or a new app may go unnoticed in another worker


class Apps:
    """The apps of this server, read again every few seconds."""

    def __init__(self, database: Database, default_retention: int) -> None:
        self._database = database
        self._default_retention = default_retention
        self._apps: list[App] = []
        self._read_at = -REFRESH_SECONDS
        self._guard = threading.Lock()

    def all(self) -> list[App]:
        """Raises Unavailable only before the first answer: with the database away the known apps
        still serve, and no thread waits for another's attempt to read."""
        if time.monotonic() - self._read_at < REFRESH_SECONDS:
            return self._apps
        if not self._guard.acquire(timeout=0 if self._apps else CONNECT_SECONDS):
            if self._apps:
                return self._apps
            raise Unavailable("the list of apps could not be read")
        try:
            with self._database.transaction(seconds=5, autocommit=True) as tx:
                self._apps = self.read(tx)
        except Unavailable:
            if not self._apps:
                raise
        finally:
            self._guard.release()
        self._read_at = time.monotonic()
        return self._apps

    def read(self, tx: Transaction) -> list[App]:
        """The apps as a transaction sees them: a fold knows what its events were taken under."""
        return [self._app(row) for row in tx.rows("apps.all")]

    def forget(self) -> None:
        """Read again at the next question, after a change of our own."""
        self._read_at = -REFRESH_SECONDS

    def by_key(self, key: str) -> App | None:
        sent = key.encode()
        return next((a for a in self.all() if compare_digest(a.ingest_key.encode(), sent)), None)

    def by_slug(self, slug: str) -> App | None:
        return next((app for app in self.all() if app.slug == slug), None)

    def default(self, kind: str) -> App | None:
        return next((app for app in self.all() if app.kind == kind and app.is_default), None)

    def known_events(self, app: App | None) -> set[str]:
        """The names that events of this app, or of any, may have."""
        return {event for each in ([app] if app else self.all()) for event in each.catalogue}

    def _app(self, row: Row) -> App:
        return App(**{**row, "retention_days": row["retention_days"] or self._default_retention})

    # Changes -------------------------------------------------------------------------------------

    def create(self, slug: str, kind: str, changes: dict[str, Any]) -> App:
        """Raises Refused when the slug is taken. The first app of a kind becomes its default."""
        with self._database.transaction() as tx:
            tx.run("apps.create", slug=slug, kind=kind, name=changes.get("name", slug))
            self._change(tx, slug, changes)
        return self._reread(slug)

    def change(self, slug: str, changes: dict[str, Any]) -> App:
        with self._database.transaction() as tx:
            self._change(tx, slug, changes)
        return self._reread(slug)

    def new_key(self, slug: str) -> App:
        """A new ingest key; the old one stops working within REFRESH_SECONDS everywhere."""
        with self._database.transaction() as tx:
            tx.run("apps.new_key", slug=slug)
        return self._reread(slug)

    def has_events(self, app: App) -> bool:
        with self._database.transaction() as tx:
            return bool(tx.value("apps.has_events", app_id=app.app_id))

    def testers(self, app: App) -> list[str]:
        with self._database.transaction() as tx:
            return [str(row["user_id"]) for row in tx.rows("apps.testers", app_id=app.app_id)]

    def _change(self, tx: Transaction, slug: str, changes: dict[str, Any]) -> None:
        """changes: columns of apps, dicts as JSON; `testers` as a list of uuids."""
        columns = {name: _column(changes[name]) if name in changes else None for name in CHANGEABLE}
        tx.run(
            "apps.change",
            slug=slug,
            changed=[name for name in CHANGEABLE if name in changes],
            **columns,
        )
        if "testers" in changes:
            tx.run("apps.clear_testers", slug=slug)
            tx.run("apps.add_testers", slug=slug, user_ids=changes["testers"])

    def _reread(self, slug: str) -> App:
        self.forget()
        found = self.by_slug(slug)
        assert found is not None
        return found


CHANGEABLE = (
    "name",
    "timezone",
    "retention_days",
    "content_days",
    "hash_rotation",
    "funnel",
    "events",
)


def _column(value: Any) -> Any:
    return msgspec.json.encode(value).decode() if isinstance(value, dict) else value
