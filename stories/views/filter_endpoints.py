"""The part of views/endpoints.py that is about filters: the parameters that routes with a filter take,
segments, and questions that are being answered."""

from __future__ import annotations

from stories.payloads.segments import SegmentChangesPayload, SegmentPayload
from stories.views.endpoints import TEXT, UUID, Endpoint, Group, Schema

QUESTION_ID = ("question_id", UUID, "the id that who asked gave to the question")
SEGMENT: Schema = {
    "id": 1, "app": "desktop", "name": "Paid on Macs",
    "filter": ["platform_family:is:macOS", "prop.plan:is:paid"], "ready": False,
    "progress": {"days": 90, "filled": 31}, "created_at": "2026-11-21T10:00:00.000Z",
}  # fmt: skip
APP = ("app", TEXT, "slug of the app")
SEGMENT_ID = ("segment_id", TEXT, "id of a segment")

# fmt: off
_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/segments", "an app's segments, and how far they are counted", "basic",
             {"success": True, "app": "desktop", "segments": [SEGMENT]}, (APP,)),
    Endpoint("POST", "/segments", "save conditions under a name, to be counted by", "basic",
             {"success": True, "segment": SEGMENT}, (APP,), body=SegmentPayload, statuses=(409,)),
    Endpoint("PATCH", "/segments/{segment_id}", "rename a segment, or give it another filter", "basic",
             {"success": True, "segment": SEGMENT}, (SEGMENT_ID,), body=SegmentChangesPayload,
             statuses=(404, 409)),
    Endpoint("DELETE", "/segments/{segment_id}", "remove a segment and what is counted by it", "basic",
             {"success": True}, (SEGMENT_ID,), statuses=(404,)),
    Endpoint("DELETE", "/questions/{question_id}", "end a question that is being answered", "basic",
             {"success": True, "ended": True}, (QUESTION_ID,), statuses=(404,)),
)
# fmt: on
FILTERS_GROUP = Group(
    "Filters", "Conditions with a name; ending a question that takes long.", _ENDPOINTS
)
