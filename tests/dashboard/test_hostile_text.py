"""Hostile text in every field that ingest takes, shown on every page, executes nowhere."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.dashboard.browser import addresses, ask
from tests.dashboard.hostile import HOSTILE, SHORT, TAG, hostile_apps
from tests.dashboard.jobs import run_jobs
from tests.support import PERSON

SEARCHED = (
    "/dashboard/events?app=bad-desktop&search=%3Cimg%20src%3Dx%20onerror%3D%22window.pwned%3D1"
)
EXPLORED = (
    "/dashboard/explore?app=bad-desktop&by=prop.source&interval=none",
    f"/dashboard/explore?app=bad-desktop&by=prop.{quote(HOSTILE[:80])}&view=table",
    f"/dashboard/explore?app=bad-desktop&measure=sum&property={quote(HOSTILE[:80])}&view=%3Cb%3E",
)
SORTED = "/dashboard/crashes?app=bad-desktop&sort.list=message"


@pytest.fixture(scope="module")
def apps(full):
    return hostile_apps(full)


def test_hostile_text_is_shown_on_every_page_and_executes_nowhere(view, full, apps):
    paths = addresses(full, apps)
    [cohort] = ask(full, "/cohorts?app=bad-desktop")["cohorts"]
    paths += [
        f"/dashboard{page}?app=bad-desktop&cohort={cohort['id']}" for page in ("/users", "/live")
    ]
    assert any(PERSON in path for path in paths)
    literal = 0
    for path in [*paths, SEARCHED, SORTED, *EXPLORED]:
        page = view.go(path)
        assert page.evaluate("window.pwned") is None, path
        assert page.locator("img[src='x'], main script, svg[onload]").count() == 0, path
        page.evaluate("document.querySelectorAll('[data-table]').forEach(one => one.click())")
        assert page.evaluate("window.pwned") is None, path
        literal += "<img src=x onerror" in page.inner_text("body")
        assert view.overflow() <= 0, path
    assert literal >= len(paths)


def test_hostile_names_of_symbols_are_text(view, full, apps):
    view.go(f"/dashboard/symbols?app={apps['desktop']}")
    page = view.page
    for card in ("missing", "artifacts", "uploads"):
        expect(page.locator(f"[data-card={card}]")).to_contain_text(TAG)
    page.get_by_role("button", name=f"Delete {TAG}.map").click()
    expect(page.locator("#confirm-title")).to_have_text(f"Delete {TAG}.map?")
    page.keyboard.press("Escape")
    issues = ask(full, f"/issues?app={apps['desktop']}&version=6.6.6")["issues"]
    shown = ""
    for issue in issues:
        view.go(f"/dashboard/issue?app={apps['desktop']}&id={issue['id']}&period=all")
        shown += page.locator("[data-card=stack]").inner_text()
        assert page.evaluate("window.pwned") is None
        assert page.locator("img[src='x'], main script, svg[onload]").count() == 0
        assert view.overflow() <= 0
    assert "Real names" in shown
    assert shown.count("<img src=x onerror") > 4


def test_hostile_text_is_text_in_chips_and_suggestions(view, apps):
    conditions = (
        f"version:is:{SHORT}",
        f"prop.{HOSTILE}:is:{HOSTILE}",
        f"prop.error_type:is:{TAG}",
        f"event:not:{HOSTILE}",
        HOSTILE,  # no condition at all
    )
    query = "".join(f"&filter={quote(each)}" for each in conditions)
    page = view.go(f"/dashboard/events?app={apps['desktop']}{query}")
    view.troubles.clear()  # the browser tells of the 400
    chips = page.locator(".chip-text")
    expect(chips).to_have_text(
        [
            f"Version is {SHORT}",
            f"{HOSTILE} is {HOSTILE}",
            f"error_type is {TAG}",
            f"Event is not {HOSTILE}",
            HOSTILE,
        ]
    )
    page.get_by_role("button", name=f"Change the filter error_type is {TAG}", exact=True).click()
    expect(page.get_by_label("Value").nth(2)).to_be_focused()
    suggested = page.locator(f"#filter-editor datalist option[value={json.dumps(HOSTILE)}]")
    expect(suggested).to_be_attached()
    assert page.evaluate("window.pwned") is None
    assert page.locator("img[src='x'], main script, svg[onload]").count() == 0
    assert view.overflow() <= 0


def test_hostile_text_is_text_on_the_page_of_alerts(view, full, apps):
    page = view.page
    fired = page.locator("[data-card=rules] .rule[data-state=firing]")
    for _ in range(50):  # the last crash may wait for the fold
        run_jobs(full.dsn, "alerts")  # the server itself looks once a minute
        view.go(f"/dashboard/alerts?app={apps['desktop']}")
        if fired.count() >= 2:
            break
        page.wait_for_timeout(2_000)
    assert fired.count() >= 2
    expect(page.locator("[data-card=rules]")).to_contain_text(
        "New issue: After the alert: <img src=x onerror="
    )
    for card in ("rules", "history", "destinations", "reports"):
        expect(page.locator(f"[data-card={card}]")).to_contain_text(TAG)
    page.get_by_role("button", name=f"Change {TAG} 0").click()
    expect(page.locator("#rule-dialog")).to_contain_text(TAG)
    page.keyboard.press("Escape")
    page.get_by_role("button", name=f"Change {TAG}", exact=True).click()
    expect(page.locator("#destination-title")).to_have_text(f"Change {TAG}")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=f"Turn {TAG} 0 off").click()
    expect(page.locator("#toasts")).to_contain_text(TAG)
    assert page.evaluate("window.pwned") is None
    assert page.locator("img[src='x'], main script, svg[onload]").count() == 0
    assert view.overflow() <= 0
