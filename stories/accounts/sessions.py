"""Sessions of the login page: a random token in a cookie, its hash in the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b
from hmac import compare_digest

from database import Database, Row
from stories.accounts import callers
from stories.accounts.callers import Caller, digest, new_secret
from stories.config import Config

DAYS = 30


class Sessions:
    def __init__(self, database: Database, config: Config) -> None:
        self._database = database
        self._config = config

    def begin(self, account: Row | None, now: datetime) -> str:
        """A new token, whatever the browser had before. account: as People.find has it; None for
        DASHBOARD_USERNAME."""
        secret = new_secret()
        with self._database.transaction() as tx:
            tx.run(
                "accounts/create_session",
                token_digest=digest(secret),
                account_id=account and account["account_id"],
                password=account and account["password"],
                credential=None if account else self._credential(secret),
                expires_at=now + timedelta(days=DAYS),
            )
        return secret

    def find(self, secret: str, now: datetime) -> Caller | None:
        with self._database.transaction(5, autocommit=True) as tx:
            row = tx.row("accounts/find_session", token_digest=digest(secret), now=now)
        if row is None:
            return None
        if row["account_id"] is not None:
            return callers.person(row, "session")
        if not compare_digest(row["credential"] or b"", self._credential(secret)):
            return None  # the name or password of the settings is another now
        return Caller(self._config.dashboard_username, "owner", by="session")

    def end(self, secret: str) -> None:
        with self._database.transaction() as tx:
            tx.run("accounts/end_session", token_digest=digest(secret))

    def end_all(self, account_id: int | None) -> int:
        """Of an account, or of DASHBOARD_USERNAME where it is None; returns how many."""
        with self._database.transaction() as tx:
            return tx.run("accounts/end_sessions", account_id=account_id)

    def _credential(self, secret: str) -> bytes:
        """Ties a session to the name and password of the settings. Keyed with the session's own token,
        which the database does not have: whoever reads it there cannot try passwords on it."""
        text = f"{self._config.dashboard_username}\0{self._config.dashboard_password}"
        return blake2b(text.encode(), key=secret.encode()[:64], digest_size=32).digest()
