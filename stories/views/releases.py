"""GET and POST /releases: the versions of an app, beside each other."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from flask import Blueprint, Response
from msgspec import UNSET

from database import Transaction
from stories.catalogue import App
from stories.crashes.reading import release_comparison, release_sources, releases
from stories.crashes.reading.release_symbols import read_symbols
from stories.errors import ApiError, bad_request
from stories.payloads.issues import ReleasePayload
from stories.privacy import labels
from stories.reports.filters import Filter
from stories.views.issues import SPAN, days_of_chart, needed_app
from stories.web import parameters
from stories.web.answers import answer
from stories.web.asking import asking
from stories.web.callers import has_app, names_subject
from stories.web.filters import FILTERS, asked_filter
from stories.web.json_body import read_json
from stories.web.services import now, services

COMPARING = ("compare", "days")

blueprint = Blueprint("releases", __name__)


@blueprint.get("/releases")
def list_releases() -> Response:
    parameters.known("app", *SPAN, *FILTERS)
    app = needed_app()
    days, filter = days_of_chart(app), asked_filter(app)
    with _reading(filter) as tx:
        shown = releases.list_releases(tx, days, filter)
    return answer(
        {
            "success": True,
            "releases": shown,
            "from": days.first.isoformat(),
            "to": days.last.isoformat(),
            **_told(filter),
        }
    )


@blueprint.get("/releases/<version>")
def show_release(version: str) -> Response:
    """With `compare`, a version: both side by side over their first `days`."""
    parameters.known("app", *SPAN, *COMPARING, *FILTERS)
    if parameters.given("compare"):
        parameters.exclude(*SPAN, beside="compare")
        return _compare(version)
    if parameters.given("days"):
        raise parameters.wrong("days", "requires compare")
    app = needed_app()
    days, filter = days_of_chart(app), asked_filter(app)
    with _reading(filter) as tx:
        release = releases.show_release(tx, days, version, now(), filter)
        if release is None:
            raise _unknown()
        release["symbols"] = read_symbols(tx, app, version, now())
    return answer({"success": True, "release": release, **_told(filter)})


def _compare(version: str) -> Response:
    app, other = needed_app(), parameters.text("compare") or ""
    length = parameters.integer("days", 14, 1, release_comparison.MAX_DAYS)
    if other == version:
        raise parameters.wrong("compare", "must be another version")
    filter = asked_filter(app)
    with asking() as tx:
        seen = releases.first_seen(tx, app)
        if version not in seen:
            raise _unknown()
        if other not in seen:
            raise parameters.wrong("compare", "is not a version that this app has been seen in")
        both = {name: seen[name] for name in (version, other)}
        comparison = release_comparison.compare(tx, app, both, length, now(), filter)
    return answer({"success": True, "comparison": comparison, **_told(filter)})


def _reading(filter: Filter) -> AbstractContextManager[Transaction]:
    return asking() if filter else services().reading()


def _told(filter: Filter) -> dict[str, Any]:
    return {
        "unfiltered": release_sources.unfiltered(filter),
        "computed": "events" if filter else "rollups",
    }


@blueprint.post("/releases")
def mark_release() -> Response:
    """A version and its time; once more for the same version changes these."""
    parameters.known()
    body = read_json(ReleasePayload)
    app, version = _app(body.app), labels.version(body.version)
    if version is None:
        raise _wrong("version", "must be a version such as 1.2.0, as the app sends it")
    with services().database.transaction() as tx:
        release = releases.mark(
            tx,
            app,
            version,
            now() if body.released_at is UNSET else body.released_at,
            None if body.url is UNSET else body.url,
            sets_url=body.url is not UNSET,
        )
    if release is None:
        raise ApiError(
            409, "too_many_releases", f"an app has {releases.MAX_RELEASES} versions at most"
        )
    names_subject(version, app.slug)
    return answer({"success": True, "release": release})


def _unknown() -> ApiError:
    return ApiError(404, "unknown_release", "this app has no such version")


def _app(slug: str) -> App:
    app = services().apps.by_slug(slug)
    if app is None or not has_app(app):
        raise _wrong("app", "must be the slug of an app")
    return app


def _wrong(field: str, sentence: str) -> ApiError:
    return bad_request("invalid_body", f"{field} {sentence}", parameter=field)
