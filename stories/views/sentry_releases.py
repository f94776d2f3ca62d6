"""Releases as sentry-cli makes, lists and deletes them. They are those of /releases; their commits and
deploys are not kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from flask import Response

from database import Row, Transaction
from stories.catalogue import App
from stories.crashes.reading import releases
from stories.errors import ApiError
from stories.payloads.uploads import DeploySent, ReleaseSent
from stories.symbols import artifacts
from stories.views.sentry_api import (
    MAX_JSON,
    ORGANIZATION,
    PROJECT,
    new_blueprint,
    project,
    reply,
    stored_version,
)
from stories.web.answers import iso
from stories.web.callers import names_subject, own_apps
from stories.web.json_body import read_json
from stories.web.services import now, services

MAX_LISTED = 100

blueprint = new_blueprint("sentry_releases")


@blueprint.post(f"{ORGANIZATION}/releases/")
def create_release(organization: str) -> Response:
    sent = read_json(ReleaseSent, MAX_JSON)
    return reply(_mark(sent.version or "", sent), 201)


@blueprint.post(f"{PROJECT}/releases/")
def create_release_of_project(organization: str, slug: str) -> Response:
    """As sentry-cli 2 asks."""
    sent = read_json(ReleaseSent, MAX_JSON)
    return reply(_mark(sent.version or "", msgspec.structs.replace(sent, projects=[slug])), 201)


@blueprint.put(f"{ORGANIZATION}/releases/<version>/")
def change_release(organization: str, version: str) -> Response:
    return reply(_mark(version, read_json(ReleaseSent, MAX_JSON)))


@blueprint.put(f"{PROJECT}/releases/<version>/")
def change_release_of_project(organization: str, slug: str, version: str) -> Response:
    sent = read_json(ReleaseSent, MAX_JSON)
    return reply(_mark(version, msgspec.structs.replace(sent, projects=[slug])))


@blueprint.get(f"{PROJECT}/releases/")
def list_releases(organization: str, slug: str) -> Response:
    app = project(slug)
    with services().database.transaction(read_only=True) as tx:
        rows = releases.marks(tx, app)[:MAX_LISTED]
    return reply([_release(row["version"], row, [app]) for row in rows])


@blueprint.get(f"{PROJECT}/releases/<version>/")
def show_release_of_project(organization: str, slug: str, version: str) -> Response:
    return reply(_shown(version, [project(slug)]))


@blueprint.get(f"{ORGANIZATION}/releases/<version>/")
def show_release(organization: str, version: str) -> Response:
    return reply(_shown(version, own_apps()))


@blueprint.delete(f"{ORGANIZATION}/releases/<version>/")
def delete_release(organization: str, version: str) -> Response:
    return _delete(version, own_apps())


@blueprint.delete(f"{PROJECT}/releases/<version>/")
def delete_release_of_project(organization: str, slug: str, version: str) -> Response:
    return _delete(version, [project(slug)])


@blueprint.get(f"{ORGANIZATION}/releases/<version>/previous-with-commits/")
def show_release_before(organization: str, version: str) -> Response:
    """Commits are not kept."""
    return reply({})


@blueprint.get(f"{ORGANIZATION}/repos/")
def list_repositories(organization: str) -> Response:
    return reply([])


@blueprint.post(f"{ORGANIZATION}/releases/<version>/deploys/")
def deploy(organization: str, version: str) -> Response:
    """Not kept: a release is marked by `releases new` and `finalize`."""
    sent = read_json(DeploySent, MAX_JSON)
    stored_version(version)
    return reply({"id": "1", **msgspec.to_builtins(sent)}, 201)


def _mark(version: str, sent: ReleaseSent) -> dict[str, Any]:
    """Mark it for the projects that are named, else for the apps that know it."""
    stored = stored_version(version)
    is_archived = {"archived": True, "open": False}.get(sent.status or "")
    with services().database.transaction() as tx:
        apps = [project(slug) for slug in sent.projects] or _that_know(tx, stored, own_apps())
        for app in apps:
            marked = releases.mark(
                tx, app, stored, sent.date_released, sent.url,
                sets_url=sent.url is not None, is_archived=is_archived,
            )  # fmt: skip
            if marked is None:
                sentence = f"an app has {releases.MAX_RELEASES} versions at most"
                raise ApiError(409, "too_many_releases", sentence)
    names_subject(stored, apps[0].slug)
    return _shown(version, apps)


def _that_know(tx: Transaction, version: str, apps: list[App]) -> list[App]:
    """Of apps those that have this version; the only app of a login knows any."""
    if len(apps) == 1:
        return apps
    those = [app for app in apps if _find(tx, app, version)]
    if not those:
        raise ApiError(404, "unknown_release", f"no app has the release {version}: name a project")
    return those


def _find(tx: Transaction, app: App, version: str) -> Row | None:
    return next((row for row in releases.marks(tx, app) if row["version"] == version), None)


def _shown(version: str, apps: list[App]) -> dict[str, Any]:
    stored = stored_version(version)
    with services().database.transaction(read_only=True) as tx:
        rows = [(app, row) for app in apps if (row := _find(tx, app, stored))]
    if not rows:
        raise ApiError(404, "unknown_release", f"there is no release {stored}")
    return _release(version, rows[0][1], [app for app, _ in rows])


def _delete(version: str, apps: list[App]) -> Response:
    stored = stored_version(version)
    with services().database.transaction() as tx:
        apps = [app for app in apps if _find(tx, app, stored)]
        if not apps:
            raise ApiError(404, "unknown_release", f"there is no release {stored}")
        if len(apps) > 1:
            sentence = f"several apps have the release {stored}: name one as the project"
            raise ApiError(409, "several_apps", sentence)
        releases.unmark(tx, apps[0], stored)
        artifacts.delete_release(tx, apps[0].app_id, stored)
    names_subject(stored, apps[0].slug)
    return Response(status=204)


def _release(version: str, row: Row, apps: list[App]) -> dict[str, Any]:
    began: datetime = row["first_seen"] or row["released_at"] or now()
    return {
        "version": version,
        "shortVersion": version,
        "status": "archived" if row["is_archived"] else "open",
        "url": row["url"],
        "dateCreated": iso(began),
        "dateReleased": row["released_at"] and iso(row["released_at"]),
        "lastEvent": None,
        "newGroups": 0,
        "projects": [{"slug": app.slug, "name": app.name} for app in apps],
    }
