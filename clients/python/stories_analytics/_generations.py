"""The generator's calls (docs/COMPATIBILITY.md): page visits and generation attempts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ._calls import Calls, quiet
from ._plain import text
from ._requests import visitor_of
from ._types import Queued


class GenerationCalls(Calls):
    """An address is sent to your own server, which keeps a keyed hash of it and nothing else."""

    _trusted_proxies: int

    @quiet
    def track_visit(
        self,
        request: Any = None,
        *,
        path: str | None = None,
        user_agent: str | None = None,
        ip: str | None = None,
        visitor_id: str | None = None,
        id: str | None = None,
        timestamp: datetime | None = None,
    ) -> Queued:
        """A page was visited.

        request: a Flask, Django or Starlette request, a WSGI environ or an ASGI scope; what is
        named explicitly wins over it. visitor_id: your own id of the visitor, sent instead of ip.
        """
        seen = visitor_of(request, self._trusted_proxies) if request is not None else None
        if seen is not None:
            path = seen.path if path is None else path
            user_agent = seen.user_agent if user_agent is None else user_agent
            ip = seen.ip if ip is None else ip
        fields = {
            "id": text(id, 100),
            "path": text(path.partition("?")[0].partition("#")[0], 500) if path else None,
            "user_agent": text(user_agent, 500),
            "ip": text(ip, 64) if visitor_id is None else None,
            "visitor_id": text(visitor_id, 200),
        }
        return self._queue("visit", fields, timestamp)

    @quiet
    def track_generation(
        self,
        success: bool,
        *,
        has_text: bool | None = None,
        error_message: str | None = None,
        processing_time: float | None = None,
        ip: str | None = None,
        visitor_id: str | None = None,
        request: Any = None,
        id: str | None = None,
        timestamp: datetime | None = None,
    ) -> Queued:
        """Something was generated, or not. processing_time: seconds. error_message: scrubbed.

        request: whose it was, read as in track_visit, when neither ip nor visitor_id is given.
        """
        if ip is None and visitor_id is None and request is not None:
            seen = visitor_of(request, self._trusted_proxies)
            ip = seen.ip if seen is not None else None
        fields = {
            "id": text(id, 100),
            "success": bool(success),
            "has_text": None if has_text is None else bool(has_text),
            "error_message": text(error_message, 2_000),
            "processing_time": None if processing_time is None else _seconds(processing_time),
            "ip": text(ip, 64) if visitor_id is None else None,
            "visitor_id": text(visitor_id, 200),
        }
        return self._queue("generation", fields, timestamp)


def _seconds(value: Any) -> float | None:
    """A duration that the server takes: finite and not negative."""
    seconds = float(value)
    return seconds if 0.0 <= seconds < 1e12 else None
