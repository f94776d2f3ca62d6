"""People, tokens, links, the log and one's own account, clicked, and what they open elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.error import HTTPError

import pytest
from playwright.sync_api import expect

from tests.dashboard.browser import Watched, ask, made_context, shown
from tests.dashboard.hostile import HOSTILE

PASSWORD = "correct horse battery"


@pytest.fixture
def stranger(browser):
    """A browser that is not logged in; other messages than those named are failures."""
    opened = []

    def start(server, width=1280):
        context = browser.new_context(viewport={"width": width, "height": 800})
        opened.append(context)
        return Watched(context, server)

    yield start
    for context in opened:
        context.close()


def look(page, name):
    """A picture for people to look at, where SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def clear(server):
    for account in ask(server, "/accounts")["accounts"]:
        ask(server, f"/accounts/{account['id']}", method="DELETE")


def secret_of(page):
    expect(page.locator("#secret-dialog")).to_be_visible()
    text = page.inner_text("#secret-value")
    page.click("#secret-close")
    return text


def test_a_person_is_added_chooses_a_password_logs_in_and_out(open_on, full, stranger):
    clear(full)
    page = open_on(full).go("/dashboard/people?app=desktop")
    page.click("text=New person")
    page.fill("#person-dialog [name=name]", "Ada")
    page.select_option("#person-dialog [name=role]", "editor")
    page.check("#person-dialog [name=apps][value=desktop]")
    look(page, "people-dialog")
    page.click("#person-dialog .primary")
    link = secret_of(page)
    row = page.locator("[data-card=people] tr", has_text="Ada")
    expect(row).to_contain_text("editor")
    look(page, "people")

    other = stranger(full, 360)
    visit = other.page
    visit.goto(link)
    visit.fill("[name=password]", PASSWORD)
    visit.fill("[name=again]", PASSWORD)
    look(visit, "invite-360")
    visit.click("button")
    expect(visit.locator("#done")).to_contain_text("Ada")
    visit.click("text=Log in")
    visit.fill("[name=name]", "Ada")
    visit.fill("[name=password]", "wrong password")
    visit.click("button")
    expect(visit.locator("[role=alert]")).to_contain_text("wrong")
    look(visit, "login-360")
    assert other.overflow() <= 0
    other.troubles.clear()  # the browser tells of the 403
    visit.fill("[name=password]", PASSWORD)
    visit.click("button")
    visit.wait_for_url(f"{full.url}/dashboard")
    other.ready()
    assert visit.url == f"{full.url}/dashboard"
    assert visit.get_attribute("body", "data-role") == "editor"
    settings = other.go("/dashboard/settings?app=desktop")
    expect(settings.locator("[data-card=apps]")).to_contain_text("Shown to owners")
    assert settings.locator("[data-key=new]").count() == 0
    assert settings.locator(".subtabs a").all_inner_texts() == [
        "Apps",
        "Symbols",
        "Tokens",
        "Links",
        "My account",
    ]
    other.go("/dashboard/account?app=desktop")
    look(visit, "account-360")
    visit.click("#log-out")
    visit.wait_for_url("**/login")
    assert visit.request.get(f"{full.url}/account").status == 401
    assert other.troubles == []

    row.locator("text=Remove").click()
    look(page, "confirm")
    page.click("#confirm-dialog .danger")
    expect(page.locator("[data-card=people]")).to_contain_text("Nobody yet.")
    assert ask(full, "/accounts")["accounts"] == []


def test_a_token_is_shown_once_opens_and_is_revoked(open_on, full):
    page = open_on(full).go("/dashboard/tokens?app=desktop")
    page.click("text=New token")
    page.fill("#token-dialog [name=name]", "nightly")
    look(page, "token-dialog")
    page.click("#token-dialog .primary")
    bearer = {"Authorization": f"Bearer {secret_of(page)}"}
    assert ask(full, "/account", headers=bearer)["account"]["name"] == "admin, token nightly"
    assert bearer["Authorization"] not in page.content()
    page.reload()
    expect(page.locator("[data-card=tokens] tr", has_text="nightly")).to_contain_text("read")
    look(page, "tokens")
    page.click("[aria-label='Revoke nightly']")
    page.click("#confirm-dialog .danger")
    expect(page.locator("[data-card=tokens]")).to_contain_text("No tokens yet.")
    with pytest.raises(HTTPError, match="401"):
        ask(full, "/account", headers=bearer)


def test_a_shared_page_opens_with_its_password_in_any_browser(open_on, full, stranger):
    page = open_on(full).go("/dashboard/links?app=desktop")
    page.click("text=New share link")
    page.fill("#link-dialog [name=name]", "for the board")
    page.select_option("#link-dialog [name=page]", "usage")
    page.select_option("#link-dialog [name=what]", "country")
    page.fill("#link-dialog [name=value]", "US")
    page.fill("#link-dialog [name=password]", PASSWORD)
    look(page, "link-dialog")
    page.click("#link-dialog .primary")
    link = secret_of(page)
    expect(page.locator("[data-card=links] tr", has_text="for the board")).to_contain_text("US")
    look(page, "links")

    for width in (1280, 360):
        other = stranger(full, width)
        visit = other.page
        visit.goto(link)
        expect(visit.locator("#link-door")).to_be_visible()
        look(visit, f"shared-door-{width}")
        visit.fill("#link-door [name=password]", "wrong password")
        visit.click("#link-door button")
        expect(visit.locator("#link-problem")).to_contain_text("wrong")
        visit.fill("#link-door [name=password]", PASSWORD)
        visit.click("#link-door button")
        other.ready()
        expect(visit.locator("#shared-name")).to_contain_text("US")
        stats = ask(full, "/stats?app=desktop&country=US&include=usage")
        number = shown(visit, "usage.recordings_per_user")
        assert number == pytest.approx(stats["usage"]["recordings_per_user"], rel=1e-4)
        assert visit.locator(".tabs, .menu, .foot").count() == 0
        assert other.overflow() <= 0
        assert visit.evaluate("document.referrer") == ""
        look(visit, f"shared-{width}")
        other.troubles = [text for text in other.troubles if "401" not in text]
        assert other.troubles == []

    page.click("[aria-label='Revoke for the board']")
    page.click("#confirm-dialog .danger")
    expect(page.locator("[data-card=links]")).to_contain_text("Nothing is shared.")
    last = stranger(full)
    last.page.goto(link)
    expect(last.page.locator("h1")).to_have_text("This link has ended")
    look(last.page, "shared-ended")


def test_every_page_that_can_be_shared_is_drawn_without_a_login(full, stranger):
    made = []
    pages = {
        "desktop": ("overview", "growth", "usage", "adoption", "quality", "stability", "costs"),
        "website": ("website",),
        "generator": ("generations",),
    }
    for app, names in pages.items():
        for name in names:
            body = {"name": name, "app": app, "page": name, "group_by": "week"}
            made.append(ask(full, "/links", body)["path"])
    other = stranger(full)
    for path in made:
        other.page.goto(full.url + path)
        other.ready()
        assert other.page.get_attribute("body", "data-ready") == "start", path
        assert other.page.locator(".card-error").count() == 0, path
        assert other.page.locator(".skeleton:visible").count() == 0, path
        other.page.goto("about:blank")  # or the next address would be a step within the page
    assert other.troubles == []
    for link in ask(full, "/links")["links"]:
        ask(full, f"/links/{link['id']}", method="DELETE")


def test_the_log_tells_what_was_done_and_gives_it_as_a_file(open_on, full):
    [shop] = [app for app in ask(full, "/apps")["apps"] if app["slug"] == "website"]
    ask(full, "/apps/website", {"name": shop["name"]}, method="PATCH")
    page = open_on(full).go("/dashboard/log?app=desktop")
    expect(page.locator("[data-card=log] tbody tr").first).to_contain_text("changed an app")
    look(page, "log")
    with page.expect_download() as download:
        page.click("text=All of it as CSV")
    assert "changed an app" in Path(download.value.path()).read_text()


def test_hostile_names_are_shown_as_text_and_execute_nowhere(open_on, full):
    name = HOSTILE[:100].replace(":", "")
    clear(full)
    ask(full, "/accounts", {"name": name, "role": "viewer"})
    token = ask(full, "/tokens", {"name": name, "scopes": ["read"]})["token"]
    link = ask(
        full,
        "/links",
        {"name": name, "app": "bad-desktop", "page": "usage", "country": "<svg onload=pwned=3>"},
    )["link"]
    view = open_on(full)
    for path in ("people", "tokens", "links", "log"):
        page = view.go(f"/dashboard/{path}?app=desktop")
        assert "<img src=x onerror" in page.inner_text("main"), path
        assert page.evaluate("window.pwned") is None, path
        assert page.locator("img[src='x'], main script, svg[onload]").count() == 0, path
        assert view.overflow() <= 0, path
    ask(full, f"/tokens/{token['id']}", method="DELETE")
    ask(full, f"/links/{link['id']}", method="DELETE")
    clear(full)


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_fit_in_the_dark_and_on_a_phone(browser, full, width):
    ask(full, "/accounts", {"name": "Grace", "role": "editor", "apps": ["desktop", "website"]})
    ask(full, "/tokens", {"name": "build server", "scopes": ["upload"], "app": "desktop"})
    ask(full, "/links", {"name": "for the board", "app": "desktop", "page": "growth"})
    context = made_context(browser, "dark", width)
    view = Watched(context, full)
    for name in ("people", "tokens", "links", "log", "account", "settings"):
        page = view.go(f"/dashboard/{name}?app=desktop")
        assert view.overflow() <= 0, name
        assert view.nameless() == [], name
        look(page, f"{name}-dark-{width}")
    context.close()
    assert view.troubles == []
    clear(full)
    for kind in ("tokens", "links"):
        for row in ask(full, f"/{kind}")[kind]:
            ask(full, f"/{kind}/{row['id']}", method="DELETE")
