"""Hostile text in every field that ingest takes, shown on every page, executes nowhere."""

from __future__ import annotations

from tests.dashboard.browser import addresses, ask
from tests.dashboard.hostile import hostile_apps
from tests.support import PERSON

SEARCHED = (
    "/dashboard/events?app=bad-desktop&search=%3Cimg%20src%3Dx%20onerror%3D%22window.pwned%3D1"
)
SORTED = "/dashboard/crashes?app=bad-desktop&sort.list=message"


def test_hostile_text_is_shown_on_every_page_and_executes_nowhere(view, full):
    paths = addresses(full, hostile_apps(full))
    [cohort] = ask(full, "/cohorts?app=bad-desktop")["cohorts"]
    paths += [
        f"/dashboard{page}?app=bad-desktop&cohort={cohort['id']}" for page in ("/users", "/live")
    ]
    assert any(PERSON in path for path in paths)
    literal = 0
    for path in [*paths, SEARCHED, SORTED]:
        page = view.go(path)
        assert page.evaluate("window.pwned") is None, path
        assert page.locator("img[src='x'], main script, svg[onload]").count() == 0, path
        page.evaluate("document.querySelectorAll('[data-table]').forEach(one => one.click())")
        assert page.evaluate("window.pwned") is None, path
        literal += "<img src=x onerror" in page.inner_text("body")
        assert view.overflow() <= 0, path
    assert literal >= len(paths)
