"""Pages of an app whose SDK counts sessions."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.dashboard.browser import ask, wait_for_fold
from tests.support import event


@pytest.fixture
def app(empty):
    """The slug of an app of its own with three sessions of 1.0, of which one crashed."""
    slug = f"sessions-{datetime.now(UTC):%H%M%S%f}"
    made = ask(empty, "/apps", {"slug": slug, "kind": "desktop", "name": "Sessions"})["app"]
    headers = {"X-App-Key": made["ingest_key"]}
    ask(empty, "/track", {"events": [event(app_version="1.0")]}, headers=headers)
    send(empty, made, "exited", "exited", "crashed")
    wait_for_fold(empty)
    return slug


def send(server: Any, app: Any, *statuses: str) -> None:
    started = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    lines = ["{}"]
    for number, status in enumerate(statuses):
        item = {
            "sid": f"{number:032x}",
            "started": started,
            "status": status,
            "attrs": {"release": "stories@1.0"},
        }
        lines += ['{"type": "session"}', json.dumps(item)]
    number = urlsplit(app["dsn"]).path.strip("/")
    address = f"/api/{number}/envelope/?sentry_key={app['ingest_key']}"
    body = "\n".join(lines).encode()
    with urllib.request.urlopen(server.url + address, body, timeout=30) as answer:
        assert answer.status == 200


def test_stability_shows_sessions_where_there_are_some(open_on, empty, app):
    page = open_on(empty).go(f"/dashboard/stability?app={app}&period=7d")
    tile = page.locator("[data-number='stability.crash_free_sessions']")
    expect(tile.locator(".value")).to_contain_text("66.7")
    expect(tile).to_contain_text("of 3 sessions")
    expect(page.locator("[data-card='session-versions']")).to_contain_text("of 3")
    expect(page.locator("[data-card='session-days'] canvas")).to_be_visible()


def test_releases_show_sessions_beside_people(open_on, empty, app):
    page = open_on(empty).go(f"/dashboard/releases?app={app}&period=7d")
    head = page.locator("[data-card='list'] thead")
    expect(head).to_contain_text("Crash-free sessions")
    expect(page.locator("[data-card='list'] tbody tr").first).to_contain_text("66.7")
    page = open_on(empty).go(f"/dashboard/release?app={app}&version=1.0&period=7d")
    expect(page.locator("[data-number='release.sessions'] .value")).to_have_text("3")


def test_without_any_there_is_nothing_about_them(open_on, full):
    page = open_on(full).go("/dashboard/stability?app=desktop&period=7d&filter=country:is:DE")
    expect(page.locator("[data-card='crashed']")).to_be_visible()
    expect(page.locator("[data-number='stability.sessions']")).to_be_hidden()
    expect(page.locator("[data-card='session-days']")).to_be_hidden()
    expect(page.locator("#coverage")).not_to_contain_text("Crash-free sessions")
