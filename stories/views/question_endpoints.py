"""The part of views/endpoints.py that is about what makers ask and what they look at first."""

from __future__ import annotations

from stories.payloads.questions import SavedChangesPayload, SavedPayload
from stories.views.endpoints import TEXT, Endpoint, Group, Parameter

APP: Parameter = ("app", TEXT, "slug of the app")
SAVED = {
    "id": 12, "app": "easel", "report": "explore", "name": "Exports by format",
    "question": {"event": ["drawing exported"], "by": ["prop.format"], "period": ["30d"]},
    "is_pinned": True, "created_at": "2026-11-21T10:00:00.000Z",
}  # fmt: skip
SAVED_ID: Parameter = ("saved_id", TEXT, "id of a saved question")

# fmt: off
_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/saved", "an app's saved questions", "basic",
             {"success": True, "app": "easel", "saved": [SAVED]}, (APP,)),
    Endpoint("POST", "/saved", "save a question under a name", "basic",
             {"success": True, "saved": SAVED}, (APP,), body=SavedPayload, statuses=(409,)),
    Endpoint("PATCH", "/saved/{saved_id}", "rename, change or pin a saved question", "basic",
             {"success": True, "saved": SAVED}, (SAVED_ID,), body=SavedChangesPayload,
             statuses=(404, 409)),
    Endpoint("DELETE", "/saved/{saved_id}", "forget a saved question", "basic", {"success": True},
             (SAVED_ID,), statuses=(404,)),
)
# fmt: on
QUESTIONS_GROUP = Group(
    "Questions", "What makers ask of their own events, by name or once.", _ENDPOINTS
)
