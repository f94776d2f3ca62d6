"""The settings page, clicked: apps, keys, retention, cleanup."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError

from playwright.sync_api import expect

from database import Database
from stories.apps import Apps
from stories.privacy.person_keys import PersonKey
from stories.storage import compression
from tests.dashboard.browser import ask, wait_for_fold
from tests.support import event

SETTINGS = "/dashboard/settings?app=desktop"


def slugs(server):
    return {app["slug"]: app for app in ask(server, "/apps")["apps"]}


def test_a_new_app_is_made_with_what_the_dialog_says(open_on, empty):
    page = open_on(empty).go(SETTINGS)
    page.click("button:has-text('New app')")
    expect(page.locator("#app-dialog")).to_be_visible()
    expect(page.locator(":focus")).to_have_js_property("name", "kind")
    page.select_option("#app-form [name=kind]", "website")
    page.fill("#app-form [name=slug]", "Not a slug")
    page.fill("#app-form [name=name]", "The <b>shop</b>")
    page.fill("#app-form [name=timezone]", "Europe/Lisbon")
    page.fill("#app-form [name=retention_days]", "90")
    page.click("#app-form .primary")
    expect(page.locator("#app-dialog")).to_be_visible()  # the field says why
    expect(page.locator(":focus")).to_have_js_property("name", "slug")
    assert "shop" not in slugs(empty)
    page.fill("#app-form [name=slug]", "shop")
    page.click("#app-form .primary")
    expect(page.locator("#app-dialog")).to_be_hidden()
    expect(page.locator("[data-card=apps] tr", has_text="The <b>shop</b>")).to_contain_text(
        "90 days"
    )
    made = slugs(empty)["shop"]
    assert (made["kind"], made["timezone"], made["retention_days"]) == (
        "website",
        "Europe/Lisbon",
        90,
    )


def test_a_refusal_stays_in_the_dialog_as_a_sentence(open_on, empty):
    view = open_on(empty)
    page = view.go(SETTINGS)
    page.click("button:has-text('New app')")
    page.fill("#app-form [name=slug]", "desktop")
    page.fill("#app-form [name=name]", "Twice")
    page.click("#app-form .primary")
    expect(page.locator("#app-problem")).to_contain_text("slug")
    view.troubles.clear()  # the browser tells of the 409
    page.fill("#app-form [name=slug]", "twice")
    page.fill("#app-form [name=timezone]", "Mars/Olympus")
    page.click("#app-form .primary")
    expect(page.locator("#app-problem")).to_contain_text("timezone")
    view.troubles.clear()
    page.keyboard.press("Escape")
    expect(page.locator("#app-dialog")).to_be_hidden()
    expect(page.locator(":focus")).to_have_attribute("data-key", "new")
    assert "twice" not in slugs(empty)


def test_retention_and_name_are_changed(open_on, empty):
    ask(empty, "/apps", {"slug": "old", "kind": "bot", "name": "Old name"})
    page = open_on(empty).go(SETTINGS)
    page.click("[aria-label='Change Old name']")
    assert page.input_value("#app-form [name=retention_days]") == str(
        slugs(empty)["old"]["retention_days"]
    )
    expect(page.locator("#app-form [name=slug]")).to_be_hidden()
    page.fill("#app-form [name=name]", "New name")
    page.fill("#app-form [name=retention_days]", "6")
    page.keyboard.press("Enter")
    expect(page.locator("#app-dialog")).to_be_visible()  # seven is the least
    page.fill("#app-form [name=retention_days]", "30")
    page.keyboard.press("Enter")
    expect(page.locator("[data-card=apps] tr", has_text="New name")).to_contain_text("30 days")
    assert slugs(empty)["old"]["retention_days"] == 30


def test_days_that_nobody_chose_stay_those_of_the_server(open_on, empty):
    page = open_on(empty).go(SETTINGS)

    def saved() -> dict[str, Any]:
        with page.expect_request(lambda one: one.method in ("POST", "PATCH")) as sent:
            page.click("#app-form .primary")
        expect(page.locator("#app-dialog")).to_be_hidden()
        body: dict[str, Any] = sent.value.post_data_json
        return body

    page.click("button:has-text('New app')")
    page.fill("#app-form [name=slug]", "plain")
    page.fill("#app-form [name=name]", "Plain")
    assert "retention_days" not in saved()
    of_the_server = slugs(empty)["desktop"]["retention_days"]
    assert slugs(empty)["plain"]["retention_days"] == of_the_server
    page.click("[aria-label='Change Plain']")
    page.fill("#app-form [name=name]", "Plainer")
    assert saved() == {"name": "Plainer"}
    page.click("[aria-label='Change Plainer']")
    page.fill("#app-form [name=retention_days]", "30")
    assert saved()["retention_days"] == 30
    # The dialog closes before the apps are read again.
    expect(page.locator("[data-card=apps] tr", has_text="Plainer")).to_contain_text("30 days")
    page.click("[aria-label='Change Plainer']")
    page.fill("#app-form [name=retention_days]", "")
    assert saved()["retention_days"] is None
    assert slugs(empty)["plain"]["retention_days"] == of_the_server


def test_a_new_key_is_made_after_asking_and_taken(open_on, empty):
    made = ask(empty, "/apps", {"slug": "keyed", "kind": "desktop", "name": "Keyed"})["app"]
    old = made["ingest_key"]
    page = open_on(empty).go(SETTINGS)
    row = page.locator("[data-card=apps] tr", has_text="Keyed")
    assert old not in page.inner_text("body")
    row.locator("button", has_text="Show").click()
    expect(row).to_contain_text(old)
    row.locator("button", has_text="Hide").click()
    expect(row).not_to_contain_text(old)

    page.click("[aria-label='New key for Keyed']")
    expect(page.locator("#key-title")).to_have_text("Create a new key for Keyed?")
    expect(page.locator(":focus")).to_have_id("key-no")
    page.keyboard.press("Enter")
    assert slugs(empty)["keyed"]["ingest_key"] == old

    page.click("[aria-label='New key for Keyed']")
    page.click("#key-yes")
    expect(page.locator("#key-dialog")).to_be_hidden()
    new = slugs(empty)["keyed"]["ingest_key"]
    assert new != old
    expect(row).to_contain_text(new)
    deadline = time.monotonic() + 30
    while True:  # a worker that has just looked for keys looks again in a moment
        try:
            ask(empty, "/track", {"events": [event()]}, headers={"X-App-Key": new})
            break
        except HTTPError:  # 401
            assert time.monotonic() < deadline, "the new key is not taken"
            time.sleep(0.1)


def test_the_cleanup_button_says_what_it_deleted(open_on, empty):
    page = open_on(empty).go(SETTINGS)
    page.click("#cleanup")
    expect(page.locator("#cleanup-result")).to_have_text("Deleted 0 events and 0 crashes.")
    expect(page.locator("#cleanup")).to_be_enabled()


def test_one_click_counts_a_property_of_an_event_that_nobody_declared(open_on, empty):
    app = ask(empty, "/apps", {"slug": "studio", "kind": "desktop", "name": "Studio"})["app"]
    key = {"X-App-Key": app["ingest_key"]}
    formats = ["png", "svg", "png"]
    events = [
        event(event="drawing exported", properties={"format": each, "layers": n}, id=str(n))
        for n, each in enumerate(formats)
    ]
    assert ask(empty, "/track", {"events": events}, headers=key)["events_stored"] == 3
    wait_for_fold(empty)
    page = open_on(empty).go("/dashboard/settings?app=studio")
    expect(page.locator("[data-card=events] tr", has_text="drawing exported")).to_contain_text(
        "Not declared"
    )
    row = page.locator("[data-card=properties] tr", has_text="format")
    expect(row).to_contain_text("3 of 3")
    assert row.locator("select").input_value() == "label"
    assert page.locator("[data-card=properties] tr", has_text="layers").locator(
        "select"
    ).input_value() == "number"  # fmt: skip
    row.get_by_role("button", name="Count format of drawing exported").press("Enter")
    expect(row).to_contain_text("Text, by value")
    expect(page.locator("[data-counting=done]")).to_be_visible(timeout=20_000)
    shown = slugs(empty)["studio"]
    assert list(shown["events"]["drawing exported"]) == ["format"]
    assert shown["undeclared"] == []
    assert shown["counting_back"]["done"] == shown["counting_back"]["of"]
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.uncheck("[data-card=events] input[type=checkbox]")
    expect(page.locator("#announce")).to_have_text("Saved")
    assert slugs(empty)["studio"]["accepts"] == "declared"


def test_storage_is_shown_by_what_it_is_and_old_days_are_compressed(open_on, empty):
    now = datetime.now(UTC)
    before = ask(empty, "/dashboard/api/server")["storage"]
    old = (now - timedelta(days=45)).isoformat()
    events = [event(timestamp=old, id=f"old-{number}") for number in range(150)]
    assert ask(empty, "/track", {"events": events})["events_stored"] == 150
    database = Database(empty.dsn, 2)
    packed = compression.compress(
        database, Apps(database, 365), PersonKey(database, ""), now, after_days=14
    )
    database.close()
    assert packed.events == 150
    compressed = 150 + next(kind["items"] for kind in before if kind["kind"] == "old_events")
    page = open_on(empty).go(SETTINGS)
    card = page.locator("[data-card=storage]")
    old_days = card.locator("tr", has_text="Events of old days, compressed")
    expect(old_days.locator("td").last).to_have_text(f"{compressed:,}")
    for what in ("Crashes and handled errors", "Rollups", "Source maps and symbols"):
        expect(card.locator("tr", has_text=what)).to_have_count(1)
    expect(card).to_contain_text("in total")
    expect(card).to_contain_text("Free disk space is not known")
