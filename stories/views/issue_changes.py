"""What changes an issue: PATCH /issues and /issues/{id}, POST /issues/{id}/merge, /unmerge and /undo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response
from msgspec import UNSET

from database import Transaction
from stories.catalogue import App
from stories.crashes import states
from stories.crashes.reading import page
from stories.crashes.states import StateError
from stories.errors import ApiError, bad_request
from stories.payloads.issues import (
    OPTIONS,
    IssueChangesPayload,
    ManyIssuesPayload,
    MergePayload,
    UndoPayload,
    UnmergePayload,
)
from stories.privacy import labels
from stories.views.issues import app_and_number, found, whole
from stories.web import parameters
from stories.web.answers import answer
from stories.web.callers import caller, names_subject
from stories.web.json_body import read_json
from stories.web.services import now, services

blueprint = Blueprint("issue_changes", __name__)


@blueprint.patch("/issues/<name>")
def change_issue(name: str) -> Response:
    parameters.known()
    app, number = app_and_number(name)
    body = read_json(IssueChangesPayload)
    _check(body)
    with _changing(app, number, name) as (tx, issue_id):
        _change(tx, issue_id, body)
    return _answer(app, number)


@blueprint.patch("/issues")
def change_issues() -> Response:
    """The same change to each of `ids`: {"changed": [id], "refused": [{id, code, error}]}."""
    parameters.known("app")
    parameters.app()
    body = read_json(ManyIssuesPayload)
    _check(body)
    changed, refused, slugs = [], [], set()
    for name in dict.fromkeys(body.ids):
        try:
            app, number = app_and_number(name)
            with _changing(app, number, name) as (tx, issue_id):
                _change(tx, issue_id, body)
            changed.append(name)
            slugs.add(app.slug)
        except ApiError as error:
            if error.status >= 500:
                raise
            refused.append({"id": name, "code": error.code, "error": error.sentence})
    names_subject(", ".join(changed)[:200], slugs.pop() if len(slugs) == 1 else None)
    return answer({"success": True, "changed": changed, "refused": refused})


@blueprint.post("/issues/<name>/merge")
def merge_issues(name: str) -> Response:
    """The issue in the address gets the groups of those in the body."""
    parameters.known()
    app, number = app_and_number(name)
    body = read_json(MergePayload)
    others = [app_and_number(other) for other in dict.fromkeys(body.issues)]
    if any(other.app_id != app.app_id for other, _ in others):
        raise bad_request("other_app", "issues: all must be of the same app", parameter="issues")
    with _changing(app, number, f"{name}: {', '.join(body.issues)}") as (tx, issue_id):
        ids = [found(tx, app, other)["issue_id"] for _, other in others]
        states.merge(tx, issue_id, ids, caller().name)
    return _answer(app, number)


@blueprint.post("/issues/<name>/unmerge")
def unmerge_issue(name: str) -> Response:
    """{"issue", "issues": where the groups went}."""
    parameters.known()
    app, number = app_and_number(name)
    body = read_json(UnmergePayload)
    groups = [bytes.fromhex(each) for each in dict.fromkeys(body.fingerprints)]
    with _changing(app, number, name) as (tx, issue_id):
        went_to = states.unmerge(tx, issue_id, groups, caller().name)
        names = page.names(tx, app, went_to)
    return _answer(app, number, issues=names)


@blueprint.post("/issues/<name>/undo")
def undo_change(name: str) -> Response:
    parameters.known()
    app, number = app_and_number(name)
    read_json(UndoPayload)
    with _changing(app, number, name) as (tx, issue_id):
        states.undo(tx, issue_id, caller().name)
    return _answer(app, number)


def _check(body: IssueChangesPayload) -> None:
    """Whether its fields go together. Raises ApiError 400."""
    options = body.options()
    if body.state is UNSET:
        if options:
            raise _wrong(next(iter(options)), "needs a state")
        if body.note is UNSET:
            raise _wrong("state", "or note is needed")
        return
    if len(options) > 1:
        first, second = list(options)[:2]
        raise _wrong(second, f"cannot be combined with {first}")
    for name in options:
        if name not in OPTIONS[body.state]:
            raise _wrong(name, f"does not go with {body.state}")
    if body.in_version is not UNSET and labels.version(body.in_version) is None:
        raise _wrong("in_version", "must be a version such as 1.2.0, as the app sends it")
    if body.until is not UNSET and body.until <= now():
        raise _wrong("until", "must be in the future")


def _wrong(field: str, sentence: str) -> ApiError:
    return bad_request("invalid_body", f"{field} {sentence}", parameter=field)


def _change(tx: Transaction, issue_id: int, body: IssueChangesPayload) -> None:
    who, options = caller().name, body.options()
    if body.state == "open":
        states.open_issue(tx, issue_id, who)
    elif body.state == "resolved":
        version = labels.version(options.get("in_version"))
        states.resolve(tx, issue_id, who, **{**options, "in_version": version})
    elif body.state == "muted":
        limits = {name: options.get(name) for name in OPTIONS["muted"]}
        states.mute(tx, issue_id, who, **limits)
    if body.note is not UNSET:
        states.write_note(tx, issue_id, body.note, who)


@contextmanager
def _changing(app: App, number: int, subject: str) -> Iterator[tuple[Transaction, int]]:
    """A transaction, and the issue in it. What the state does not allow is a 409."""
    services().freshen()
    try:
        with services().database.transaction() as tx:
            yield tx, found(tx, app, number)["issue_id"]
    except StateError as error:
        raise ApiError(409, error.code, error.sentence) from None
    names_subject(subject[:200], app.slug)


def _answer(app: App, number: int, **more: Any) -> Response:
    """The issue as it is now: read where it was written, whatever a replica knows yet."""
    with services().database.transaction(30, read_only=True) as tx:
        issue = whole(tx, app, number)
    return answer({"success": True, "issue": issue, **more})
