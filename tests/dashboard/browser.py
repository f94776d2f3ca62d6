"""The dashboard in a real Chromium: databases, addresses, and pages that are watched."""

from __future__ import annotations

import json
import os
import re
import time
import urllib.request
from typing import Any, Literal
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit

import psycopg2
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request

from tests.support import basic
from tools.server import Server

LOGIN = basic("admin", "admin")
PAGES = {
    "desktop": (
        "",
        "/growth",
        "/usage",
        "/adoption",
        "/quality",
        "/stability",
        "/costs",
        "/issues",
        "/crashes",
        "/releases",
        "/explore",
        "/funnels",
        "/retention",
        "/experiments",
        "/live",
        "/events",
        "/users",
        "/alerts",
        "/settings",
        "/people",
        "/tokens",
        "/links",
        "/symbols",
        "/log",
        "/account",
    ),
    "website": (
        "",
        "/issues",
        "/crashes",
        "/releases",
        "/explore",
        "/live",
        "/events",
        "/users",
        "/alerts",
    ),
    "generator": (
        "",
        "/issues",
        "/crashes",
        "/releases",
        "/explore",
        "/live",
        "/events",
        "/users",
        "/alerts",
    ),
    "bot": (
        "",
        "/issues",
        "/crashes",
        "/releases",
        "/explore",
        "/live",
        "/events",
        "/users",
        "/alerts",
    ),
}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NAMELESS = """[...document.querySelectorAll('button, a[href], summary, select, input')].filter(
    e => e.checkVisibility() && !e.innerText?.trim() && !e.ariaLabel && !e.labels?.length
).map(e => e.outerHTML)"""


def database_of_its_own(postgres: str, name: str) -> str:
    """A migrated, empty database beside the tests' others; returns its DSN."""
    name = f"{name}_{os.getpid()}"
    connection = psycopg2.connect(postgres)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"create database {name} template template_stories strategy file_copy")
    connection.close()
    return postgres.replace("/stories_analytics?", f"/{name}?")


def ask(
    server: Server,
    path: str,
    body: Any = None,
    method: str | None = None,
    headers: dict[str, str] | None = None,
) -> Any:
    """JSON from the server, as the dashboard's own user."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        server.url + path,
        data,
        {"Content-Type": "application/json", **LOGIN, **(headers or {})},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.load(response)
    except HTTPError as error:
        error.add_note(f"{path}: {error.read()[:500]!r}")
        raise
    if path == "/apps" and data:
        time.sleep(0.3)  # longer than a worker takes a key for unknown after its last look
    return answer


def wait_for_fold(server: Server, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while ask(server, "/dashboard/api/server")["fold"]["waiting"]:
        assert time.monotonic() < deadline, "the fold did not come to an end"
        time.sleep(0.3)


def addresses(server: Server, apps: dict[str, str] | None = None) -> list[str]:
    """Every page there is, with those of single crashes, issues and people. apps: slug of each kind."""
    apps = apps or {kind: kind for kind in PAGES}
    paths = [
        f"/dashboard{page}?app={apps[kind]}" for kind, pages in PAGES.items() for page in pages
    ]
    for crash in ask(server, f"/crashes?limit=1&app={apps['desktop']}")["crashes"]:
        paths.append(
            f"/dashboard/crash?app={apps['desktop']}&id={crash['crash_id']}"
            f"&user={crash['user_id']}&at={quote(crash['timestamp'])}"
        )
    for slug in apps.values():
        for issue in ask(server, f"/issues?limit=2&app={slug}")["issues"]:
            paths.append(f"/dashboard/issue?app={slug}&id={issue['id']}")
        for release in ask(server, f"/releases?app={slug}")["releases"][:1]:
            paths.append(f"/dashboard/release?app={slug}&version={quote(release['version'])}")
    for kind, slug in apps.items():
        for person in ask(server, f"/users?limit=1&app={slug}")["users"]:
            known_by = (person["external_id"] if kind == "bot" else None) or person["user_id"]
            paths.append(f"/dashboard/person?app={slug}&id={quote(known_by)}")
    return paths


class Watched:
    """A page that remembers everything that should not have happened."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.page: Page = context.new_page()
        self.server = server
        self.troubles: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._add(str(error)))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._add(message.text)

    def _dialog(self, dialog: Dialog) -> None:
        self._add(f"dialog {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.server.url, "data:", "blob:")):
            self._add(request.url)

    def _add(self, text: str) -> None:
        self.troubles.append(f"{urlsplit(self.page.url).path}: {text}")

    def go(self, path: str) -> Page:
        self.page.goto(self.server.url + path, wait_until="commit")
        self.ready()
        return self.page

    def ready(self) -> None:
        self.page.wait_for_selector("body[data-ready]", timeout=20_000)

    def darken(self) -> None:
        """The same page in the dark, redrawn."""
        self.page.emulate_media(color_scheme="dark")
        self.page.wait_for_selector("body[data-ready=draw], body[data-ready=empty]")

    def overflow(self) -> int:
        return int(self.page.evaluate(OVERFLOW))

    def nameless(self) -> list[str]:
        elements: list[str] = self.page.evaluate(NAMELESS)
        return elements

    def after(self, change: Any) -> None:
        """Do something that makes the page load its numbers anew, and wait until it has."""
        self.page.evaluate("delete document.body.dataset.ready")
        change()
        self.ready()
        # playwright hears of a changed address from another process than of the page's content.
        address = self.page.evaluate("location.href")
        self.page.wait_for_url(lambda url: url == address, wait_until="commit")


def made_context(
    browser: Browser, theme: Literal["light", "dark"] = "light", width: int = 1280
) -> BrowserContext:
    """A browser of its own: no cache, nothing stored, logged in."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=theme,
        accept_downloads=True,
        extra_http_headers=LOGIN,  # http_credentials would turn the cache off
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    return context


def shown(page: Page, path: str) -> float | None:
    text = page.locator(f"[data-number='{path}'] .exact").text_content() or ""
    digits = re.sub(r"[$,%hs ]", "", text)
    return float(digits) if re.fullmatch(r"-?[\d.]+", digits) else None


def compare(page: Page, answer: dict[str, Any], besides: str = "-") -> int:
    """Every number card of the page but those whose names begin with `besides` against an answer that
    has them in their places; returns how many there were."""
    cards = [card.get_attribute("data-number") for card in page.locator("[data-number]").all()]
    for card in cards:
        assert card is not None
        if card.startswith(besides):
            continue
        value: Any = answer
        for name in card.split("."):
            value = value.get(name) if value is not None else None
        assert shown(page, card) == (None if value is None else pytest.approx(value, rel=1e-4)), (
            card
        )
    return len(cards)
