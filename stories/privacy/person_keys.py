"""The key under which ids of people are hashed."""

from __future__ import annotations

import threading
from hashlib import sha256
from uuid import UUID

from database import Database
from stories.catalogue import App


class PersonKey:
    """The key of hashes of people: PERSON_KEY, or one made once and kept in the database."""

    def __init__(self, database: Database, setting: str) -> None:
        self._database = database
        self._key = setting.encode() if setting else b""
        self._digest = b""
        self._guard = threading.Lock()

    def value(self) -> bytes:
        with self._guard:
            if not self._key:
                with self._database.transaction(seconds=5) as tx:
                    tx.run("privacy/make_key")  # waits for another server that makes it just now
                    self._key = tx.value("privacy/key").encode()
            return self._key

    def hash(self, user_id: UUID, app: App | None = None) -> bytes:
        """As sql/rollups/erased_keys and the appends compute it: SHA-256 over a digest of the key
        and the sixteen bytes of the id, and the two of the app where one app is meant. Fixed
        lengths, so a plain prefix is as good as HMAC here."""
        which = app.app_id.to_bytes(2, "big") if app else b""
        return sha256(self.digest() + user_id.bytes + which).digest()

    def digest(self) -> bytes:
        if not self._digest:  # asked for by each request
            self._digest = sha256(self.value()).digest()
        return self._digest
