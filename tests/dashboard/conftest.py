"""One browser, one demo and one empty server for each worker; a page of its own for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.clock import NOW
from tests.dashboard.browser import (
    PAGES,
    Watched,
    ask,
    database_of_its_own,
    made_context,
    wait_for_fold,
)
from tests.dashboard.hostile import HOSTILE
from tests.support import require
from tools.demo.fill import fill
from tools.demo.issues import Makers
from tools.server import Server

# Root has no sandbox; a GPU imitated in software costs a tenth of the time.
# And pages share a process, which has compiled the dashboard's scripts once.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--renderer-process-limit=1",
]
# A moment of work takes seconds where two cores are shared by browsers, servers and PostgreSQL.
expect.set_options(timeout=15_000)
SHARE = 0.05  # of the demo: enough for two pages of people, a crash and a conversation


# For these tests and no longer: while playwright runs, nobody else here can start an event loop.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = require("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def full(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a small demo, folded, its pictures stored."""
    folder = str(tmp_path_factory.mktemp("full"))
    server = Server(
        database_of_its_own(postgres, "full"), DATA_DIR=folder, TRUSTED_PROXIES="1"
    ).wait()
    for kind in PAGES:  # before filling: another worker notices a new app after some seconds
        ask(server, "/apps", {"slug": f"bad-{kind}", "kind": kind, "name": HOSTILE[:100]})
    totals = fill(server.url, "admin:admin", datetime.now(UTC), SHARE, drawn_for=NOW)
    assert totals.refused == totals.unsent == 0
    wait_for_fold(server)
    Makers(server.url, "admin:admin").work()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def empty(postgres: str) -> Iterator[Server]:
    server = Server(database_of_its_own(postgres, "empty")).wait()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def desk(browser: Browser, full: Server) -> Iterator[BrowserContext]:
    """What a person has at their desk: light, 1,280 wide, the dashboard's files in the cache."""
    context = made_context(browser)
    context.new_page().goto(f"{full.url}/health")  # keeps the process while tests close their pages
    yield context
    context.close()


Open = Callable[[Server], Watched]


@pytest.fixture
def open_on(desk: BrowserContext) -> Iterator[Open]:
    """A page on a server; the test fails if a message, a dialog or a request elsewhere came up."""
    opened: list[Watched] = []

    def open_one(server: Server) -> Watched:
        opened.append(Watched(desk, server))
        return opened[-1]

    yield open_one
    for watched in opened:
        watched.page.close()
        assert watched.troubles == []


@pytest.fixture
def view(open_on: Open, full: Server) -> Watched:
    """A page on the demo."""
    return open_on(full)
