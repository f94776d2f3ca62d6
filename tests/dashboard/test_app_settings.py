"""What an app is set to, changed on its settings page without writing JSON."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.browser import ask, wait_for_fold
from tests.support import PERSON, event


@pytest.fixture
def made(empty):
    """Makes an app on the empty server: its slug and key."""

    def make(slug: str, kind: str) -> dict[str, str]:
        app = ask(empty, "/apps", {"slug": slug, "kind": kind, "name": slug.capitalize()})["app"]
        return {"X-App-Key": app["ingest_key"]}

    return make


@pytest.fixture
def now(empty):
    """An app as the API has it now."""

    def read(slug: str) -> dict[str, Any]:
        apps: dict[str, dict[str, Any]] = {app["slug"]: app for app in ask(empty, "/apps")["apps"]}
        return apps[slug]

    return read


def saved(page: Page) -> None:
    page.click("#app-form .primary")
    expect(page.locator("#app-dialog")).to_be_hidden()


def test_a_website_has_the_paths_of_its_funnel(open_on, empty, made, now):
    made("market", "website")
    page = open_on(empty).go("/dashboard/settings?app=market")
    page.click("[aria-label='Change Market']")
    page.fill("#app-form [name=pricing_views]", "prices")
    page.click("#app-form .primary")
    expect(page.locator("#app-dialog")).to_be_visible()  # a path begins with /
    page.fill("#app-form [name=pricing_views]", "/prices")
    page.select_option("#app-form [name=hash_rotation]", "daily")
    before = now("market")["funnel"]
    saved(page)
    after = now("market")
    assert after["funnel"] == {**before, "pricing_views": "/prices"}
    assert after["hash_rotation"] == "daily"


def test_a_bot_has_days_of_messages(open_on, empty, made, now):
    made("talker", "bot")
    page = open_on(empty).go("/dashboard/settings?app=talker")
    page.click("[aria-label='Change Talker']")
    expect(page.locator("#app-form [name=pricing_views]")).to_be_hidden()
    page.fill("#app-form [name=content_days]", "14")
    saved(page)
    assert now("talker")["content_days"] == 14


def test_environments_that_are_left_out_are_changed_by_one_a_line(open_on, empty, made, now):
    made("staged", "desktop")
    page = open_on(empty).go("/dashboard/settings?app=staged")
    page.click("[aria-label='Change Staged']")
    field = page.get_by_label("Environments of which errors are left out")
    expect(field).to_have_value("development\ndev\ntest\nlocal")
    field.fill("test\n\n  Staging ")
    saved(page)
    assert now("staged")["ignored_environments"] == ["test", "staging"]


def test_files_of_crashes_are_the_apps_own_or_not_by_one_pattern_a_line(open_on, empty, made, now):
    made("loop", "desktop")
    view = open_on(empty)
    page = view.go("/dashboard/settings?app=desktop")
    own, other = "C:\\Program Files\\Acme\\", "vendor/*"
    page.click("[aria-label='Change Loop']")
    page.get_by_label("app's own code").fill(f"myapp/*\n\n  {own}  \n")
    page.get_by_label("Files that are not").fill(other)
    saved(page)
    assert now("loop")["grouping"] == {"in_app": ["myapp/*", own], "not_in_app": [other]}

    page = view.go(
        "/dashboard/settings?app=desktop"
    )  # the dialog closes before the apps are read again
    page.click("[aria-label='Change Loop']")
    expect(page.get_by_label("app's own code")).to_have_value(f"myapp/*\n{own}")
    page.get_by_label("Files that are not").fill("x" * 201)
    page.click("#app-form .primary")
    expect(page.locator("#app-problem")).to_contain_text("grouping.not_in_app")
    view.troubles.clear()  # the browser tells of the 400
    page.get_by_label("Files that are not").fill("")
    saved(page)
    assert now("loop")["grouping"] == {"in_app": ["myapp/*", own], "not_in_app": []}


def test_a_new_app_is_asked_for_what_its_kind_has(open_on, empty, now):
    page = open_on(empty).go("/dashboard/settings?app=desktop")
    page.click("button:has-text('New app')")
    expect(page.locator("#app-form [name=demo_views]")).to_be_hidden()
    page.select_option("#app-form [name=kind]", "website")
    page.fill("#app-form [name=demo_views]", "/try")
    page.fill("#app-form [name=slug]", "fresh")
    page.fill("#app-form [name=name]", "Fresh")
    page.fill("#app-form [name=in_app]", "shop/*")
    saved(page)
    assert now("fresh")["grouping"] == {"in_app": ["shop/*"], "not_in_app": []}
    assert now("fresh")["funnel"]["demo_views"] == "/try"


def test_testers_are_added_and_counted_again(open_on, empty, made, now):
    made("pen", "desktop")
    view = open_on(empty)
    page = view.go("/dashboard/settings?app=pen")
    card = page.locator("[data-card=testers]")
    expect(card).to_contain_text("Nobody: everybody's events count.")
    card.locator("input").fill("me")
    page.keyboard.press("Enter")
    expect(card.locator("[role=alert]")).to_have_text("testers must be UUIDs")
    view.troubles.clear()  # the browser tells of the 400
    card.locator("input").fill(PERSON)
    page.keyboard.press("Enter")
    expect(card.locator("li")).to_contain_text(PERSON)
    assert now("pen")["testers"] == [PERSON]
    card.get_by_role("button", name=f"Count {PERSON} again").press("Enter")
    expect(card.locator("li")).to_have_count(0)
    assert now("pen")["testers"] == []


def test_testers_of_a_bot_stay_while_others_are_added(open_on, empty, made, now):
    made("chatter", "bot")
    page = open_on(empty).go("/dashboard/settings?app=chatter")
    card = page.locator("[data-card=testers]")
    for n, own in enumerate(("4711", "4712"), 1):
        card.locator("input").fill(own)
        page.keyboard.press("Enter")
        expect(card.locator("li")).to_have_count(n)
    first = set(now("chatter")["testers"])
    card.locator("input").fill("4713")
    page.keyboard.press("Enter")
    expect(card.locator("li")).to_have_count(3)
    assert first < set(now("chatter")["testers"])


def test_events_are_declared_and_undeclared(open_on, empty, made, now):
    key = made("loom", "desktop")
    ask(empty, "/track", {"events": [event(event="cloth woven")]}, headers=key)
    wait_for_fold(empty)
    page = open_on(empty).go("/dashboard/settings?app=loom")
    card = page.locator("[data-card=events]")
    card.get_by_role("button", name="Declare cloth woven", exact=True).click()
    expect(card.locator("tr", has_text="cloth woven")).to_contain_text("Declared")
    card.get_by_label("Name of an event").fill("thread cut")
    page.keyboard.press("Enter")
    expect(card.locator("tr", has_text="thread cut")).to_be_visible()
    assert now("loom")["events"] == {"cloth woven": {}, "thread cut": {}}

    card.get_by_role("button", name="Undeclare thread cut").click()
    expect(page.locator(":focus")).to_have_text("Cancel")
    page.click("#confirm-dialog .danger")
    expect(card.locator("tr", has_text="thread cut")).to_have_count(0)
    assert now("loom")["events"] == {"cloth woven": {}}


def test_a_property_is_counted_no_more(open_on, empty, made, now):
    key = made("kiln", "desktop")
    fired = event(event="pot fired", properties={"clay": "red"})
    ask(empty, "/track", {"events": [fired]}, headers=key)
    declared = {"pot fired": {"clay": {"type": "label"}}}
    ask(empty, "/apps/kiln", {"events": declared}, method="PATCH")
    wait_for_fold(empty)
    page = open_on(empty).go("/dashboard/settings?app=kiln")
    row = page.locator("[data-card=properties] tr", has_text="clay")
    row.get_by_role("button", name="Stop counting clay of pot fired").press("Enter")
    page.click("#confirm-dialog .danger")
    expect(row.get_by_role("button", name="Count clay of pot fired")).to_be_visible()
    assert now("kiln")["events"] == {"pot fired": {}}


def test_events_and_properties_get_names_to_read_that_every_page_shows(open_on, empty, made, now):
    key = made("painter", "desktop")
    properties = {"fmt": "png", "n_layers": 3}
    sent = event(user_id=PERSON, event="exp_v2", properties=properties, id="named-1")
    ask(empty, "/track", {"events": [sent]}, headers=key)
    wait_for_fold(empty)
    view = open_on(empty)
    page = view.go("/dashboard/settings?app=painter")

    def name(kind: str, sent: str, text: str) -> None:
        page.click(f"[data-key='name-{kind}-{sent}']")
        page.fill("#name-dialog [name=name]", text)
        page.click("#name-dialog .primary")
        expect(page.locator("#name-dialog")).to_be_hidden()

    name("events", "exp_v2", "Picture <b>exported</b>")
    name("properties", "fmt", "File format")
    assert now("painter")["long_names"] == {
        "events": {"exp_v2": "Picture <b>exported</b>"},
        "properties": {"fmt": "File format"},
    }
    expect(page.locator("[data-card=events] .long-name")).to_have_text("Picture <b>exported</b>")
    expect(page.locator("[data-card=events]")).to_contain_text("exp_v2")
    expect(page.locator("[data-card=properties] .long-name")).to_have_text("File format")

    view.go("/dashboard?app=painter&filter=prop.fmt:is:png&filter=event:is:exp_v2")
    expect(page.locator("[data-card=names]")).to_contain_text("Picture <b>exported</b>")
    chips = page.locator(".chip-text")
    expect(chips.nth(0)).to_have_text("File format is png")
    expect(chips.nth(1)).to_have_text("Event is Picture <b>exported</b>")
    view.go("/dashboard/explore?app=painter&event=exp_v2&by=prop.fmt")
    expect(page.locator("[data-card=answer] h2")).to_have_text(
        "Events, Picture <b>exported</b>, by File format"
    )
    view.go("/dashboard/events?app=painter")
    expect(page.locator("[data-card=list] tbody tr")).to_contain_text("Picture <b>exported</b>")

    view.go("/dashboard/settings?app=painter")
    name("events", "exp_v2", "")
    assert now("painter")["long_names"]["events"] == {}
    expect(page.locator("[data-card=events] .long-name")).to_have_count(0)


def test_the_values_of_a_property_are_edited_a_line_each(open_on, empty, made, now):
    key = made("sketcher", "desktop")
    sent = event(user_id=PERSON, event="saved", properties={"fmt": "png"}, id="valued-1")
    ask(empty, "/track", {"events": [sent]}, headers=key)
    wait_for_fold(empty)
    view = open_on(empty)
    page = view.go("/dashboard/settings?app=sketcher")
    page.click("[data-key='count-saved-fmt']")
    expect(page.locator("[data-key='values-saved-fmt']")).to_be_visible()
    assert now("sketcher")["events"] == {"saved": {"fmt": {"type": "label", "values": []}}}

    def set_values(text: str) -> None:
        page.click("[data-key='values-saved-fmt']")
        page.fill("#values-dialog [name=values]", text)
        page.click("#values-dialog .primary")

    set_values("png\n svg \n\npdf\npng")
    expect(page.locator("#values-dialog")).to_be_hidden()
    declared = now("sketcher")["events"]["saved"]["fmt"]
    assert declared == {"type": "enum", "values": ["png", "svg", "pdf"]}
    page.click("[data-key='values-saved-fmt']")
    expect(page.locator("#values-dialog [name=values]")).to_have_value("png\nsvg\npdf")
    page.click("#values-dialog [data-cancel]")
    set_values("\n".join(f"v{number}" for number in range(101)))
    expect(page.locator("#values-dialog .bad")).to_contain_text("At most 100 values")
    page.click("#values-dialog [data-cancel]")
    set_values("")
    expect(page.locator("#values-dialog")).to_be_hidden()
    assert now("sketcher")["events"]["saved"]["fmt"]["type"] == "label"
