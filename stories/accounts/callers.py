"""Who a request speaks for, and what that lets them do."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from database import Row
from stories.catalogue import App

Role = Literal["viewer", "editor", "owner"]
ROLES: tuple[Role, ...] = ("viewer", "editor", "owner")  # each may do what those before it may
SCOPES = ("read", "ingest", "upload", "admin")
SCOPES_OF: dict[Role, frozenset[str]] = {
    "viewer": frozenset({"read"}),
    "editor": frozenset(SCOPES),
    "owner": frozenset(SCOPES),
}


@dataclass(frozen=True)
class Caller:
    """name: as the audit log has it. role: what they may do at most; of a token its maker's, and with
    an app below owner. app_ids: None for every app. account_id: None for DASHBOARD_USERNAME. scopes:
    of a token, without those that its maker could not give; None for a person."""

    name: str
    role: Role
    app_ids: frozenset[int] | None = None
    account_id: int | None = None
    scopes: frozenset[str] | None = None
    by: Literal["basic", "session", "token"] = "basic"

    def is_at_least(self, role: Role) -> bool:
        return ROLES.index(self.role) >= ROLES.index(role)

    def has_app(self, app_id: int) -> bool:
        return self.app_ids is None or app_id in self.app_ids

    def own(self, apps: Iterable[App]) -> list[App]:
        return [app for app in apps if self.has_app(app.app_id)]


def owner(name: str) -> Caller:
    """The login of DASHBOARD_USERNAME."""
    return Caller(name, "owner")


def person(row: Row, by: Literal["basic", "session"]) -> Caller:
    """row: account_id, name, role, app_ids of an account."""
    return Caller(row["name"], row["role"], _apps(row), row["account_id"], by=by)


def token(row: Row, owner_name: str) -> Caller:
    """row: as sql/accounts/find_token has it."""
    role: Role = row["role"] or "owner"
    scopes = frozenset(row["scopes"]) & SCOPES_OF[role]
    app_ids = _apps(row)
    if row["app_id"] is not None:
        own = frozenset({row["app_id"]})
        app_ids = own if app_ids is None else app_ids & own
        role = "editor" if role == "owner" else role
    maker = row["maker"] or owner_name
    return Caller(
        f"{maker}, token {row['name']}", role, app_ids, row["account_id"], scopes, "token"
    )


def maker(row: Row) -> Caller:
    """Who made a share link: role and app_ids of an account."""
    return Caller("", row["role"] or "owner", _apps(row), row["account_id"])


def whose(caller: Caller) -> dict[str, object]:
    """Parameters of statements that list or delete what the caller made; an owner's is everybody's."""
    return {"everybody": caller.is_at_least("owner"), "account_id": caller.account_id}


def _apps(row: Row) -> frozenset[int] | None:
    """An owner has every app, whatever the row says; so has DASHBOARD_USERNAME, without a row."""
    if row["role"] in (None, "owner") or row["app_ids"] is None:
        return None
    return frozenset(row["app_ids"])


def new_secret(prefix: str = "") -> str:
    """256 random bits as text for a header or an address. prefix: tells a reader what it is for."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What the database keeps of a secret of ours. It is random, so nobody can try all of them, and a
    plain hash is enough."""
    return sha256(secret.encode()).digest()
