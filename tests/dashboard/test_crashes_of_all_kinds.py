"""Crashes of every kind of app have their pages: POST /crash takes any app's key."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.dashboard.browser import ask
from tests.support import crash


@pytest.mark.parametrize("kind", ["website", "generator", "bot"])
def test_a_crash_is_listed_and_opens_with_its_stack(open_on, empty, kind):
    key = next(app["ingest_key"] for app in ask(empty, "/apps")["apps"] if app["slug"] == kind)
    message = f"Error: {kind} failed"
    ask(empty, "/crash", crash(error_message=message), headers={"X-App-Key": key})
    view = open_on(empty)
    page = view.go(f"/dashboard/crashes?app={kind}")
    expect(page.locator(".tabs [aria-current=page]")).to_have_text("Crashes")
    page.locator("tbody tr", has_text=message).locator("a").first.click()
    page.wait_for_url("**/dashboard/crash?**")
    view.ready()
    expect(page.locator("h1")).to_have_text(message)
    expect(page.locator("[data-card=stack] pre")).to_contain_text("at app.js:123:45")
