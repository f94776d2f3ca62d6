"""GET /api/analytics of an image generator (docs/COMPATIBILITY.md)."""

from __future__ import annotations

from hmac import compare_digest

from flask import Blueprint, Response, request

from stories.errors import ApiError
from stories.reports import generations
from stories.web import parameters
from stories.web.access import logins
from stories.web.answers import answer
from stories.web.asking import asking
from stories.web.filters import NARROWED, narrowed
from stories.web.services import now, services

blueprint = Blueprint("generation_reports", __name__)


@blueprint.get("/api/analytics")
def show_analytics() -> Response:
    """With ANALYTICS_KEY in X-Analytics-Key or `key`, or with Basic. The key opens these numbers only:
    conditions, which ask about single properties, are for who is logged in."""
    key = services().config.analytics_key
    given = request.headers.get("X-Analytics-Key") or request.args.get("key")
    if given is None or not key:
        logins().demand()
    elif not compare_digest(given.encode(), key.encode()):
        logins().count_failure()
        raise ApiError(401, "wrong_key", "the analytics key is not the right one")
    by_key = given is not None and bool(key)
    parameters.known("key", "app", *(() if by_key else NARROWED))
    app = parameters.app_of_kind("generator")
    filter = narrowed(app)
    with asking() if filter else services().reading() as tx:
        return answer(generations.analytics(tx, app, now(), filter))
