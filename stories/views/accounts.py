"""/accounts: the people who may log in, for owners; and /account: oneself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from typing import Any

from flask import Blueprint, Response
from msgspec import UNSET

from database import Row
from models import Refusal
from stories.accounts.payloads import AccountChangesPayload, AccountPayload, PasswordPayload
from stories.errors import ApiError, bad_request
from stories.web import credentials, parameters
from stories.web.access import logins
from stories.web.answers import answer, iso
from stories.web.callers import caller, names_subject
from stories.web.json_body import read_json
from stories.web.services import now, services

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/accounts")
def list_accounts() -> Response:
    parameters.known()
    rows = services().accounts.people.all()
    return answer({"success": True, "accounts": [_shown(row) for row in rows]})


@blueprint.post("/accounts")
def create_account() -> Response:
    """{"account", "invite"}: the secret of the link, /invite#<secret>, that is handed to the person."""
    body = read_json(AccountPayload)
    people = services().accounts.people
    with _refusals():
        account_id, secret = people.create(body.name, body.role, _app_ids(body.apps), now())
    names_subject(f"{body.name} as {body.role}")
    return answer({"success": True, "account": _shown(_account(account_id)), "invite": secret})


@blueprint.patch("/accounts/<account_id>")
def change_account(account_id: str) -> Response:
    row, body = _account(account_id), read_json(AccountChangesPayload)
    role = row["role"] if body.role is UNSET else body.role
    app_ids = row["app_ids"] if body.apps is UNSET else _app_ids(body.apps)
    services().accounts.people.change(row["account_id"], role, app_ids)
    names_subject(f"{row['name']} as {role}")
    return answer({"success": True, "account": _shown(_account(account_id))})


@blueprint.post("/accounts/<account_id>/invite")
def invite_again(account_id: str) -> Response:
    """A new one-time link, for a lost password; the one before stops working."""
    row = _account(account_id)
    names_subject(row["name"])
    secret = services().accounts.people.invite(row["account_id"], now())
    return answer({"success": True, "account": _shown(_account(account_id)), "invite": secret})


@blueprint.delete("/accounts/<account_id>")
def delete_account(account_id: str) -> Response:
    """With the person's sessions, tokens and share links, at once."""
    row = _account(account_id)
    names_subject(row["name"])
    services().accounts.people.delete(row["account_id"])
    return answer({"success": True})


@blueprint.get("/account")
def show_own() -> Response:
    """Who is asking: {"account": {name, role, apps, by}}."""
    parameters.known()
    who = caller()
    account = {"name": who.name, "role": who.role, "apps": _slugs(who.app_ids), "by": who.by}
    return answer({"success": True, "account": account})


@blueprint.post("/account/password")
def change_password() -> Response:
    """Ends every session but the one that asks."""
    body, who, accounts = read_json(PasswordPayload), caller(), services().accounts
    if who.account_id is None:
        raise ApiError(409, "is_a_setting", "this password is the setting DASHBOARD_PASSWORD")
    row = _account(who.account_id)
    account = accounts.people.find(row["name"])
    logins().count_failure()  # before the hash is computed; also when it turns out right
    stored = account["password"] if account else None
    if not accounts.passwords.verify(row["name"], body.old, stored):
        raise bad_request("wrong_password", "old is not the present password", parameter="old")
    accounts.people.set_password(who.account_id, body.new)
    response = answer({"success": True})
    if who.by == "session":
        account = accounts.people.find(row["name"])
        credentials.set_cookie(response, accounts.sessions.begin(account, now()))
    return response


@blueprint.delete("/account/sessions")
def end_sessions() -> Response:
    """Every session of who asks, this one too: {"ended": how many}."""
    ended = services().accounts.sessions.end_all(caller().account_id)
    response = answer({"success": True, "ended": ended})
    credentials.drop_cookie(response)
    return response


def _account(account_id: str | int) -> Row:
    number = parameters.number_in_path(account_id)
    row = None if number is None else services().accounts.people.by_id(number)
    if row is None:
        raise ApiError(404, "unknown_account", "there is no account of this id")
    return row


def _app_ids(slugs: Sequence[str] | None) -> list[int] | None:
    if slugs is None:
        return None
    apps = {app.slug: app.app_id for app in services().apps.read_now()}
    for slug in slugs:
        if slug not in apps:
            raise bad_request("unknown_app", f"apps: there is no app {slug}", parameter="apps")
    return [apps[slug] for slug in slugs]


def _slugs(app_ids: Any) -> list[str] | None:
    if app_ids is None:
        return None
    return [app.slug for app in services().apps.all() if app.app_id in app_ids]


def _shown(row: Row) -> dict[str, Any]:
    until = row["invite_until"]
    return {
        "id": row["account_id"],
        "name": row["name"],
        "role": row["role"],
        "apps": _slugs(row["app_ids"]),
        "has_password": row["has_password"],
        "invited_until": iso(until.astimezone(UTC)) if until and until > now() else None,
        "created_at": iso(row["created_at"].astimezone(UTC)),
        "sessions": row["sessions"],
        "tokens": row["tokens"],
    }


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        status = 409 if refusal.code == "name_taken" else 400
        raise ApiError(status, refusal.code, refusal.sentence) from None
