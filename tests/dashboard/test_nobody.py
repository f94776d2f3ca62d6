"""Pages of apps whose SDKs tell no people, or not always."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from stories.privacy import ids
from tests.dashboard.browser import ask
from tests.support import event

SESSION = str(ids.NOBODY)[:-12] + "0123456789ab"


@pytest.fixture
def send(empty):
    """Of an app of its own: send(user_id) tells it an event of now; send.slug."""
    slug = f"nobody-{datetime.now(UTC):%H%M%S%f}"
    key = ask(empty, "/apps", {"slug": slug, "kind": "desktop", "name": "Nobody"})["app"]

    def send(user_id: str, **changes: Any) -> None:
        items = {"events": [event(user_id=user_id, **changes)]}
        headers = {"X-App-Key": key["ingest_key"]}
        assert ask(empty, "/track", items, headers=headers)["events_stored"] == 1

    send.slug = slug  # type: ignore[attr-defined]
    return send


def is_noticed(server: Any, slug: str) -> bool:
    """Whether the server's list of apps, up to five seconds old, tells that nobody's came."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if ask(server, f"/dashboard/api/stats?app={slug}")["has_nobody"]:
            return True
        time.sleep(0.2)
    return False


def test_where_all_is_of_nobody_tiles_of_people_say_so(open_on, empty, send):
    send(SESSION, session_id="a")
    assert is_noticed(empty, send.slug)
    page = open_on(empty).go(f"/dashboard/overview?app={send.slug}&period=7d")
    tile = page.locator("[data-number='summary.new_users']")
    expect(tile).to_contain_text("sessions are counted")
    expect(tile.locator(".value")).to_have_text("\u2014")
    expect(page.locator("#coverage")).to_contain_text("Its SDK tells no people")


def test_where_some_are_a_sentence_says_so(open_on, empty, send):
    send(SESSION, session_id="a")
    send("550e8400-e29b-41d4-a716-446655440001")
    assert is_noticed(empty, send.slug)
    page = open_on(empty).go(f"/dashboard/overview?app={send.slug}&period=7d")
    expect(page.locator("#coverage")).to_contain_text("Some sessions have no person")
    expect(page.locator("[data-number='summary.new_users'] .value")).to_have_text("1")


def test_lists_name_a_session_and_nobody_and_link_neither(open_on, empty, send):
    send(SESSION, session_id="a")
    send(str(ids.NOBODY))
    page = open_on(empty).go(f"/dashboard/events?app={send.slug}")
    rows = page.locator("[data-card='list'] tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="a session")).to_have_count(1)
    expect(rows.filter(has_text="nobody")).to_have_count(1)
    expect(page.locator("[data-card='list'] a[href*='/dashboard/person']")).to_have_count(0)
