"""Every page of an app that nothing has come from: what to send, with its key."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from stories.views.dashboard import BY_NAME
from tests.dashboard.browser import Watched, addresses, ask, made_context
from tests.support import event


@pytest.mark.parametrize("width", [1280, 360], ids=["desk", "phone"])
def test_every_page_says_what_to_send(browser, empty, width):
    keys = {app["slug"]: app["ingest_key"] for app in ask(empty, "/apps")["apps"]}
    context = made_context(browser, width=width)
    view = Watched(context, empty)
    for path in addresses(empty):
        page = view.go(path)
        slug = path.rpartition("app=")[2]
        shown = BY_NAME[page.get_attribute("body", "data-page") or ""]
        if "settings" not in (shown.name, shown.part):
            assert keys[slug] in page.inner_text("#curl"), path
        assert view.nameless() == [], path
        assert view.overflow() <= 0, path
        if width > 360:
            view.darken()
            assert view.overflow() <= 0, (path, "dark")
            page.emulate_media(color_scheme="light")
    context.close()
    assert view.troubles == []


def test_an_empty_app_turns_into_the_dashboard_by_itself(open_on, empty):
    made = ask(empty, "/apps", {"slug": "waiting", "kind": "desktop", "name": "Waiting"})["app"]
    page = open_on(empty).go("/dashboard?app=waiting")
    expect(page.locator("h2", has_text="Nothing has arrived from Waiting yet")).to_be_visible()
    ask(empty, "/track", {"events": [event()]}, headers={"X-App-Key": made["ingest_key"]})
    page.wait_for_selector("[data-number='summary.total_users'] .value:text-is('1')")
