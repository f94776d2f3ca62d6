"""/links: share links of who asks; an owner's are everybody's. What they lead to is views/shared.py."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response

from database import Row
from stories.accounts.links import PAGES
from stories.accounts.payloads import LinkPayload
from stories.errors import ApiError, bad_request
from stories.reports import FILTERS
from stories.views.dashboard import BY_NAME
from stories.views.tokens import own_app, slug_of, time
from stories.web import parameters
from stories.web.answers import answer
from stories.web.callers import caller, names_subject
from stories.web.json_body import read_json
from stories.web.services import now, services

blueprint = Blueprint("links", __name__)


@blueprint.get("/links")
def list_links() -> Response:
    parameters.known()
    rows = services().accounts.links.all(caller())
    return answer({"success": True, "links": [_shown(row) for row in rows]})


@blueprint.post("/links")
def create_link() -> Response:
    """{"link", "path"}: /shared/<id>#<secret>, shown this once."""
    body, moment, links = read_json(LinkPayload), now(), services().accounts.links
    app = own_app(body.app)
    if body.page not in PAGES.get(app.kind, ()):
        pages = ", ".join(PAGES.get(app.kind, ())) or "none"
        raise bad_request(
            "not_shared",
            f"page: of a {app.kind} app these can be shared: {pages}",
            parameter="page",
        )
    days = body.expires_in_days
    link_id, secret = links.create(
        caller(),
        body.name,
        app.app_id,
        body.page,
        _question(body),
        body.password,
        sorted(set(body.frame_sites)),
        None if days is None else moment + timedelta(days=days),
    )
    names_subject(f"{body.name}: {body.page}", app.slug)
    made = next(row for row in links.all(caller()) if row["link_id"] == link_id)
    return answer({"success": True, "link": _shown(made), "path": f"/shared/{link_id}#{secret}"})


@blueprint.delete("/links/<link_id>")
def revoke_link(link_id: str) -> Response:
    name = services().accounts.links.delete(caller(), link_id)
    if name is None:
        raise ApiError(404, "unknown_link", "you have no share link of this id")
    names_subject(name)
    return answer({"success": True})


def _question(body: LinkPayload) -> dict[str, str]:
    page = BY_NAME[body.page]
    filters = {name: value for name in FILTERS if (value := getattr(body, name)) is not None}
    if len(filters) > 1 or (filters and not page.filtered):
        some = "one filter at most" if page.filtered else "no filter"
        raise bad_request("invalid_filter", f"{', '.join(filters)}: the page takes {some}")
    return {"period": body.period, "group_by": body.group_by, **filters}


def _shown(row: Row) -> dict[str, Any]:
    return {
        "id": row["link_id"],
        "name": row["name"],
        "app": slug_of(row["app_id"]),
        "page": row["page"],
        **row["question"],
        "has_password": row["has_password"],
        "frame_sites": row["frame_sites"],
        "made_by": row["maker"] or services().config.dashboard_username,
        "created_at": time(row["created_at"]),
        "expires_at": time(row["expires_at"]),
        "has_ended": row["expires_at"] is not None and row["expires_at"] <= now(),
        "used_at": time(row["used_at"]),
    }
