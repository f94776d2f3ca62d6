"""Limits for slow clients: how long one may take, and how much memory it may use meanwhile.

A greenlet that waits for a slow client costs little; what it has read so far, and a database
connection whose answer nobody takes, cost more.
"""

from __future__ import annotations

from typing import Any, Self

from gevent import Timeout, monkey

from stories.errors import ApiError

SEND_SECONDS = 60.0  # without a byte being taken; then the connection is closed
BODY_SECONDS = 30.0  # for a whole body
BODIES_BYTES = 64 * 1024 * 1024  # of all half-read bodies of a worker
SMALL = 64 * 1024


class SlowClientLimits:
    """WSGI middleware: an answer that the client does not take for SEND_SECONDS is given up."""

    def __init__(self, wsgi: Any) -> None:
        self._wsgi = wsgi

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if (socket := environ.get("gunicorn.socket")) is not None:
            socket.settimeout(SEND_SECONDS)
        return self._wsgi(environ, start_response)


class TooSlow(ApiError):
    def __init__(self) -> None:
        super().__init__(408, "body_too_slow", f"the body took over {BODY_SECONDS:.0f} seconds")


class Body:
    """A body being read, or waiting for its turn: `with Body() as body`, `body.got` each of its pieces,
    `body.complete` when there is no more to come. Raises TooSlow past BODY_SECONDS."""

    being_read = 0  # how many in this process, those that wait included
    _all_held = 0  # bytes of all of them

    def __enter__(self) -> Self:
        self._held = 0
        Body.being_read += 1
        # Where nothing is patched (tests, commands) there is no client, and nobody to wake us.
        seconds = BODY_SECONDS if monkey.is_module_patched("socket") else None
        self._timer = Timeout.start_new(seconds, TooSlow)
        return self

    def got(self, size: int) -> None:
        """Raises ApiError 503 when half-read bodies take too much memory. Small ones are let
        through: nobody's few events shall wait for somebody's megabytes."""
        self._held += size
        Body._all_held += size
        if self._held > SMALL and Body._all_held > BODIES_BYTES:
            raise ApiError(
                503, "busy", "too many large bodies are being sent at once", retry_after=1
            )

    def complete(self) -> None:
        self._timer.close()

    def __exit__(self, *_: object) -> None:
        self._timer.close()
        Body._all_held -= self._held
        Body.being_read -= 1
