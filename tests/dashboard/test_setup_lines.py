"""How to send to an app: the lines for each SDK in Settings and on an empty page, which turns by
itself."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from tests.dashboard.browser import PAGES, Watched, ask, made_context
from tests.dashboard.hostile import HOSTILE
from tests.support import crash, require

CARD = "[data-card=setup] .setup"
PLATFORM = "[data-key=setup-platform]"
SDK = "[data-key=setup-sdk]"
OTHERS = {
    "Electron": {"@sentry/electron", "crashReporter"},
    "Browser": {"@sentry/browser", "posthog-js", "@aptabase/web"},
    "React": {"@sentry/react", "posthog-js"},
    "Node": {"@sentry/node", "posthog-node", "@segment/analytics-node"},
    "Python": {"sentry-sdk", "posthog", "aptabase"},
    "Flask": {"sentry-sdk", "posthog"},
    "Django": {"sentry-sdk", "posthog"},
    "aiogram": {"sentry-sdk", "posthog"},
}
OURS = {
    "desktop": {"Electron", "Browser", "React", "Node", "Python"},
    "website": {"Browser", "React"},
    "generator": {"Python", "Flask", "Django"},
    "bot": {"Python", "aiogram"},
}
LOOK = re.compile(r"/dashboard/api/state\?")


def look(page: Page, name: str) -> None:
    """A picture for people to look at, where SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def options(page: Page, select: str) -> list[str]:
    return page.locator(f"{select} option").all_inner_texts()


def every_file(page: Page) -> dict[tuple[str, str, str], str]:
    """The lines of each file by program, SDK and name; the line that installs an SDK is a file too."""
    files = {}
    for platform in options(page, PLATFORM):
        page.select_option(PLATFORM, platform)
        for sdk in options(page, SDK):
            page.select_option(SDK, sdk)
            for block in page.locator(".setup-file").all():
                name = block.locator("p span").inner_text()
                files[platform, sdk, name] = block.locator("pre").text_content() or ""
    return files


def made(server: Any, slug: str, kind: str = "desktop", **more: Any) -> dict[str, Any]:
    app: dict[str, Any] = ask(server, "/apps", {"slug": slug, "kind": kind, **more})["app"]
    return app


def check_javascript(name: str, text: str) -> None:
    if name.endswith(".jsx"):  # Node reads no markup
        text = re.sub(r"<PostHogProvider.*</PostHogProvider>|<App />", "null", text, flags=re.S)
    is_module = "import " in text
    result = subprocess.run(
        [require("node"), "--check", f"--input-type={'module' if is_module else 'commonjs'}", "-"],
        input=text, text=True, capture_output=True, timeout=30, check=False,
    )  # fmt: skip
    assert result.returncode == 0, (name, text, result.stderr)


@pytest.mark.parametrize("kind", PAGES)
def test_each_sdk_has_its_lines_with_the_address_and_the_key(open_on, empty, kind):
    app = made(empty, f"lines-{kind}", kind, name="Lines")
    page = open_on(empty).go(f"/dashboard/settings?app=lines-{kind}")
    page.click("[data-key=setup-key]")
    files = every_file(page)
    offered: dict[str, set[str]] = {}
    for platform, sdk, _ in files:
        offered.setdefault(platform, set()).add(sdk)
    ours = {platform for platform, sdks in offered.items() if "Stories Analytics" in sdks}
    assert ours == OURS[kind]
    assert {name: sdks - {"Stories Analytics"} for name, sdks in offered.items()} == OTHERS
    for (platform, sdk, name), text in files.items():
        if name in ("Install", "renderer.js"):  # the window's half asks the other
            continue
        parts = {empty.url, app["ingest_key"]}
        where = app["dsn"] if "sentry" in sdk else None
        assert where in text if where else all(part in text for part in parts), (platform, sdk)
    assert app["dsn"] == f"http://{app['ingest_key']}@{empty.url[7:]}/{app['app_id']}"
    facts = page.inner_text(f"{CARD} .facts")
    assert app["dsn"] in facts
    assert str(app["app_id"]) in facts


def test_the_lines_can_be_read_by_their_languages(open_on, empty):
    count = 0
    for kind in ("desktop", "generator", "bot"):
        made(empty, f"read-{kind}", kind)
        page = open_on(empty).go(f"/dashboard/settings?app=read-{kind}")
        for (_, _, name), text in every_file(page).items():
            if name.endswith(".py"):
                ast.parse(text)
            elif name != "Install":
                check_javascript(name, text)
            count += 1
    assert count > 60


def test_a_hostile_name_of_an_app_is_in_no_line(open_on, empty):
    plain = made(empty, "plain-name", name="Plain")
    hostile = made(empty, "hostile-name", name=HOSTILE[:100], accepts="declared")
    texts = []
    for app in (plain, hostile):
        view = open_on(empty)
        page = view.go(f"/dashboard/settings?app={app['slug']}")
        page.click("[data-key=setup-key]")
        lines = json.dumps(sorted(every_file(page).items()))
        dsn_end = f"/{app['app_id']}\\"
        texts.append(lines.replace(app["ingest_key"], "KEY").replace(dsn_end, "/ID\\"))
        assert page.evaluate("window.pwned") is None
        assert page.locator("img[src='x'], main script").count() == 0
        assert view.overflow() <= 0
    assert texts[0] == texts[1]


def copied(page: Page) -> str:
    text: str = page.evaluate("window.copied")
    return text


def test_the_copy_button_copies_the_lines_with_the_key_that_is_hidden(open_on, empty):
    app = made(empty, "copied")
    view = open_on(empty)
    view.page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', "
        "{value: {writeText: async text => { window.copied = text; }}})"
    )
    page = view.go("/dashboard/settings?app=copied")
    page.select_option(PLATFORM, "Node")
    page.select_option(SDK, "@segment/analytics-node")
    assert app["ingest_key"] not in page.inner_text("main")
    page.click("[aria-label='Copy app.mjs']")
    expect(page.locator("#announce")).to_have_text("Copied")
    lines = copied(page)
    assert f'writeKey: "{app["ingest_key"]}"' in lines
    assert f'host: "{empty.url}"' in lines
    page.click("[aria-label='Copy the DSN']")
    page.wait_for_function("window.copied.includes('@')")
    assert copied(page) == app["dsn"]
    page.click("[data-key=setup-key]")
    assert page.evaluate("document.activeElement.dataset.key") == "setup-key"
    assert page.locator(f"{CARD} pre").last.text_content() == lines
    page.click("[data-key=setup-key]")
    assert app["ingest_key"] not in page.inner_text("main")


def test_a_refresh_leaves_the_choice_and_what_is_selected(open_on, empty):
    made(empty, "chosen")
    view = open_on(empty)
    view.page.clock.install()
    page = view.go("/dashboard/settings?app=chosen")
    page.select_option(PLATFORM, "Django")
    page.evaluate("window.block = document.querySelector('.setup pre')")
    page.clock.run_for(1_000)
    with page.expect_response("**/apps"):
        page.clock.run_for(40_000)
    page.wait_for_selector("body[data-ready=refresh]")
    assert page.evaluate("window.block.isConnected")
    assert page.input_value(PLATFORM) == "Django"


def test_an_app_of_declared_events_says_that_it_refuses_others(open_on, empty):
    made(empty, "closed", accepts="declared")
    page = open_on(empty).go("/dashboard/settings?app=closed")
    expect(page.locator(f"{CARD} .note")).to_have_count(0)
    page.select_option(PLATFORM, "Browser")
    page.select_option(SDK, "posthog-js")
    expect(page.locator(f"{CARD} .note")).to_contain_text("takes declared events only")


def test_who_may_not_see_the_key_gets_lines_without_it(browser, empty):
    app = made(empty, "guarded")
    secret = ask(empty, "/accounts", {"name": "Vera", "role": "viewer"})["invite"]
    context = browser.new_context()
    view = Watched(context, empty)
    page = view.page
    page.goto(f"{empty.url}/invite#{secret}")
    page.fill("[name=password]", "correct horse battery")
    page.fill("[name=again]", "correct horse battery")
    page.click("button")
    page.click("text=Log in")
    page.fill("[name=name]", "Vera")
    page.fill("[name=password]", "correct horse battery")
    page.click("button")
    for path in ("/dashboard/settings", "/dashboard"):
        view.go(f"{path}?app=guarded")
        page.select_option(PLATFORM, "Python")
        page.select_option(SDK, "sentry-sdk")
        text = page.inner_text(".setup")
        assert f"http://THE-KEY-OF-THE-APP@{empty.url[7:]}/{app['app_id']}" in text
        assert "shown to owners" in text
        assert page.locator("[data-key=setup-key], [aria-label='Copy the DSN']").count() == 0
        assert app["ingest_key"] not in page.content()
    context.close()
    assert view.troubles == []


def test_an_empty_page_offers_the_lines_and_turns_when_a_crash_arrives(open_on, empty):
    app = made(empty, "silent", name="Silent")
    page = open_on(empty).go("/dashboard?app=silent")
    expect(page.locator("#setup")).to_contain_text(app["ingest_key"])
    page.select_option(PLATFORM, "Flask")
    expect(page.locator("#setup pre").last).to_contain_text(app["dsn"])
    ask(empty, "/crash", crash(), headers={"X-App-Key": app["ingest_key"]})
    page.wait_for_selector("[data-number='summary.total_users']")
    expect(page.locator("#setup")).to_have_count(0)


def send_as_sentry(dsn: str, message: str) -> None:
    """An uncaught error, to where Sentry's SDKs find it from a DSN."""
    parts = urlsplit(dsn)
    number = parts.path.removeprefix("/")
    error = {"type": "Error", "value": message, "mechanism": {"type": "onerror", "handled": False}}
    items = (
        {"event_id": "9ec79c33ec9942ab8353589fcb2e04dc"},
        {"type": "event"},
        {"platform": "javascript", "exception": {"values": [error]}},
    )
    address = (
        f"{parts.scheme}://{parts.hostname}:{parts.port}/api/{number}/envelope/"
        f"?sentry_version=7&sentry_key={parts.username}"
    )
    body = "\n".join(json.dumps(item) for item in items).encode()
    with urllib.request.urlopen(urllib.request.Request(address, body), timeout=30) as answer:
        assert answer.status == 200


def test_an_empty_page_turns_when_an_error_comes_by_the_dsn_that_it_shows(open_on, empty):
    made(empty, "sentinel", "website", name="Sentinel")
    page = open_on(empty).go("/dashboard?app=sentinel")
    page.select_option(SDK, "@sentry/browser")
    dsn = page.locator("#setup .facts dd").last.locator(".mono").inner_text()
    send_as_sentry(dsn, "no such brush")
    page.wait_for_selector("body[data-empty=no]")
    [reported] = ask(empty, "/crashes?app=sentinel")["crashes"]
    assert "no such brush" in reported["error_message"]


def looks_of(page: Page) -> list[str]:
    """The requests by which an empty page looks whether something came, as they are made."""
    looks: list[str] = []

    def note(request: Request) -> None:
        if LOOK.search(request.url):
            looks.append(request.url)

    page.on("request", note)
    return looks


def hide(page: Page, is_hidden: bool) -> None:
    page.evaluate(
        """isHidden => {
            Object.defineProperty(document, "hidden", {value: isHidden, configurable: true});
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        is_hidden,
    )


def pass_time(page: Page, seconds: int) -> None:
    """In steps, since each look is answered before the next is planned."""
    for _ in range(0, seconds, 15):
        page.clock.run_for(15_000)
        page.wait_for_timeout(30)


def test_a_hidden_page_does_not_look_and_one_that_is_seen_again_does(open_on, empty):
    made(empty, "unseen")
    view = open_on(empty)
    view.page.clock.install()
    page = view.go("/dashboard?app=unseen")
    looks = looks_of(page)
    pass_time(page, 30)
    assert looks
    hide(page, True)
    pass_time(page, 15)
    looks.clear()
    pass_time(page, 600)
    assert looks == []
    hide(page, False)
    pass_time(page, 15)
    assert looks


def test_the_looks_become_rare_and_end_until_somebody_asks(open_on, empty):
    made(empty, "patient")
    view = open_on(empty)
    view.page.clock.install()
    page = view.go("/dashboard?app=patient")
    looks = looks_of(page)
    pass_time(page, 600)
    assert len(looks) < 200  # every three seconds
    page.clock.fast_forward(2 * 60 * 60 * 1000)
    expect(page.locator("#status")).to_contain_text("Nothing came for two hours")
    looks.clear()
    pass_time(page, 300)
    assert looks == []
    page.click("text=Look again")
    expect(page.locator("#status")).to_have_text("Waiting for the first event")
    pass_time(page, 15)
    assert looks


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_lines_fit_wide_and_on_a_phone(browser, empty, theme, width):
    if not any(app["slug"] == "fitting" for app in ask(empty, "/apps")["apps"]):
        made(empty, "fitting", name="Fitting")
    context = made_context(browser, theme, width)
    view = Watched(context, empty)
    for path in ("/dashboard/settings", "/dashboard"):
        page = view.go(f"{path}?app=fitting")
        look(page, f"setup{path.replace('/', '-')}-{theme}-{width}")
        for platform in options(page, PLATFORM):
            page.select_option(PLATFORM, platform)
            for sdk in options(page, SDK):
                page.select_option(SDK, sdk)
                assert view.overflow() <= 0, (path, platform, sdk)
        page.select_option(PLATFORM, "Browser")
        page.select_option(SDK, "posthog-js")
        look(page, f"setup{path.replace('/', '-')}-posthog-{theme}-{width}")
        assert view.nameless() == []
    context.close()
    assert view.troubles == []
