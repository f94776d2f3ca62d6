"""People beside DASHBOARD_USERNAME: made by an owner, who hands them a link that works once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from database import Database, Refused, Row
from models import Refusal
from stories.accounts.callers import digest, new_secret
from stories.accounts.passwords import Passwords

INVITE_DAYS = 1


class People:
    """Accounts as they stand in the database. owner_name: of DASHBOARD_USERNAME, which nobody else may
    have."""

    def __init__(self, database: Database, passwords: Passwords, owner_name: str) -> None:
        self._database = database
        self._passwords = passwords
        self._owner_name = owner_name

    def find(self, name: str) -> Row | None:
        """{account_id, name, role, app_ids, password}: password is its hash or None."""
        if "\0" in name or not name.isprintable():
            return None
        with self._database.transaction(5, autocommit=True) as tx:
            return tx.row("accounts/find_account", name=name)

    def all(self) -> list[Row]:
        with self._database.transaction(5, autocommit=True) as tx:
            return tx.rows("accounts/list_accounts")

    def by_id(self, account_id: int) -> Row | None:
        return next((row for row in self.all() if row["account_id"] == account_id), None)

    def create(
        self, name: str, role: str, app_ids: Sequence[int] | None, now: datetime
    ) -> tuple[int, str]:
        """(the account's id, the secret of its one-time link). app_ids: None for every app; an owner has
        them all. Raises Refusal."""
        _check_name(name)
        taken = Refusal("name_taken", "name is taken by another person")
        if name.casefold() == self._owner_name.casefold():
            raise taken
        secret = new_secret()
        try:
            with self._database.transaction() as tx:
                account_id = tx.value(
                    "accounts/create_account",
                    name=name,
                    role=role,
                    app_ids=_columns(role, app_ids),
                    **_invitation(secret, now),
                )
        except Refused as refused:
            if "accounts_name" in str(refused):
                raise taken from None
            raise
        return account_id, secret

    def change(self, account_id: int, role: str, app_ids: Sequence[int] | None) -> None:
        with self._database.transaction() as tx:
            tx.run(
                "accounts/change_account",
                account_id=account_id,
                role=role,
                app_ids=_columns(role, app_ids),
            )

    def invite(self, account_id: int, now: datetime) -> str:
        """The secret of a new one-time link, for who has lost the password. The old password goes on
        working until the link is used."""
        secret = new_secret()
        with self._database.transaction() as tx:
            tx.run("accounts/invite_account", account_id=account_id, **_invitation(secret, now))
        return secret

    def delete(self, account_id: int) -> bool:
        """With all sessions, tokens and share links."""
        with self._database.transaction() as tx:
            return tx.run("accounts/delete_account", account_id=account_id) > 0

    def accept(self, secret: str, password: str, now: datetime) -> Row | None:
        """Set the password that a one-time link is for, and end every session. Returns the account,
        or None where the link is not valid. Raises ApiError for a password that will not do."""
        where = {"invite_digest": digest(secret), "now": now}
        with self._database.transaction(5, autocommit=True) as tx:
            if tx.row("accounts/find_invitation", **where) is None:
                return None
        hashed = self._passwords.hash(password)
        with self._database.transaction() as tx:
            account = tx.row("accounts/use_invitation", **where, password=hashed)
            if account is not None:
                tx.run("accounts/end_sessions", account_id=account["account_id"])
        return account

    def set_password(self, account_id: int, password: str) -> None:
        """Ends every session. Raises ApiError for a password that will not do."""
        hashed = self._passwords.hash(password)
        with self._database.transaction() as tx:
            tx.run("accounts/set_password", account_id=account_id, password=hashed)
            tx.run("accounts/end_sessions", account_id=account_id)


def _check_name(name: str) -> None:
    """A colon ends the name in HTTP Basic."""
    if not 1 <= len(name) <= 100 or ":" in name or not name.isprintable() or name != name.strip():
        raise Refusal("invalid_name", "name must have 1 to 100 characters, none of them a colon")


def _columns(role: str, app_ids: Sequence[int] | None) -> list[int] | None:
    return None if role == "owner" or app_ids is None else sorted(set(app_ids))


def _invitation(secret: str, now: datetime) -> dict[str, Any]:
    return {"invite_digest": digest(secret), "invite_until": now + timedelta(days=INVITE_DAYS)}
