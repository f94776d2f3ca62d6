"""The one table of what each role, scope and link may do.

A route that is not in it is an owner's alone. docs/ACCESS.md explains it; tests/web/test_rights.py walks
every route as every kind of caller and compares.
"""

from __future__ import annotations

from dataclasses import dataclass

from stories.accounts.callers import Caller, Role
from stories.errors import ApiError


@dataclass(frozen=True)
class Right:
    """role: the least that a person needs, or a token of scope admin by its maker's role. scopes: any
    of these will do too. whole_server: what it tells or changes is of every app, so only for who has
    every app. without_app: the role needed where the request names no `app`, and every app with it.
    people_only: no token may, so that one which leaked cannot make another way in. tokens_only: one of
    the scopes is needed, whoever asks. action: as the
    audit log has it when it was done."""

    role: Role
    scopes: frozenset[str] = frozenset()
    whole_server: bool = False
    without_app: Role | None = None
    people_only: bool = False
    tokens_only: bool = False
    action: str | None = None

    def allows(self, caller: Caller, names_app: bool) -> bool:
        role = self.role if names_app or self.without_app is None else self.without_app
        if caller.app_ids is not None and (
            self.whole_server or (self.without_app is not None and not names_app)
        ):
            return False
        if self.tokens_only:
            return bool(caller.scopes and self.scopes & caller.scopes)
        if caller.scopes is None:
            return caller.is_at_least(role)
        if self.people_only:
            return False
        if self.scopes & caller.scopes and (names_app or self.without_app is None):
            return True
        return "admin" in caller.scopes and caller.is_at_least(role)


_READ = frozenset({"read"})
READ = Right("viewer", _READ)
READ_SERVER = Right("viewer", _READ, whole_server=True)
PAGE = Right("viewer")
INGEST = Right("editor", frozenset({"ingest"}))
UPLOAD = Right("editor", frozenset({"upload"}))
OWN = Right("viewer", people_only=True)
OWNER = Right("owner")


def changes(role: Role, action: str, **more: bool) -> Right:
    return Right(role, action=action, **more)  # type: ignore[arg-type]


def uploads(action: str) -> Right:
    return Right("editor", UPLOAD.scopes, action=action)


SENTRY_ORGANIZATION = "/api/0/organizations/<organization>"
SENTRY_PROJECT = "/api/0/projects/<organization>/<slug>"

RIGHTS: dict[str, Right] = {
    # Numbers, events, crashes and people of apps
    "GET /stats": READ,
    "GET /stats/<family>": READ,
    "GET /stats/key_numbers": READ,
    "GET /stats/hours": READ,
    "GET /events": READ,
    "GET /crashes": READ,
    "GET /crashes/<crash_id>": READ,
    "GET /users": READ,
    "GET /live": READ,
    # Alerts: of an app, or without one of the server
    "GET /alerts": Right("viewer", _READ, without_app="owner"),
    "GET /alerts/kinds": Right("viewer", _READ),
    "GET /alerts/log": Right("viewer", _READ, without_app="owner"),
    "POST /alerts": Right("editor", without_app="owner", action="made an alert"),
    "PATCH /alerts/<alert_id>": changes("editor", "changed an alert"),
    "DELETE /alerts/<alert_id>": changes("editor", "deleted an alert"),
    "POST /alerts/<alert_id>/snooze": changes("editor", "silenced an alert"),
    "GET /destinations": Right("viewer"),
    "POST /destinations": changes("owner", "added a destination"),
    "PATCH /destinations/<destination_id>": changes("owner", "changed a destination"),
    "DELETE /destinations/<destination_id>": changes("owner", "deleted a destination"),
    "POST /destinations/<destination_id>/test": changes("owner", "tried a destination"),
    "GET /reports": READ,
    "POST /reports": changes("editor", "subscribed to a report"),
    "DELETE /reports/<report_id>": changes("editor", "ended a report"),
    "GET /reports/preview": READ,
    "GET /annotations": READ,
    "POST /annotations": Right("editor", without_app="owner", action="made an annotation"),
    "DELETE /annotations/<annotation_id>": changes("editor", "deleted an annotation"),
    "GET /cohorts": READ,
    "POST /cohorts": changes("editor", "saved a cohort"),
    "PATCH /cohorts/<cohort_id>": changes("editor", "changed a cohort"),
    "DELETE /cohorts/<cohort_id>": changes("editor", "deleted a cohort"),
    "GET /funnels": READ,
    "GET /funnels/people": READ,
    "GET /retention": READ,
    "GET /experiments": READ,
    "GET /experiments/<name>": READ,
    "GET /drops": READ,
    "GET /explore": READ,
    "GET /numbers": READ,
    "GET /numbers/<name>": READ,
    "GET /key-numbers": READ,
    "POST /key-numbers": changes("editor", "made a key number"),
    "PATCH /key-numbers/<key_number_id>": changes("editor", "changed a key number"),
    "DELETE /key-numbers/<key_number_id>": changes("editor", "removed a key number"),
    "GET /segments": READ,
    "POST /segments": changes("editor", "saved a segment"),
    "PATCH /segments/<segment_id>": changes("editor", "changed a segment"),
    "DELETE /segments/<segment_id>": changes("editor", "deleted a segment"),
    "GET /saved": READ,
    "POST /saved": changes("editor", "saved a question"),
    "PATCH /saved/<saved_id>": changes("editor", "changed a saved question"),
    "DELETE /saved/<saved_id>": changes("editor", "deleted a saved question"),
    "GET /apps": READ,
    "GET /api/metrics": READ,
    "GET /api/funnel": READ,
    "GET /api/analytics": READ,
    "GET /api/analytics/stats": READ,
    "GET /api/analytics/users": READ,
    "GET /api/analytics/users/<path:client_id>/events": READ,
    "GET /images/<image_id>": READ,
    "DELETE /questions/<question_id>": READ,  # only who knows its id; nothing is changed
    "GET /api/export": Right("viewer", _READ, action="exported data"),
    "GET /metrics": READ_SERVER,
    # Issues and releases
    "GET /issues": READ,
    "GET /issues/<name>": READ,
    "GET /issues/<name>/crashes": READ,
    "PATCH /issues": changes("editor", "changed issues"),
    "PATCH /issues/<name>": changes("editor", "changed an issue"),
    "POST /issues/<name>/merge": changes("editor", "merged issues"),
    "POST /issues/<name>/unmerge": changes("editor", "took an issue apart"),
    "POST /issues/<name>/undo": changes("editor", "undid a change of an issue"),
    "GET /releases": READ,
    "GET /releases/<version>": READ,
    "POST /releases": Right("editor", frozenset({"upload"}), action="marked a release"),
    # Source maps and symbols: a form, and sentry-cli's API
    "GET /artifacts": Right("viewer", _READ | {"upload"}),
    "POST /artifacts": uploads("sent source maps or symbols"),
    "DELETE /artifacts/<artifact_id>": uploads("deleted source maps or symbols"),
    "GET /api/0/": UPLOAD,
    f"POST {SENTRY_ORGANIZATION}/releases/": uploads("marked a release"),
    f"GET {SENTRY_ORGANIZATION}/releases/<version>/": UPLOAD,
    f"PUT {SENTRY_ORGANIZATION}/releases/<version>/": uploads("marked a release"),
    f"DELETE {SENTRY_ORGANIZATION}/releases/<version>/": uploads("deleted a release"),
    f"GET {SENTRY_PROJECT}/releases/": UPLOAD,
    f"POST {SENTRY_PROJECT}/releases/": uploads("marked a release"),
    f"GET {SENTRY_PROJECT}/releases/<version>/": UPLOAD,
    f"PUT {SENTRY_PROJECT}/releases/<version>/": uploads("marked a release"),
    f"DELETE {SENTRY_PROJECT}/releases/<version>/": uploads("deleted a release"),
    f"GET {SENTRY_ORGANIZATION}/releases/<version>/previous-with-commits/": UPLOAD,
    f"GET {SENTRY_ORGANIZATION}/repos/": UPLOAD,
    f"POST {SENTRY_ORGANIZATION}/releases/<version>/deploys/": UPLOAD,
    f"GET {SENTRY_ORGANIZATION}/chunk-upload/": UPLOAD,
    f"POST {SENTRY_ORGANIZATION}/chunk-upload/": UPLOAD,
    f"POST {SENTRY_ORGANIZATION}/artifactbundle/assemble/": UPLOAD,
    f"POST {SENTRY_PROJECT}/files/difs/assemble/": UPLOAD,
    # One person's data
    "GET /users/<path:person>/export": Right(
        "editor", without_app="owner", action="exported a person's data"
    ),
    "DELETE /users/<path:person>": Right("editor", without_app="owner", action="erased a person"),
    # Intake with a login instead of the app's key
    "POST /api/visits": INGEST,
    "POST /api/generations": INGEST,
    "POST /api/bot/events": INGEST,
    # Apps
    "POST /apps": changes("owner", "made an app"),
    "PATCH /apps/<slug>": changes("editor", "changed an app"),
    "GET /apps/<slug>/properties": Right("editor"),
    "DELETE /apps/<slug>/events/<event>": changes("editor", "forgot an event's name"),
    "POST /apps/<slug>/key": changes("owner", "made a new key"),
    "POST /cleanup": changes("owner", "cleaned up"),
    # The dashboard
    "GET /dashboard": PAGE,
    "GET /dashboard/<name>": PAGE,
    "GET /analytics": PAGE,
    "GET /dashboard/api/state": READ,
    "GET /dashboard/api/stats": READ,
    "GET /dashboard/api/values": READ,
    "GET /dashboard/api/search": READ,
    "GET /dashboard/api/users": READ,
    "GET /dashboard/api/crashes": READ,
    "GET /dashboard/api/releases": READ,
    "GET /dashboard/api/person": READ,
    "GET /dashboard/api/server": READ_SERVER,
    # Share links: one's own; an owner's are everybody's. What they open is views/shared.py.
    "GET /links": Right("editor"),
    "POST /links": changes("editor", "shared a page", people_only=True),
    "DELETE /links/<link_id>": changes("editor", "revoked a share link"),
    # Assistants
    "POST /mcp": Right("viewer", _READ, tokens_only=True),
    # Oneself
    "GET /account": Right("viewer", _READ | {"ingest", "upload"}),
    "POST /account/password": Right("viewer", people_only=True, action="changed their password"),
    "DELETE /account/sessions": Right("viewer", people_only=True, action="ended their sessions"),
    "POST /logout": OWN,
    # API tokens: one's own; an owner's are everybody's
    "GET /tokens": Right("viewer"),
    "POST /tokens": changes("viewer", "made a token", people_only=True),
    "DELETE /tokens/<token_id>": changes("viewer", "revoked a token"),
    # Other people
    "GET /audit": OWNER,
    "GET /accounts": OWNER,
    "POST /accounts": changes("owner", "added a person", people_only=True),
    "PATCH /accounts/<account_id>": changes("owner", "changed a person", people_only=True),
    "POST /accounts/<account_id>/invite": changes(
        "owner", "made a one-time link", people_only=True
    ),
    "DELETE /accounts/<account_id>": changes("owner", "removed a person"),
}


def right_of(method: str, rule: str) -> Right:
    """Of a route as Flask writes it: "/stats/<family>"."""
    return RIGHTS.get(f"{'GET' if method == 'HEAD' else method} {rule}", OWNER)


def check(caller: Caller, right: Right, names_app: bool) -> None:
    """Raises ApiError 403."""
    if right.allows(caller, names_app):
        return
    if caller.scopes is not None:
        raise ApiError(403, "not_allowed", "this token does not allow that")
    raise ApiError(403, "not_allowed", "your role or your apps do not allow that")
