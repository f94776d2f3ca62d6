"""One success envelope, one error shape."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

import msgspec
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from database import Refused, Unavailable
from stories import logs
from stories.errors import ApiError, bad_request, unavailable
from stories.web.request_log import about

log = logging.getLogger("stories.web")

# The code of a 401 to a cookie that is no longer good. It asks for no Basic: who came by the login page
# shall see that page again, and not the browser's own dialog.
SESSION_ENDED = "session_ended"
LINK_LOCKED = "link_password"  # of a share link; asks for no Basic either


def iso(moment: datetime) -> str:
    """UTC with milliseconds, as clients send it: 2026-11-21T10:00:00.000Z."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def answer(body: dict[str, Any], status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, mimetype="application/json")


def error_answer(error: ApiError) -> Response:
    body = error.body()
    if error.status >= 500:
        body["request_id"] = logs.request_id.get()  # what a user can name, and the log has
    response = answer(body, error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if error.status == 401 and error.code not in (SESSION_ENDED, LINK_LOCKED):
        response.headers["WWW-Authenticate"] = 'Basic realm="Stories Analytics", charset="UTF-8"'
    # Of a refused body gunicorn reads on for `keepalive` seconds and then closes. To close at once would
    # reset the connection, and the client might never see why.
    return response


PLAIN = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"))
HTTP_CODES = {
    404: ("not_found", "there is nothing at this address"),
    405: ("method_not_allowed", "this address does not take that method"),
    413: ("body_too_large", "the body is too large"),
}


def install(app: Flask) -> None:
    """Turns every failure of a handler into the error shape, and keeps browsers from guessing."""

    @app.after_request
    def plain(response: Response) -> Response:
        for name, value in PLAIN:
            if name not in response.headers:
                response.headers.add(name, value)
        return response

    @app.errorhandler(ApiError)
    def refused(error: ApiError) -> Response:
        return error_answer(error)

    @app.errorhandler(Unavailable)
    def no_database(error: Unavailable) -> Response:
        log.error("database unavailable: %s", error, extra=about(503))
        return error_answer(unavailable(f"the database is unavailable: {error}"))

    @app.errorhandler(Refused)
    def bad_value(error: Refused) -> Response:
        return error_answer(bad_request("invalid_value", f"the database refused a value: {error}"))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        code, sentence = HTTP_CODES.get(
            status, (error.name.lower().replace(" ", "_"), error.description or error.name)
        )
        response = error_answer(ApiError(status, code, sentence))
        if status == 405 and error.response is None:
            response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or [])
        return response

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        log.exception("a request failed", extra=about(500))
        return error_answer(
            ApiError(
                500, "internal_error", "something went wrong on the server; it has been logged"
            )
        )
