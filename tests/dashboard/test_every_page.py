"""Every page on demo data: light, dark and on a phone, each opened anew at its width."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.dashboard.browser import Watched, addresses, made_context


def narrowed() -> str:
    """The address of the widest page: with chips, and the longest period in words ("21 Sept 2026 –
    28 Nov 2026"), of the last year that has one, whatever the day is."""
    today = datetime.now(UTC).date()
    year = today.year - (today <= date(today.year, 11, 28))
    return f"/dashboard?app=desktop&country=US&from={year}-09-21&to={year}-11-28&group_by=month"


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)], ids=["desk", "phone"])
def test_every_page_is_clean_and_fits(browser, full, width, height):
    context = made_context(browser, width=width)
    view = Watched(context, full)
    for path in [*addresses(full), narrowed()]:
        page = view.go(path)
        assert page.get_attribute("body", "data-ready") == "start", path
        assert page.locator(".card-error").count() == 0, path
        assert page.locator(".skeleton:visible").count() == 0, path
        assert view.nameless() == [], path
        assert view.overflow() <= 0, path
        if width > 360:
            view.darken()
            assert view.overflow() <= 0, (path, "dark")
            page.emulate_media(color_scheme="light")
    context.close()
    assert view.troubles == []


def test_a_bots_conversation_shows_its_pictures(view, full):
    person = next(path for path in addresses(full) if "/person?app=bot" in path)
    page = view.go(person)
    picture = page.locator("img.picture").first
    picture.scroll_into_view_if_needed()
    page.wait_for_function(
        "one => one.complete && one.naturalWidth === 192", arg=picture.element_handle()
    )
