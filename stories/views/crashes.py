"""GET /crashes/{id}: one crash with its stack as frames; and crashes as this and the issues' answers
have them."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response

from database import Row
from stories.catalogue import App
from stories.crashes.reading import real_names, stored
from stories.errors import ApiError
from stories.views import rows
from stories.web import parameters
from stories.web.answers import answer
from stories.web.callers import default_app
from stories.web.services import services

blueprint = Blueprint("stored_crashes", __name__)

Feedback = dict[int, list[dict[str, Any]]]  # by dedupe key


@blueprint.get("/crashes/<crash_id>")
def show_crash(crash_id: str) -> Response:
    """user_id, timestamp: of the same crash; the three are its key."""
    parameters.known("app", "user_id", "timestamp")
    app = parameters.app() or default_app("desktop")
    if app is None:
        raise parameters.wrong("app", "must name an app: there is no default desktop app")
    key = {
        "app_id": app.app_id,
        "user_id": _needed("user_id", parameters.uuid("user_id")),
        "timestamp": _needed("timestamp", parameters.moment("timestamp", app.zone)),
        "dedupe_key": _dedupe_key(crash_id),
    }
    with rows.reading() as tx:
        row = tx.row("crashes/find_crash", **key)
        if row is None:
            raise _unknown()
        issue = tx.row("crashes/issue_of_crash", **key)
        feedback = stored.read_feedback(tx, app, [row])
    [crash] = described(app, [row], feedback)
    of = issue and {**issue, "id": f"{app.slug}-{issue['number']}"}
    return answer({"success": True, "crash": crash, "issue": of})


def described(app: App, page: list[Row], feedback: Feedback) -> list[dict[str, Any]]:
    """page: rows of crashes/group_crashes or crashes/find_crash."""
    crashes = [real_names.named(app, row) for row in page]
    with services().reading() as tx:
        uploads = real_names.read_uploads(tx, app, page, crashes)
    for crash, row in zip(crashes, page, strict=True):
        real_names.explain(crash, row, uploads)
    return [
        _crash(row, crash, feedback[row["dedupe_key"]])
        for row, crash in zip(page, crashes, strict=True)
    ]


def _crash(row: Row, crash: real_names.Named, feedback: list[dict[str, Any]]) -> dict[str, Any]:
    whole, detail = row.pop("kept"), row.pop("detail") or {}
    fingerprint = row.pop("fingerprint")
    return {
        **rows.crash_row(row),
        "whole": whole,
        "fingerprint": None if fingerprint is None else bytes(fingerprint).hex(),
        "chain": real_names.chain_shown(crash),
        "frames": real_names.frames_shown(crash),
        "mapped": crash.mapped,
        "dump": detail.get("dump"),
        "feedback": feedback,
    }


def _needed(name: str, value: Any) -> Any:
    if value is None:
        raise parameters.wrong(name, "is required")
    return value


def _dedupe_key(crash_id: str) -> int:
    """Of a crash_id, as rows.crash_row makes it."""
    if not re.fullmatch("[0-9a-f]{16}", crash_id):
        raise _unknown()
    return int.from_bytes(bytes.fromhex(crash_id), "big", signed=True)


def _unknown() -> ApiError:
    return ApiError(404, "unknown_crash", "there is no such crash, or it is no longer stored")
