"""DELETE /questions/{question_id}: ends a question that is being answered, in whichever worker."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response

from stories.errors import ApiError
from stories.web.answers import answer
from stories.web.asking import end_question

blueprint = Blueprint("questions", __name__)


@blueprint.delete("/questions/<question_id>")
def cancel(question_id: str) -> Response:
    """{"ended": whether it was being answered}. Its own answer is a 409 then. Who asked gave it the id,
    which nobody can guess."""
    try:
        question = UUID(question_id)
    except ValueError:
        raise ApiError(404, "not_found", "a question's id is a UUID") from None
    return answer({"success": True, "ended": end_question(question)})
