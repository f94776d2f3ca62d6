"""Counts page visits: GET requests that were answered with an HTML page.

Each middleware costs one queue append per page and never touches the response.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from typing import Any, Callable

from ._calls import quiet
from .client import Client

Scope = Mapping[str, Any]
Send = Callable[[Any], Awaitable[None]]
Receive = Callable[[], Awaitable[Any]]

SKIPPED = ("/static/", "/favicon.ico", "/robots.txt", "/health")
_PREFETCH = ("prefetch", "prerender", "preview")


def _is_page(status: int, content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return 200 <= status < 400 and kind in ("text/html", "application/xhtml+xml")


def _is_prefetch(purpose: str) -> bool:
    return any(word in purpose.lower() for word in _PREFETCH)


class StoriesFlask:
    """Tracks the visits of a Flask app: `StoriesFlask(app, client)`.

    skip: path prefixes that are no pages. With ProxyFix in front leave the client's
    trusted_proxies at 0: Flask's remote_addr is right already.
    """

    def __init__(self, app: Any, client: Client, skip: Iterable[str] = SKIPPED) -> None:
        self._client = client
        self._skip = tuple(skip)
        app.after_request(self._after)

    def _after(self, response: Any) -> Any:
        self._track(response)
        return response

    @quiet
    def _track(self, response: Any) -> None:
        from flask import request  # only here: Flask is no dependency

        if request.method != "GET" or request.path.startswith(self._skip):
            return
        purpose = request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or ""
        if _is_prefetch(purpose) or not _is_page(response.status_code, response.content_type or ""):
            return
        self._client.track_visit(request.environ)


class StoriesWSGI:
    """Tracks the visits of any WSGI app: `application = StoriesWSGI(application, client)`."""

    def __init__(
        self, app: Callable[..., Iterable[bytes]], client: Client, skip: Iterable[str] = SKIPPED
    ) -> None:
        self._app = app
        self._client = client
        self._skip = tuple(skip)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if environ.get("REQUEST_METHOD") != "GET":
            return self._app(environ, start_response)
        # Frameworks move parts of the path around in environ; keep what came in.
        seen = {**environ}

        def watched(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            self._track(seen, status, headers)
            return start_response(status, headers, *rest)

        return self._app(environ, watched)

    @quiet
    def _track(self, environ: dict[str, Any], status: str, headers: list[tuple[str, str]]) -> None:
        if str(environ.get("PATH_INFO") or "/").startswith(self._skip):
            return
        purpose = environ.get("HTTP_SEC_PURPOSE") or environ.get("HTTP_PURPOSE") or ""
        content_type = next(
            (value for name, value in headers if name.lower() == "content-type"), ""
        )
        if _is_page(int(status[:3]), content_type) and not _is_prefetch(purpose):
            self._client.track_visit(environ)


class StoriesASGI:
    """Tracks the visits of an ASGI app: `app = StoriesASGI(app, client)`, or with Starlette and
    FastAPI `app.add_middleware(StoriesASGI, client=client)`."""

    def __init__(
        self,
        app: Callable[[Any, Receive, Send], Awaitable[None]],
        client: Client,
        skip: Iterable[str] = SKIPPED,
    ) -> None:
        self._app = app
        self._client = client
        self._skip = tuple(skip)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("type") != "http" or scope.get("method") != "GET":
            await self._app(scope, receive, send)
            return
        seen = dict(scope)

        async def watched(message: Any) -> None:
            if message.get("type") == "http.response.start":
                self._track(seen, message)
            await send(message)

        await self._app(scope, receive, watched)

    @quiet
    def _track(self, scope: Scope, message: Mapping[str, Any]) -> None:
        if str(scope.get("path") or "/").startswith(self._skip):
            return
        content_type = b""
        for name, value in message.get("headers") or ():
            if name.lower() == b"content-type":
                content_type = value
        for name, value in scope.get("headers") or ():
            if name.lower() in (b"sec-purpose", b"purpose") and _is_prefetch(
                value.decode("latin-1")
            ):
                return
        if _is_page(int(message["status"]), content_type.decode("latin-1")):
            self._client.track_visit(scope)
