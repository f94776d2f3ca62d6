"""Apps: one server holds many, and ingest names its own by key."""

from __future__ import annotations

import threading
import time
from hmac import compare_digest

from catalogue import App
from database import CONNECT_SECONDS, Database, Row, Unavailable

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
                self._apps = [self._app(row) for row in tx.rows("apps.all")]
        except Unavailable:
            if not self._apps:
                raise
        finally:
            self._guard.release()
        self._read_at = time.monotonic()
        return self._apps

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
