"""Writes the audit log: what was done is written after it succeeded."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, request

from database import Refused, Unavailable
from stories.accounts.callers import Caller
from stories.web import rights
from stories.web.callers import APP, SUBJECT, caller_or_none
from stories.web.services import now, services

log = logging.getLogger("stories.audit")


def note(response: Response) -> Response:
    """After each request; only those that needed a login have a caller."""
    caller = caller_or_none()
    if caller is None or response.status_code >= 400:
        return response
    if caller.by == "basic":
        with _or_warn(f"{caller.name} logged in"):
            services().accounts.log.add_basic_login(caller, now())
    rule = request.url_rule.rule if request.url_rule else ""
    action = rights.right_of(request.method, rule).action
    if action is not None and request.method != "HEAD":
        arguments = request.view_args or {}
        app = request.environ.get(APP) or arguments.get("slug") or request.args.get("app")
        write(caller, action, request.environ.get(SUBJECT), app)
    return response


def write(caller: Caller, action: str, subject: str | None = None, app: str | None = None) -> None:
    with _or_warn(f"{caller.name} {action}"):
        services().accounts.log.add(caller, action, now(), subject, app)


@contextmanager
def _or_warn(what: str) -> Iterator[None]:
    """What was done stays done: an entry that cannot be written goes to the server's log."""
    try:
        yield
    except (Unavailable, Refused) as error:
        log.warning("%s, and the audit log could not be written: %s", what, error)
