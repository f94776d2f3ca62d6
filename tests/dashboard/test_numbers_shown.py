"""Every number card shows what /stats answers, beside it what it was before."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.browser import ask, compare
from tests.dashboard.test_filters import altered

FAMILIES = ["", "growth", "usage", "adoption", "quality", "stability", "costs"]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_numbers_shown_are_those_of_stats_beside_earlier_ones(view, full, family):
    page = view.go(f"/dashboard{'/' + family if family else ''}?app=desktop&period=30d")
    answer = ask(full, f"/stats?app=desktop&period=30d&include={family or 'usage'}")
    assert compare(page, answer) >= 3
    assert without_earlier(page) == []


@pytest.mark.parametrize(
    ("app", "path"),
    [
        ("website", "/api/metrics?days=30&include=visits"),
        ("generator", "/api/analytics?"),
        ("bot", "/api/analytics/stats?"),
    ],
)
def test_the_other_kinds_show_their_own_answers_beside_earlier_ones(view, full, app, path):
    page = view.go(f"/dashboard?app={app}")
    assert compare(page, ask(full, f"{path}&app={app}"), besides="range.") >= 4
    assert without_earlier(page) == []


def without_earlier(page: Page) -> list[str]:
    """The number cards that neither show what they were nor say why not."""
    found = []
    for card in page.locator("[data-number]").all():
        said = card.locator(".change").inner_text()
        never = (
            card.get_attribute("data-never") and "latest day" in card.locator(".tip").inner_html()
        )
        known = card.locator(".value").inner_text() != "\u2014"
        if known and not never and not re.search("was|earlier|No change", said):
            found.append(card.inner_text())
    return found


def day(text: str, shift: int) -> str:
    return (date.fromisoformat(text) + timedelta(days=shift)).isoformat()


def test_numbers_that_look_back_stand_beside_the_window_before(full):
    """Held against /stats about exactly those days."""
    whole = ask(full, "/dashboard/api/stats?app=desktop&include=growth,costs")
    today, before = whole["answer"]["to"], whole["before"]

    def stats(first: int, last: int) -> dict[str, Any]:
        path = f"/stats?app=desktop&from={day(today, first)}&to={day(today, last)}"
        answer: dict[str, Any] = ask(full, path)
        return answer

    week, month = stats(-13, -7)["summary"], stats(-59, -30)["summary"]
    a_week_ago = stats(-6, 0)["previous"]["active_users_7d"]
    two_weeks_ago = stats(-13, -7)["previous"]["active_users_7d"]
    a_month_ago = stats(-29, 0)["previous"]
    assert before["growth"]["new_users_7d"] == week["new_users"]
    assert before["growth"]["new_users_30d"] == month["new_users"]
    assert before["growth"]["growth_rate_wow"] == pytest.approx(
        100 * (a_week_ago - two_weeks_ago) / two_weeks_ago, abs=0.051
    )
    assert before["growth"]["churned_30d"] == (
        a_month_ago["total_users"] - a_month_ago["active_users_30d"]
    )
    assert before["costs"]["cost_7d"] == week["total_cost_usd"]
    assert before["costs"]["cost_30d"] == month["total_cost_usd"]
    assert before["costs"]["cost_per_user_30d"] == pytest.approx(
        month["total_cost_usd"] / a_month_ago["active_users_30d"], abs=1e-9
    )
    assert before["costs"]["engagement"] == pytest.approx(
        week["total_recordings"] / a_week_ago, abs=0.00051
    )


def test_all_time_has_no_period_before(view):
    page = view.go("/dashboard/costs?app=desktop&period=all")
    assert page.inner_text("[data-number='costs.total_cost_usd'] .change") == "No earlier period"
    assert "was" in page.inner_text("[data-number='costs.cost_7d'] .change")


def test_totals_ever_stand_beside_those_before_the_period(full):
    bot = ask(full, "/dashboard/api/stats?app=bot&page=bot&period=7d")["page"]
    said = sum(row.get("user_message", 0) + row.get("ai_message", 0) for row in bot["events"])
    drawn = sum(row.get("image_generated", 0) for row in bot["events"])
    assert bot["before"]["messages"] == bot["now"]["messages"] - said
    assert bot["before"]["images"] == bot["now"]["images"] - drawn
    made = ask(full, "/dashboard/api/stats?app=generator&page=generations&period=7d")["page"]
    visits = sum(row.get("visit", 0) for row in made["events"])
    assert made["before"]["total"]["visits"] == made["now"]["total"]["visits"] - visits
    assert made["before"]["today"] == made["now"]["last_7_days"][-2]


def test_rates_show_over_how_many_they_are(view, full):
    samples = ask(full, "/stats?app=desktop&include=growth,quality,stability,adoption")["samples"]
    for page_name, number, unit in (
        ("", "summary.success_rate", "transcriptions"),
        ("", "summary.crash_free_rate", "people"),
        ("/growth", "growth.retention_7d", "people"),
        ("/growth", "growth.churn_rate_30d", "people"),
        ("/quality", "quality.processing_time_seconds.p95", "measurements"),
        ("/stability", "stability.crash_free_rate", "people"),
        ("/adoption", "adoption.dictionary_rate", "transcriptions"),
    ):
        page = view.go(f"/dashboard{page_name}?app=desktop")
        size = samples.get(number) or samples[number.rpartition(".")[0]]
        assert page.inner_text(f"[data-number='{number}'] .of") == f"of {size:,} {unit}"
    for page_name in ("", "/growth", "/usage", "/adoption", "/quality", "/stability", "/costs"):
        page = view.go(f"/dashboard{page_name}?app=desktop")
        for card in page.locator("[data-number][data-format='percent']:visible").all():
            assert card.locator(".of").inner_text().startswith("of ")


def test_people_who_left_are_a_rate_of_those_who_were_there(view, full):
    page = view.go("/dashboard/growth?app=desktop")
    assert page.locator("[data-number='growth.churned_30d']").count() == 0
    today = page.get_attribute("body", "data-today") or ""

    def active(first: int, last: int) -> int:
        path = f"/stats?app=desktop&from={day(today, first)}&to={day(today, last)}&include=adoption"
        return int(ask(full, path)["samples"]["adoption.retry_rate"])

    month, before, both = active(-29, 0), active(-59, -30), active(-59, 0)
    rate = ask(full, "/stats/growth?app=desktop")["growth"]["churn_rate_30d"]
    assert rate == pytest.approx(100 * (both - month) / before, abs=0.051)
    text = page.inner_text("[data-number='growth.churn_rate_30d'] .change")
    assert "points" in text


def test_versions_are_ranked_by_people_with_the_share_that_crashed(view, full):
    page = view.go("/dashboard/stability?app=desktop&period=90d")
    releases = ask(full, "/releases?app=desktop&period=90d")["releases"]
    rows = page.locator("[data-card='by-version'] .bar-item")
    expect(rows).to_have_count(min(10, len(releases)))
    by_version = {row["version"]: row for row in releases}
    for row in rows.all():
        version = row.get_attribute("data-key") or ""
        release = by_version[version]
        free = release["crash_free_people"]
        shown = float(row.locator(".share").inner_text().removesuffix(" %"))
        assert shown == pytest.approx(100 - free, abs=0.051)
        assert row.inner_text().split("\n")[1].endswith(f" of {release['people']:,}")


def test_a_website_tells_sessions_from_visitors(view, full):
    page = view.go("/dashboard?app=website")
    metrics = ask(full, "/api/metrics?app=website&days=30&include=visits")
    visits = metrics["visits"]

    def value(number: str) -> str:
        return page.text_content(f"[data-number='{number}'] .exact") or ""

    labels = page.locator("[data-number] h3").all_inner_texts()
    assert labels[:2] == ["Visitors", "Sessions"]
    assert value("metrics.total_visitors") == f"{metrics['metrics']['total_visitors']:,}"
    assert value("visits.visitors") == f"{visits['visitors']:,}"
    assert 0 < visits["visitors"] <= visits["visitors_of"]
    assert value("visits.bounce_rate") == f"{visits['bounce_rate']:g} %"
    for card in ("entry", "exit", "campaign", "source", "medium"):
        rows = page.locator(f"[data-card='{card}'] .bar-item")
        expect(rows).to_have_count(min(10, len(visits[card])))
    assert "Visitors" not in page.inner_text("[data-card='sources']")


def test_visits_that_are_too_many_are_said_to_be(view):
    def none(body: dict[str, Any]) -> None:
        body["page"]["visits"] = body["page"]["visits_before"] = None

    altered(view.page, none)
    page = view.go("/dashboard?app=website")
    expect(page.locator("[data-card='entry'] .none")).to_contain_text("choose fewer days")
    assert page.inner_text("[data-number='visits.visitors'] .value") == "\u2014"
    assert page.inner_text("[data-number='metrics.total_visitors'] .value") != "\u2014"
