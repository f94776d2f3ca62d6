"""Who this request speaks for, once web/access.py has found out."""

from __future__ import annotations

from typing import cast

from flask import request

from stories.accounts.callers import Caller
from stories.catalogue import App
from stories.web.services import services

CALLER, SUBJECT, APP = "stories.caller", "stories.subject", "stories.app"


def caller() -> Caller:
    """Only where the route needs a login."""
    return cast(Caller, request.environ[CALLER])


def has_app(app: App) -> bool:
    """Also on open routes, where nobody is asked who they are."""
    known: Caller | None = request.environ.get(CALLER)
    return known is None or known.has_app(app.app_id)


def own_apps() -> list[App]:
    """In the order they were made."""
    return [app for app in services().apps.all() if has_app(app)]


def default_app(kind: str) -> App | None:
    """The default app of a kind, or the caller's first of it where they may not see that one."""
    default = services().apps.default(kind)
    if default is None or has_app(default):
        return default
    return next((app for app in own_apps() if app.kind == kind), None)


def caller_or_none() -> Caller | None:
    return cast("Caller | None", request.environ.get(CALLER))


def names_subject(subject: str | None = None, app: str | None = None) -> None:
    """What the audit log's entry of this request is to name; app: its slug."""
    request.environ[SUBJECT], request.environ[APP] = subject, app
