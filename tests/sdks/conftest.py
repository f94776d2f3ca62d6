"""The real server, with a limit for each sender; a page's origin; a browser; SDKs at work."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.sdks.dying import compile_program, handler_of
from tests.sdks.proxy import Proxy
from tests.sdks.sdks import INSTALLED, Page, Process, Receiver, Sdk, Start, Trial, closing
from tests.support import require
from tools.server import Server

LIMIT = 25  # requests of a sender in a minute
WRONG_KEY = "0" * 32
_slugs = itertools.count(1)


@pytest.fixture(scope="session")
def sdk_server(postgres: str) -> Iterator[tuple[Server, str]]:
    """The server and the DSN of its database."""
    assert INSTALLED.is_dir(), "the SDKs are not installed: run `make sdks`"
    dsn = _database(postgres, "sdks")
    with Server(
        dsn,
        options=("--workers", "1"),  # each would count for itself
        RATELIMIT_ENABLED="true",
        RATELIMIT_INGEST=str(LIMIT),
        TRUSTED_PROXIES="1",
    ) as server:
        yield server.wait(), dsn


@pytest.fixture(scope="session")
def lone_server(postgres: str) -> Iterator[Server]:
    """One whose database has gone away: it answers 503."""
    dsn = _database(postgres, "lone")
    with Server(dsn, options=("--workers", "1")) as server:
        server.wait()
        _run(postgres, "alter database lone allow_connections false")
        _run(
            postgres,
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'lone'",
        )
        yield server


def _database(postgres: str, name: str) -> str:
    _run(postgres, f"create database {name} template template_stories strategy file_copy")
    return postgres.replace("/stories_analytics?", f"/{name}?")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = require("chromium")
    chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that dies."""
    return compile_program(tmp_path_factory.mktemp("program"))


@pytest.fixture
def handler(tmp_path: Path) -> list[str]:
    return handler_of(tmp_path)


@pytest.fixture
def proxy(sdk_server: tuple[Server, str]) -> Iterator[Proxy]:
    server, _ = sdk_server
    made = Proxy(server.port)
    yield made
    made.go_away()


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """A site whose pages hold nothing yet."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>A page</title><body>")

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    site = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield f"http://localhost:{site.server_address[1]}"
    site.shutdown()
    site.server_close()


@pytest.fixture(scope="session")
def start_receiver(sdk_server: tuple[Server, str]) -> Callable[[], Receiver]:
    """Makes an app."""
    server, dsn = sdk_server
    return lambda: Receiver(server.url, f"sdk-{next(_slugs)}", lambda text: _run(dsn, text))


@pytest.fixture(scope="module")
def start(
    sdk_server: tuple[Server, str],
    start_receiver: Callable[[], Receiver],
    origin: str,
    request: pytest.FixtureRequest,
) -> Iterator[Start]:
    """Starts an SDK on an app of its own. key: another than the app's. port: of another server."""
    server, _ = sdk_server
    trials: list[Trial] = []

    def begin(sdk: Sdk, key: str | None = None, coding: str | None = None, **more: Any) -> Trial:
        receiver = start_receiver()
        proxy = Proxy(server.port)
        key = key or receiver.key
        host = proxy.url.removeprefix("http://")
        settings = {
            "url": proxy.url,
            "key": key,
            "dsn": f"http://{key}@{host}/{receiver.app_id}",
            "coding": coding,
            **more,
        }
        program: Any
        if sdk.is_page:
            program = Page(request.getfixturevalue("browser"), origin, sdk.name, settings)
        else:
            program = Process(sdk.name, settings)
        trials.append(Trial(sdk, receiver, proxy, program))
        return trials[-1]

    with closing(trials):
        yield begin


def _run(dsn: str, statement: str) -> list[Any]:
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
