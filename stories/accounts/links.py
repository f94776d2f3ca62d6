"""Share links: one page of one app, read-only, with its question fixed.

An address is /shared/<id>#<secret>. Browsers keep what is behind the # to themselves, so the secret is
in no log of any server or proxy and in no referrer; the page's script sends it as a header.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

import msgspec

from database import Database, Refused, Row, Unavailable
from stories.accounts import callers
from stories.accounts.callers import Caller, digest, new_secret
from stories.accounts.passwords import Passwords

# Pages of numbers. Not the bot's, which shows people's pictures; nor events, people or crashes.
PAGES = {
    "desktop": ("overview", "growth", "usage", "adoption", "quality", "stability", "costs"),
    "website": ("website",),
    "generator": ("generations",),
}
NOTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Link:
    """question: {period, group_by} and one filter at most, as parameters of /stats. password: its hash
    or None. frame_sites: origins that may show the page in a frame."""

    link_id: str
    secret_digest: bytes
    app_id: int
    page: str
    question: dict[str, str]
    password: str | None
    frame_sites: tuple[str, ...]
    used_at: datetime | None

    def is_opened_by(self, secret: str) -> bool:
        return compare_digest(self.secret_digest, digest(secret))


class Links:
    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database = database
        self._passwords = passwords

    def create(
        self,
        maker: Caller,
        name: str,
        app_id: int,
        page: str,
        question: dict[str, str],
        password: str | None,
        frame_sites: list[str],
        expires_at: datetime | None,
    ) -> tuple[str, str]:
        """(id, secret): the only time that the secret is known."""
        link_id, secret = secrets.token_hex(8), new_secret()
        hashed = None if password is None else self._passwords.hash(password)
        with self._database.transaction() as tx:
            tx.run(
                "accounts/create_link",
                link_id=link_id,
                secret_digest=digest(secret),
                name=name,
                app_id=app_id,
                page=page,
                question=msgspec.json.encode(question).decode(),
                password=hashed,
                frame_sites=frame_sites,
                account_id=maker.account_id,
                expires_at=expires_at,
            )
        return link_id, secret

    def find(self, link_id: str, now: datetime) -> Link | None:
        """None where there is none, it has ended, or its maker may no longer share that app."""
        if not link_id.isalnum() or not link_id.isascii():
            return None
        with self._database.transaction(5, autocommit=True) as tx:
            row = tx.row("accounts/find_link", link_id=link_id, now=now)
        if row is None:
            return None
        maker = callers.maker(row)
        if not maker.is_at_least("editor") or not maker.has_app(row["app_id"]):
            return None
        return Link(
            row["link_id"],
            bytes(row["secret_digest"]),
            row["app_id"],
            row["page"],
            row["question"],
            row["password"],
            tuple(row["frame_sites"]),
            row["used_at"],
        )

    def note_use(self, link: Link, now: datetime) -> None:
        if link.used_at is None or now - link.used_at > NOTED_EVERY:
            with (
                suppress(Unavailable, Refused),  # a note: a read-only database does without
                self._database.transaction(5, autocommit=True) as tx,
            ):
                tx.run("accounts/note_link_use", link_id=link.link_id, now=now)

    def all(self, caller: Caller) -> list[Row]:
        """The caller's own; an owner's are everybody's."""
        with self._database.transaction(5, autocommit=True) as tx:
            return tx.rows("accounts/list_links", **callers.whose(caller))

    def delete(self, caller: Caller, link_id: str) -> str | None:
        """The name of the link that was revoked, None where the caller has none of this id."""
        with self._database.transaction() as tx:
            name: Any = tx.value("accounts/delete_link", link_id=link_id, **callers.whose(caller))
        return None if name is None else str(name)
