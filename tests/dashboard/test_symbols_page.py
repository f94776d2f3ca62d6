"""Stacks by real names on the page of an issue, and Settings › Symbols."""

from __future__ import annotations

import urllib.request
from urllib.error import HTTPError

import pytest
from playwright.sync_api import expect

from tests.dashboard.browser import LOGIN, ask, wait_for_fold
from tests.support import PERSON, crash
from tests.symbols.recorder import dump
from tools.demo import symbols
from tools.demo.faults import MINIFIED
from tools.minidumps import BOUNDARY, form

SLUG = "mapped"
REASON = f"Release 1.1.1 has no map called {symbols.SCRIPT}.map."


@pytest.fixture(scope="module")
def mapped(empty):
    """A server with an app that has a map of 1.2.0 and one issue: a crash of 1.2.0, then of 1.1.1."""
    made = ask(empty, "/apps", {"slug": SLUG, "kind": "desktop", "name": "Mapped"})["app"]
    for number, version in enumerate(("1.1.1", "1.2.0")):
        report = crash(**MINIFIED.fields, id=str(number), app_version=version)
        ask(empty, "/crash", report, headers={"X-App-Key": made["ingest_key"]})
    wait_for_fold(empty)
    symbols.upload(empty.url, LOGIN, SLUG, "1.2.0")
    files = {"bundle": ("dist.zip", b"no zip at all")}
    with pytest.raises(HTTPError):
        symbols.send(empty.url, LOGIN, {"app": SLUG, "release": "1.2.0"}, files)
    wait_for_fold(empty)
    return empty


@pytest.fixture
def view(open_on, mapped):
    return open_on(mapped)


def crash_of(version, view):
    """Its place in the walk through the issue's crashes."""
    page = view.page
    if version not in page.locator("#stack-of").inner_text():
        page.click("[data-step=previous]")
    expect(page.locator("#stack-of")).to_contain_text(version)


def open_issue(view):
    [issue] = ask(view.server, f"/issues?app={SLUG}")["issues"]
    return view.go(f"/dashboard/issue?app={SLUG}&id={issue['id']}")


def test_a_stack_has_real_names_and_the_source_around_them(view):
    page = open_issue(view)
    crash_of("1.2.0", view)
    own = page.locator(".frames > .frame.own")
    expect(own.first).to_contain_text("choose in src/palette.ts:25:3")
    expect(own.first.locator(".called")).to_have_text("25  run(entry);")
    expect(own.nth(1)).to_contain_text("press in src/shortcuts.ts:21:5")
    expect(own.first.locator("p").first).to_have_attribute(
        "title", "Sent as i (app://stories/assets/index-4f2a9c.js:1:872)"
    )
    expect(page.locator(".why-not")).to_have_count(0)


def test_what_was_sent_is_a_switch_away_and_stays_for_the_next_crash(view):
    page = open_issue(view)
    crash_of("1.2.0", view)
    page.get_by_role("button", name="As sent").click()
    stack = page.locator("[data-card=stack] pre")
    expect(stack).to_contain_text("at i (app://stories/assets/index-4f2a9c.js:1:872)")
    expect(page.locator("[data-key=stack-raw]")).to_be_focused()
    page.click("[data-step=previous]")
    expect(page.locator("#stack-of")).to_contain_text("1.1.1")
    expect(stack).to_contain_text("at i (app://stories/assets/index-4f2a9c.js:1:872)")


def test_a_frame_that_stays_raw_says_why_once(view):
    page = open_issue(view)
    crash_of("1.1.1", view)
    reason = page.locator(".why-not")
    expect(reason).to_have_text(f"{REASON} Symbols")
    reason.get_by_role("link", name="Symbols").click()
    page.wait_for_url("**/dashboard/symbols?**")
    view.ready()
    expect(page.locator("h1")).to_have_text("Symbols")


def test_an_issue_is_copied_by_its_real_names(view, desk):
    desk.grant_permissions(["clipboard-read", "clipboard-write"])
    page = open_issue(view)
    crash_of("1.2.0", view)
    page.click("#copy-markdown")
    expect(page.locator("#copy-markdown")).to_have_text("Copied")
    text = page.evaluate("navigator.clipboard.readText()")
    assert "    at choose (src/palette.ts:25:3)\n    at press (src/shortcuts.ts:21:5)" in text


def test_one_crash_is_shown_by_its_real_names(view):
    page = open_issue(view)
    crash_of("1.2.0", view)
    page.click("text=This crash alone")
    page.wait_for_url("**/dashboard/crash?**")
    view.ready()
    expect(page.locator(".frames")).to_contain_text("choose in src/palette.ts:25:3")
    page.get_by_role("button", name="As sent").click()
    expect(page.locator("[data-card=stack] pre")).to_contain_text("index-4f2a9c.js:1:872")


def test_a_walked_stack_marks_guesses_and_tells_of_the_process(open_on, empty):
    made = ask(empty, "/apps", {"slug": "native", "kind": "desktop", "name": "Native"})["app"]
    request = urllib.request.Request(
        f"{empty.url}/api/minidump?app_key={made['ingest_key']}",
        form(dump().pack(), _version="1.4.2", guid=PERSON),
        {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
    )
    urllib.request.urlopen(request, timeout=30).close()
    wait_for_fold(empty)
    view = open_on(empty)
    [issue] = ask(empty, "/issues?app=native")["issues"]
    page = view.go(f"/dashboard/issue?app=native&id={issue['id']}")
    frames = page.locator(".frames > .frame")
    expect(frames.first).to_contain_text("recorder.so + 0x1030")
    expect(frames.first).to_contain_text("No symbols are there for the debug id")
    expect(frames.nth(1)).to_have_text("recorder.so + 0x1064Guess")
    facts = page.locator("[data-card=crash]")
    expect(facts).to_contain_text("SIGSEGV /SEGV_MAPERR")
    expect(facts.locator("details li")).to_be_hidden()
    facts.locator("summary").click()
    expect(facts.locator("details li")).to_contain_text("recorder.so")


def test_a_release_says_whether_it_has_symbols(view):
    page = view.go(f"/dashboard/release?app={SLUG}&version=1.2.0&period=all")
    expect(page.locator("#release-symbols")).to_contain_text("Symbols: 1 file for 1.2.0.")
    view.go(f"/dashboard/release?app={SLUG}&version=1.1.1&period=all")
    expect(page.locator("#release-symbols")).to_contain_text("Symbols: none.")


def test_settings_list_what_is_there_and_what_is_missing(view, mapped):
    page = view.go(f"/dashboard/symbols?app={SLUG}")
    lacking = page.locator("[data-card=missing] tbody tr")
    expect(lacking).to_have_count(1)
    expect(lacking).to_contain_text(symbols.SCRIPT)
    expect(lacking).to_contain_text("Nothing for 1.1.1")
    there = page.locator("[data-card=artifacts] tbody tr")
    expect(there).to_have_count(2)
    expect(there.filter(has_text="Source map")).to_contain_text("1.2.0")
    expect(page.locator("[data-card=artifacts] .means")).to_contain_text("are taken, by all apps")
    failed = page.locator("[data-card=uploads] tbody tr", has_text="Failed")
    expect(failed).to_contain_text("dist.zip cannot be read")
    expect(page.locator("#no-symbolic")).to_be_hidden()
    lines = page.locator("[data-card=how] pre")
    expect(lines.first).to_contain_text(f"SENTRY_URL='{mapped.url}'")
    expect(lines.nth(1)).to_contain_text(f"{mapped.url}/artifacts")


def test_an_upload_is_deleted_after_a_question(view, mapped):
    files = {"map": ("extra.js.map", b'{"version":3,"sources":[],"names":[],"mappings":""}')}
    symbols.send(mapped.url, LOGIN, {"app": SLUG, "release": "0.9.0"}, files)
    page = view.go(f"/dashboard/symbols?app={SLUG}")
    extra = page.locator("[data-card=artifacts] tbody tr", has_text="extra.js.map")
    extra.get_by_role("button", name="Delete extra.js.map").click()
    page.locator("#confirm-dialog .danger").click()
    expect(extra).to_have_count(0)
    names = [row["name"] for row in ask(mapped, f"/artifacts?app={SLUG}")["artifacts"]]
    assert "extra.js.map" not in names
    assert len(names) == 2


def test_a_viewer_sees_symbols_and_deletes_none(view, mapped):
    page = view.page
    page.route(
        "**/dashboard/symbols?**",
        lambda route: route.fulfill(
            response=(answer := route.fetch()),
            body=answer.text().replace('data-role="owner"', 'data-role="viewer"'),
        ),
    )
    view.go(f"/dashboard/symbols?app={SLUG}")
    expect(page.locator("[data-card=artifacts] tbody tr")).to_have_count(2)
    expect(
        page.locator("[data-card=artifacts]").get_by_role("button", name="Delete")
    ).to_have_count(0)
