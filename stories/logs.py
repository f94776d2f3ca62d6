"""Logging on standard error: one line an entry, as text or JSON; hostile text cannot start a line of
its own."""

from __future__ import annotations

import copy
import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

# Of the request that is being answered; answers carry it as X-Request-Id.
request_id: ContextVar[str] = ContextVar("request_id", default="")


class OneLine(logging.Formatter):
    """Line breaks and control characters are escaped; tracebacks keep their lines, indented, so that
    none can pass for an entry."""

    def format(self, record: logging.LogRecord) -> str:
        own = copy.copy(record)  # others format it too
        own.msg, own.args = _plain(record.getMessage()), None
        if about := getattr(record, "request", None):
            own.msg += " " + " ".join(f"{name}={value}" for name, value in about.items())
        if current := request_id.get():
            own.msg += f" [{current}]"
        return super().format(own)

    def formatException(self, ei: Any) -> str:  # noqa: N802 (logging's name)
        lines = super().formatException(ei).splitlines()
        return "\n".join("    " + _plain(line) for line in lines)


class Json(logging.Formatter):
    """An object a line: time, level, logger, message; request_id and what is known of the request; a
    traceback in one field."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).replace(tzinfo=None)
        entry = {
            "time": moment.isoformat(timespec="milliseconds") + "Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if current := request_id.get():
            entry["request_id"] = current
        entry |= getattr(record, "request", {})
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry)  # in ASCII: no character of it ends a line for anybody


def _plain(text: str) -> str:
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def configure(level: str, form: str = "text") -> None:
    """Set level and form ("text" or "json") of our own loggers, and the form of gunicorn's if it has
    begun to log."""
    formatter = (
        Json() if form == "json" else OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    root = logging.getLogger("stories")
    root.setLevel(level.upper())
    if not root.handlers:
        root.addHandler(logging.StreamHandler(sys.stderr))
        root.propagate = False
    for handler in root.handlers + logging.getLogger("gunicorn.error").handlers:
        handler.setFormatter(formatter)
