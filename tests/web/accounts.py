"""What tests about accounts share: people, tokens and logins, made as an owner makes them."""

from __future__ import annotations

from typing import Any

from tests.support import basic

OWNER = basic("admin", "admin")
PASSWORD = "correct horse battery"


def add_person(client: Any, name: str, role: str = "viewer", apps: Any = None) -> dict[str, str]:
    """A person who has chosen PASSWORD; returns the headers of their Basic login."""
    made = client.post("/accounts", json={"name": name, "role": role, "apps": apps}, headers=OWNER)
    assert made.status_code == 200, made.json
    accepted = client.post("/invite", json={"secret": made.json["invite"], "password": PASSWORD})
    assert accepted.status_code == 200, accepted.json
    return basic(name, PASSWORD)


def account_id(client: Any, name: str) -> int:
    rows = client.get("/accounts", headers=OWNER).json["accounts"]
    return int(next(row["id"] for row in rows if row["name"] == name))


def log_in(client: Any, name: str, password: str = PASSWORD, **more: Any) -> Any:
    """The answer of the login page's form; the client keeps the cookie."""
    return client.post("/login", data={"name": name, "password": password}, **more)
