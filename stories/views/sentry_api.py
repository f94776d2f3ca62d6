"""What Sentry's API has in common, as sentry-cli and Sentry's bundler plugins call it.

The organisation is any text, a project is an app's slug, and the login an API token of scope upload.
"""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Blueprint, Response

from stories.catalogue import App
from stories.errors import ApiError, bad_request
from stories.symbols import artifacts
from stories.web.access import count_upload
from stories.web.answers import answer, error_answer
from stories.web.callers import has_app
from stories.web.services import services

UNKNOWN_LOGIN = "this needs an API token of scope upload: it is unknown, has ended, or was not sent"
MAX_JSON = 2 * 2**20
ORGANIZATION = "/organizations/<organization>"
PROJECT = "/projects/<organization>/<slug>"


def new_blueprint(name: str) -> Blueprint:
    """Its errors have the form that sentry-cli prints, those of a missing login too."""
    blueprint = Blueprint(name, __name__, url_prefix="/api/0")
    blueprint.register_error_handler(ApiError, _tell)
    blueprint.before_request(count_upload)
    return blueprint


def _tell(error: ApiError) -> Response:
    sentence = UNKNOWN_LOGIN if error.status == 401 else error.sentence
    response = error_answer(error)
    response.set_data(msgspec.json.encode({"detail": sentence}))
    return response


def reply(body: Any, status: int = 200) -> Response:
    return answer(body, status)


def project(slug: str) -> App:
    """Raises ApiError 400: of a 404 sentry-cli does not show the sentence."""
    app = services().apps.by_slug(slug) if len(slug) <= 40 else None
    if app is None or not has_app(app):
        raise bad_request("unknown_app", "a project is the slug of an app that this token may use")
    return app


def stored_version(sent: str) -> str:
    """As crashes have it. Raises ApiError 400."""
    version = artifacts.release_of(sent)
    if version is None:
        raise bad_request(
            "invalid_body", "a release must be a version such as 1.2.0, as the app sends it"
        )
    return version
