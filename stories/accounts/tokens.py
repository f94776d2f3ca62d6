"""API tokens, for `Authorization: Bearer`: what programs have instead of a password."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from database import Database, Refused, Row, Unavailable
from stories.accounts import callers
from stories.accounts.callers import Caller, digest, new_secret

PREFIX = "st_"  # what a scanner for leaked secrets can look for
NOTED_EVERY = timedelta(minutes=5)  # how far behind "last used" may be


class Tokens:
    """owner_name: of DASHBOARD_USERNAME."""

    def __init__(self, database: Database, owner_name: str) -> None:
        self._database = database
        self._owner_name = owner_name

    def find(self, secret: str, now: datetime) -> Caller | None:
        """Whom a token speaks for; None where it is unknown, has ended or been revoked."""
        if not secret.startswith(PREFIX):
            return None
        with self._database.transaction(5, autocommit=True) as tx:
            row = tx.row("accounts/find_token", token_digest=digest(secret), now=now)
        if row is None:
            return None
        if row["used_at"] is None or now - row["used_at"] > NOTED_EVERY:
            with suppress(Unavailable, Refused):  # a note: a read-only database does without
                self._note_use(row["token_id"], now)
        return callers.token(row, self._owner_name)

    def _note_use(self, token_id: int, now: datetime) -> None:
        with self._database.transaction(5, autocommit=True) as tx:
            tx.run("accounts/note_token_use", token_id=token_id, now=now)

    def create(
        self,
        maker: Caller,
        name: str,
        scopes: list[str],
        app_id: int | None,
        expires_at: datetime | None,
    ) -> tuple[int, str]:
        """(id, secret): the only time that the secret is known."""
        secret = new_secret(PREFIX)
        with self._database.transaction() as tx:
            token_id = tx.value(
                "accounts/create_token",
                token_digest=digest(secret),
                name=name,
                scopes=scopes,
                app_id=app_id,
                account_id=maker.account_id,
                expires_at=expires_at,
            )
        return token_id, secret

    def all(self, caller: Caller) -> list[Row]:
        """The caller's own; an owner's are everybody's."""
        with self._database.transaction(5, autocommit=True) as tx:
            return tx.rows("accounts/list_tokens", **callers.whose(caller))

    def delete(self, caller: Caller, token_id: int) -> str | None:
        """The name of the token that was revoked, None where the caller has none of this id."""
        with self._database.transaction() as tx:
            name: str | None = tx.value(
                "accounts/delete_token", token_id=token_id, **callers.whose(caller)
            )
        return name

    def has_read(self, now: datetime) -> bool:
        """Whether any token may read: without one there is no /mcp."""
        with self._database.transaction(5, autocommit=True) as tx:
            return bool(tx.value("accounts/has_read_token", now=now))
