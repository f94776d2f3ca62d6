"""Logging: one line an event, on standard error; hostile text cannot start a line of its own."""

from __future__ import annotations

import logging
import sys


class OneLine(logging.Formatter):
    """Line breaks and control characters in messages are escaped; tracebacks keep their lines."""

    def format(self, record: logging.LogRecord) -> str:
        record.msg = "".join(
            char if char.isprintable() else char.encode("unicode_escape").decode()
            for char in record.getMessage()
        )
        record.args = None
        return super().format(record)


def configure(level: str) -> None:
    root = logging.getLogger("stories")
    root.setLevel(level.upper())
    if not root.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        root.addHandler(handler)
        root.propagate = False
