"""/tokens: API tokens of who asks; an owner's are everybody's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response

from database import Row
from stories.accounts.callers import SCOPES, SCOPES_OF
from stories.accounts.payloads import TokenPayload
from stories.catalogue import App
from stories.errors import ApiError, bad_request
from stories.web import parameters
from stories.web.answers import answer, iso
from stories.web.callers import caller, has_app, names_subject
from stories.web.json_body import read_json
from stories.web.services import now, services

blueprint = Blueprint("tokens", __name__)


@blueprint.get("/tokens")
def list_tokens() -> Response:
    parameters.known()
    rows = services().accounts.tokens.all(caller())
    return answer({"success": True, "tokens": [_shown(row) for row in rows]})


@blueprint.post("/tokens")
def create_token() -> Response:
    """{"token", "secret"}: the secret is shown this once."""
    body, who, moment = read_json(TokenPayload), caller(), now()
    scopes: list[str] = [scope for scope in SCOPES if scope in body.scopes]
    beyond = set(scopes) - SCOPES_OF[who.role]
    if beyond:
        raise ApiError(
            403, "beyond_your_rights", f"scopes: your role cannot give {', '.join(sorted(beyond))}"
        )
    app = None if body.app is None else own_app(body.app)
    days = body.expires_in_days
    until = None if days is None else moment + timedelta(days=days)
    token_id, secret = services().accounts.tokens.create(
        who, body.name, scopes, None if app is None else app.app_id, until
    )
    names_subject(f"{body.name}: {', '.join(scopes)}", body.app)
    made = next(row for row in services().accounts.tokens.all(who) if row["token_id"] == token_id)
    return answer({"success": True, "token": _shown(made), "secret": secret})


@blueprint.delete("/tokens/<token_id>")
def revoke_token(token_id: str) -> Response:
    number = parameters.number_in_path(token_id)
    name = None if number is None else services().accounts.tokens.delete(caller(), number)
    if name is None:
        raise ApiError(404, "unknown_token", "you have no token of this id")
    names_subject(name)
    return answer({"success": True})


def own_app(slug: str) -> App:
    """The app that a body's `app` names. Raises ApiError 400, the same for one that is not the
    caller's."""
    app = services().apps.by_slug_now(slug)
    if app is None or not has_app(app):
        raise bad_request("unknown_app", f"app: there is no app {slug}", parameter="app")
    return app


def slug_of(app_id: int | None) -> str | None:
    return next((app.slug for app in services().apps.all() if app.app_id == app_id), None)


def time(moment: datetime | None) -> str | None:
    return iso(moment.astimezone(UTC)) if moment else None


def _shown(row: Row) -> dict[str, Any]:
    return {
        "id": row["token_id"],
        "name": row["name"],
        "scopes": row["scopes"],
        "app": slug_of(row["app_id"]),
        "made_by": row["maker"] or services().config.dashboard_username,
        "created_at": time(row["created_at"]),
        "expires_at": time(row["expires_at"]),
        "has_ended": row["expires_at"] is not None and row["expires_at"] <= now(),
        "used_at": time(row["used_at"]),
    }
