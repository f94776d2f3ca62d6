"""The part of views/endpoints.py that is about filters: the parameters that routes with a filter take,
segments, and questions that are being answered."""

from __future__ import annotations

from stories.views.endpoints import UUID, Endpoint, Group

QUESTION_ID = ("question_id", UUID, "the id that who asked gave to the question")

# fmt: off
_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("DELETE", "/questions/{question_id}", "end a question that is being answered", "basic",
             {"success": True, "ended": True}, (QUESTION_ID,), statuses=(404,)),
)
# fmt: on
FILTERS_GROUP = Group(
    "Filters", "Conditions with a name; ending a question that takes long.", _ENDPOINTS
)
