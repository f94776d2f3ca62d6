"""Counts page visits, and reports what a view raises.

A visit is a GET request that was answered with an HTML page, by no crawler. Each middleware costs
one queue append per page and never touches the response.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Iterable, Mapping
from typing import Any, Callable

from ._calls import quiet
from .client import Client

Scope = Mapping[str, Any]
Send = Callable[[Any], Awaitable[None]]
Receive = Callable[[], Awaitable[Any]]

SKIPPED = ("/static/", "/favicon.ico", "/robots.txt", "/health")
_PREFETCH = ("prefetch", "prerender", "preview")
# Crawlers, link previews, monitors, and libraries that are no browser. CUBOT is a phone.
_CRAWLER = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|archiver|scrapy|facebookexternalhit|preview|headless"
    r"|lighthouse|monitor|pingdom|uptime|curl/|wget/|python-|aiohttp|httpx|libwww|go-http-client"
    r"|okhttp|java/|node-fetch|axios|postman",
    re.IGNORECASE,
)


def _is_page(status: int, content_type: str) -> bool:
    """A redirect is none: the page that it leads to is."""
    kind = content_type.partition(";")[0].strip().lower()
    return 200 <= status < 300 and kind in ("text/html", "application/xhtml+xml")


def _is_prefetch(purpose: str) -> bool:
    return any(word in purpose.lower() for word in _PREFETCH)


def _is_crawler(user_agent: str) -> bool:
    return _CRAWLER.search(user_agent[:512]) is not None


class StoriesFlask:
    """Tracks the visits of a Flask app and reports what its views raise.

    `StoriesFlask(app, client)`; Flask turns an exception into a 500 page before any hook sees it.
    skip: path prefixes that are no pages. With ProxyFix in front leave the client's
    trusted_proxies at 0: Flask's remote_addr is right already.
    """

    def __init__(self, app: Any, client: Client, skip: Iterable[str] = SKIPPED) -> None:
        self._client = client
        self._skip = tuple(skip)
        app.after_request(self._after)
        from flask import got_request_exception  # only here: Flask is no dependency

        got_request_exception.connect(self._on_exception, app, weak=False)

    @quiet
    def _on_exception(self, sender: Any, exception: BaseException, **_: Any) -> None:
        from flask import request

        rule = request.url_rule  # the pattern: a path may name a person
        context = {"method": request.method, "route": rule.rule if rule is not None else None}
        self._client.report_crash(exception, context=context)

    def _after(self, response: Any) -> Any:
        self._track(response)
        return response

    @quiet
    def _track(self, response: Any) -> None:
        from flask import request

        if request.method != "GET" or request.path.startswith(self._skip):
            return
        purpose = request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or ""
        if _is_prefetch(purpose) or not _is_page(response.status_code, response.content_type or ""):
            return
        if not _is_crawler(request.headers.get("User-Agent") or ""):
            self._client.track_visit(request.environ)


class StoriesWSGI:
    """Tracks the visits of any WSGI app, and reports what it raises.

    `application = StoriesWSGI(application, client)`
    """

    def __init__(
        self, app: Callable[..., Iterable[bytes]], client: Client, skip: Iterable[str] = SKIPPED
    ) -> None:
        self._app = app
        self._client = client
        self._skip = tuple(skip)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        try:
            return self._answer(environ, start_response)
        except Exception as error:
            self._client.report_crash(error, context={"method": environ.get("REQUEST_METHOD")})
            raise

    def _answer(
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
        if _is_crawler(environ.get("HTTP_USER_AGENT") or ""):
            return
        purpose = environ.get("HTTP_SEC_PURPOSE") or environ.get("HTTP_PURPOSE") or ""
        content_type = next(
            (value for name, value in headers if name.lower() == "content-type"), ""
        )
        if _is_page(int(status[:3]), content_type) and not _is_prefetch(purpose):
            self._client.track_visit(environ)


class StoriesASGI:
    """Tracks the visits of an ASGI app, and reports what it raises.

    `app = StoriesASGI(app, client)`, or with Starlette and FastAPI
    `app.add_middleware(StoriesASGI, client=client)`
    """

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
        try:
            await self._answer(scope, receive, send)
        except Exception as error:
            self._client.report_crash(error, context={"method": scope.get("method")})
            raise

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
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
            text = value.decode("latin-1")
            if name.lower() in (b"sec-purpose", b"purpose") and _is_prefetch(text):
                return
            if name.lower() == b"user-agent" and _is_crawler(text):
                return
        if _is_page(int(message["status"]), content_type.decode("latin-1")):
            self._client.track_visit(scope)
