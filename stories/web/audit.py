"""Writes the audit log: what was done is written after it succeeded."""

from __future__ import annotations

import logging
import time

from flask import Response, request

from database import Refused, Unavailable
from stories.accounts.callers import Caller
from stories.web import rights
from stories.web.callers import APP, SUBJECT, caller_or_none
from stories.web.services import now, services

log = logging.getLogger("stories.audit")

LOGIN_SECONDS = (
    3600.0  # a browser sends Basic with every request: after an hour it is a login again
)
_logins: dict[str, float] = {}  # name -> when it was last written, in seconds of monotonic()


def note(response: Response) -> Response:
    """After each request; only those that needed a login have a caller."""
    caller = caller_or_none()
    if caller is None or response.status_code >= 400:
        return response
    if caller.by == "basic" and _is_new(caller):
        write(caller, "logged in", "by HTTP Basic")
    rule = request.url_rule.rule if request.url_rule else ""
    action = rights.right_of(request.method, rule).action
    if action is not None and request.method != "HEAD":
        arguments = request.view_args or {}
        app = request.environ.get(APP) or arguments.get("slug") or request.args.get("app")
        write(caller, action, request.environ.get(SUBJECT), app)
    return response


def write(caller: Caller, action: str, subject: str | None = None, app: str | None = None) -> None:
    """What was done stays done: an entry that cannot be written goes to the server's log."""
    try:
        services().accounts.log.add(caller, action, now(), subject, app)
    except (Unavailable, Refused) as error:
        log.warning("%s %s, and the audit log could not be written: %s", caller.name, action, error)


def _is_new(caller: Caller) -> bool:
    """Whether it is an hour since this worker has written that this person logged in."""
    before, moment = _logins.get(caller.name), time.monotonic()
    if before is not None and moment - before < LOGIN_SECONDS:
        return False
    _logins[caller.name] = moment
    return True
