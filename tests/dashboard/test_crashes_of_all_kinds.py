"""Crashes of every kind of app have their pages: POST /crash takes any app's key."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.dashboard.browser import ask
from tests.support import crash


@pytest.mark.parametrize("kind", ["website", "generator", "bot"])
def test_a_crash_is_listed_and_opens_with_its_stack(open_on, empty, kind):
    slug, message = f"crashing-{kind}", f"Error: {kind} failed"
    made = ask(empty, "/apps", {"slug": slug, "kind": kind, "name": "Crashing"})["app"]
    headers = {"X-App-Key": made["ingest_key"]}
    ask(empty, "/crash", crash(error_message=message), headers=headers)
    view = open_on(empty)
    page = view.go(f"/dashboard/crashes?app={slug}")
    expect(page.locator(".tabs [aria-current=page]")).to_have_text("Issues")
    page.locator("tbody tr", has_text=message).locator("a").first.click()
    page.wait_for_url("**/dashboard/crash?**")
    view.ready()
    expect(page.locator("h1")).to_have_text(message)
    expect(page.locator("[data-card=stack] .frames")).to_contain_text("app.js:123:45")
    page.click("[data-key=stack-raw]")
    expect(page.locator("[data-card=stack] pre")).to_contain_text("at app.js:123:45")
    page.locator("[data-card=what] .person a").click()
    page.wait_for_url("**/dashboard/person?**")
    view.ready()
    expect(page.locator("[data-card=timeline] .crash")).to_contain_text(message)
