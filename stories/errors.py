"""Errors that are told to a client or to the operator. Every refusal has one shape and a stable code.

The code is what a client may branch on, what the log line carries and what the drop ledger and the
metrics count; the sentence is for the person who reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class SetupError(Exception):
    """The operator has to change something (a setting, a port, a server). One plain sentence."""


@dataclass
class ApiError(Exception):
    """A refusal on its way to the client.

    status: HTTP status. code: stable reason in snake_case. sentence: what was wrong, naming the field.
    details: one entry per item or parameter, each `{"code", "error", …}`.
    retry_after: whole seconds, sent as Retry-After.
    """

    status: int
    code: str
    sentence: str
    details: list[dict[str, Any]] = field(default_factory=list)
    retry_after: int | None = None

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"

    def body(self) -> dict[str, Any]:
        return {
            "success": False,
            "error": self.sentence,
            "code": self.code,
            "details": self.details,
        }


def bad_request(code: str, sentence: str, **where: Any) -> ApiError:
    """A 400; `where` names the parameter or item, e.g. `parameter="limit"`."""
    details = [{**where, "code": code, "error": sentence}] if where else []
    return ApiError(400, code, sentence, details)


def unavailable(sentence: str, retry_after: int = 5) -> ApiError:
    """A 503: the database is away or too slow; nothing was stored, so sending again is right."""
    return ApiError(503, "database_unavailable", sentence, retry_after=retry_after)
