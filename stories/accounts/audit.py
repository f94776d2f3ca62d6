"""The audit log: who did what, and when. It names apps, people with an account, tokens and links, and
never anybody whom the apps' events are about."""

from __future__ import annotations

from datetime import datetime, timedelta

from database import Database, Row
from stories.accounts.callers import Caller

KEPT_DAYS = 365
LOGIN_AGAIN = timedelta(hours=1)


class AuditLog:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._logins: dict[str, datetime] = {}  # name -> when it was last written

    def add(
        self,
        caller: Caller,
        action: str,
        now: datetime,
        subject: str | None = None,
        app: str | None = None,
    ) -> None:
        """subject: the name of what was changed; app: its slug."""
        with self._database.transaction(5, autocommit=True) as tx:
            tx.run(
                "accounts/add_entry",
                at=now,
                account_id=caller.account_id,
                actor=caller.name,
                action=action,
                subject=subject and subject[:200],
                app=app,
            )

    def add_basic_login(self, caller: Caller, now: datetime) -> None:
        """A browser sends Basic with every request: an hour after the last one it is a login again."""
        before = self._logins.get(caller.name)
        if before is not None and now - before < LOGIN_AGAIN:
            return
        with self._database.transaction(5, autocommit=True) as tx:
            tx.run(
                "accounts/add_login",
                at=now,
                since=now - LOGIN_AGAIN,  # another worker may have written it
                account_id=caller.account_id,
                actor=caller.name,
                subject="by HTTP Basic",
            )
        self._logins[caller.name] = now

    def page(self, before: int | None, limit: int) -> list[Row]:
        """Latest first: {entry_id, at, actor, action, subject, app}. before: an entry_id."""
        with self._database.transaction(10, read_only=True) as tx:
            return tx.rows("accounts/list_entries", before=before, limit=limit)


def expire(database: Database, now: datetime) -> dict[str, int]:
    """Delete entries past KEPT_DAYS and sessions that have ended; the job `accounts`."""
    with database.transaction() as tx:
        return {
            "entries": tx.run("accounts/expire_entries", before=now - timedelta(days=KEPT_DAYS)),
            "sessions": tx.run("accounts/expire_sessions", now=now),
        }
