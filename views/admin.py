"""What the operator may ask for: POST /cleanup."""

from __future__ import annotations

from flask import Blueprint, Response

import expire
from web.answers import answer
from web.services import now, services

blueprint = Blueprint("admin", __name__)


@blueprint.post("/cleanup")
def cleanup() -> Response:
    result = expire.expire(services().database, services().apps, now())
    return answer({"success": True, "result": result})
