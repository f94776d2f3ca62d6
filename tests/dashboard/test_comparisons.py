"""What numbers and charts are compared with: like days, chosen in a menu, a running day by its hours."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.browser import Watched, ask
from tests.dashboard.test_filters import altered

STATS = re.compile(r"/dashboard/api/stats\?")


def chart(page: Page, card: str) -> dict[str, Any]:
    """What a card's chart draws: {labels, type, axis, lines: [{label, data, …}], releases}."""
    drawn: dict[str, Any] = page.evaluate(
        """card => {
            const canvas = document.querySelector(`[data-card='${card}'] canvas`);
            const { data, options, config } = window.Chart.getChart(canvas);
            const smooth = (line) => Boolean(line.cubicInterpolationMode || line.tension);
            return {
                labels: data.labels, type: config.type, axis: options.scales.x.type,
                lines: data.datasets.map(line => ({...line, smooth: smooth(line)})).map(
                    ({label, data, smooth}) => ({label, data, smooth})),
                releases: options.plugins.markers.list.map(({label}) => label),
            };
        }""",
        card,
    )
    return drawn


def shift(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def asked(view: Watched, path: str) -> dict[str, Any]:
    """The page's own answer on its way to this path."""
    with view.page.expect_response(STATS) as response:
        view.go(path)
    body: dict[str, Any] = response.value.json()
    return body


def was(page: Page, number: str) -> str:
    return page.locator(f"[data-number='{number}'] .change").inner_text()


@pytest.mark.parametrize("period", ["today", "7d", "30d", "90d", "all"])
def test_people_of_the_last_days_stand_beside_their_own_window_whatever_the_period(
    view, full, period
):
    page = view.go(f"/dashboard?app=desktop&period={period}")
    today = page.get_attribute("body", "data-today") or ""
    for days in (7, 30):
        first = shift(today, 1 - days)
        span = f"from={first}&to={today}"
        before = ask(full, f"/stats?app=desktop&{span}")["previous"][f"active_users_{days}d"]
        card = page.locator(f"[data-number='summary.active_users_{days}d']")
        assert f"was {before:,}" in card.locator(".change").inner_text()
        assert card.locator(".was").get_attribute("title") == f"In the {days} days before"


def test_a_running_day_is_shown_by_hours_and_held_against_the_same_hours(view):
    body = asked(view, "/dashboard?app=desktop&period=today")
    page = view.page
    now, before = body["hours"]["now"], body["hours"]["before"]
    assert now["until"] == before["until"]
    assert before["date"] == shift(now["date"], -1)
    for name in ("people", "recordings", "crashes"):
        drawn = chart(page, name)
        assert len(drawn["labels"]) == 24
    assert chart(page, "recordings")["lines"][0]["data"] == [
        row["recordings"] for row in now["rows"]
    ]
    assert chart(page, "recordings")["lines"][1]["data"] == [
        row["recordings"] for row in before["rows"]
    ]
    for number in ("new_users", "total_recordings", "crash_count"):
        card = page.locator(f"[data-number='summary.{number}']")
        said = was(page, f"summary.{number}")
        if before["summary"][number] and "No change" not in said:
            assert said.endswith(f"was {before['summary'][number]:,}")
            assert f"until {now['until']}" in (card.locator(".was").get_attribute("title") or "")


def test_what_is_not_known_by_hours_is_not_coloured_on_a_running_day(view):
    def other_sessions(body: dict[str, Any]) -> None:
        body["answer"]["usage"]["avg_session_seconds"] = 10
        body["before"]["usage"]["avg_session_seconds"] = 100

    altered(view.page, other_sessions)
    page = view.go("/dashboard/usage?app=desktop&period=today")
    change = page.locator("[data-number='usage.avg_session_seconds'] .change b")
    expect(change).to_contain_text("90 %")
    expect(change).to_have_class("")
    page = view.go("/dashboard/usage?app=desktop&period=7d")
    expect(change).to_have_class("bad")


def test_a_day_whose_hours_take_too_long_is_one_point_and_no_number_is_coloured(view):
    def late(body: dict[str, Any]) -> None:
        body["hours"] = {"late": True}
        body["answer"]["summary"]["total_recordings"] = 10
        body["answer"]["previous"]["total_recordings"] = 100

    altered(view.page, late)
    page = view.go("/dashboard?app=desktop&period=today")
    assert len(chart(page, "recordings")["labels"]) == 1
    expect(page.locator("#coverage")).to_contain_text("too many events to be counted by hours")
    change = page.locator("[data-number='summary.total_recordings'] .change b")
    expect(change).to_contain_text("90 %")
    expect(change).to_have_class("")


def test_rates_of_a_generator_are_not_coloured_against_a_whole_day(view):
    def rates(body: dict[str, Any]) -> None:
        body["page"]["now"]["range"]["success_rate"] = 10
        body["page"]["before"]["range"]["success_rate"] = 90

    altered(view.page, rates)
    change = view.page.locator("[data-number='range.success_rate'] .change b")
    view.go("/dashboard?app=generator&period=today")
    expect(change).to_have_class("")
    view.go("/dashboard?app=generator&period=7d")
    expect(change).to_have_class("bad")


def test_a_day_that_is_over_is_shown_by_hours_too(view, full):
    today = view.go("/dashboard?app=desktop").get_attribute("body", "data-today") or ""
    day = shift(today, -3)
    page = view.go(f"/dashboard?app=desktop&from={day}&to={day}")
    rows = ask(full, f"/stats/hours?app=desktop&date={day}")["rows"]
    assert chart(page, "recordings")["lines"][0]["data"] == [row["recordings"] for row in rows]
    page.click("[data-card='recordings'] [data-table]")
    expect(page.locator("[data-card='recordings'] tbody tr")).to_have_count(24)
    expect(page.locator("[data-card='recordings'] tbody tr").nth(5)).to_contain_text(", 05:00")
    page.click("[data-card='recordings'] [data-table]")


def test_a_period_is_compared_with_the_same_weekdays_before(view, full):
    page = view.go("/dashboard?app=desktop&period=30d")
    today = page.get_attribute("body", "data-today") or ""
    first, last = shift(today, -29 - 35), shift(today, -35)
    days = ask(full, f"/stats?app=desktop&from={first}&to={last}")["daily_stats"]
    line = chart(page, "recordings")["lines"][1]
    assert line["label"] == "Same weekdays before"
    assert line["data"] == [row["recordings"] for row in days]
    before = ask(full, "/stats?app=desktop&period=30d&compare=weekdays")["previous"]
    assert f"was {before['total_recordings']:,}" in was(page, "summary.total_recordings")


def test_the_menu_compares_with_other_days_and_the_choice_is_a_link(view, full):
    page = view.go("/dashboard?app=desktop&period=7d")
    today = page.get_attribute("body", "data-today") or ""
    expect(page.locator("[data-compare='weekdays']")).to_have_attribute("aria-current", "true")
    page.click("#compare-menu summary")
    view.after(lambda: page.click("[data-compare='previous']"))
    assert "compare=previous" in page.url
    assert chart(page, "recordings")["lines"][1]["label"] == "Period before"

    page.click("#compare-menu summary")
    page.fill("#compare-form [name=from]", shift(today, -40))
    page.fill("#compare-form [name=to]", shift(today, -34))
    view.after(lambda: page.click("#compare-form button"))
    days = f"{shift(today, -40)}..{shift(today, -34)}"
    assert f"compare={days}" in page.url
    own = ask(full, f"/stats?app=desktop&from={shift(today, -40)}&to={shift(today, -34)}")
    assert chart(page, "recordings")["lines"][1]["data"] == [
        row["recordings"] for row in own["daily_stats"]
    ]
    assert f"was {own['summary']['total_recordings']:,}" in was(page, "summary.total_recordings")
    page.click(".tabs a:has-text('Growth')")
    page.wait_for_url("**/growth*")
    view.ready()
    assert f"compare={days}" in page.url  # it goes along

    page.click("#compare-menu summary")
    view.after(lambda: page.click("[data-compare='none']"))
    assert len(chart(page, "new")["lines"]) == 1
    page = view.go("/dashboard?app=desktop&period=7d&compare=none")
    assert was(page, "summary.total_recordings") == "Not compared"
    page = view.go("/dashboard?app=desktop&period=7d&compare=nonsense..2026-01-01")
    expect(page.locator("[data-compare='weekdays']")).to_have_attribute("aria-current", "true")


def test_tooltip_table_and_csv_name_both_dates(view):
    body = asked(view, "/dashboard?app=desktop&period=7d")
    page = view.page
    page.hover("[data-card='recordings'] canvas")
    tip = page.locator("[data-card='recordings'] .chart-tip")
    expect(tip).to_contain_text("Recordings")
    now, before = (body[part]["daily_stats"] for part in ("answer", "before"))
    places = [
        number
        for number, row in enumerate(now)
        if f"{date.fromisoformat(row['date']):%a %-d %b}" in tip.inner_text().split("\n")[0]
    ]
    [place] = places
    assert f"{date.fromisoformat(before[place]['date']):%a %-d %b}" in tip.inner_text()
    with page.expect_download() as download:
        page.click("[data-card='recordings'] [data-csv]")
    rows = list(csv.reader(Path(download.value.path()).read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["Date", "Recordings", "Compared with", "Same weekdays before"]
    assert rows[1:] == [
        [row["date"], str(row["recordings"]), other["date"], str(other["recordings"])]
        for row, other in zip(now, before, strict=True)
    ]


def test_a_release_outside_the_range_is_left_out(view):
    def more_releases(body: dict[str, Any]) -> None:
        first, last = body["answer"]["from"], body["answer"]["to"]
        body["releases"] = [
            {"version": "0.1", "day": shift(first, -1)},
            {"version": "0.2", "day": first},
            {"version": "0.3", "day": shift(last, 1)},
        ]

    altered(view.page, more_releases)
    page = view.go("/dashboard?app=desktop&period=7d")
    assert chart(page, "people")["releases"] == ["0.2"]
    page = view.go("/dashboard?app=desktop&period=today")
    assert chart(page, "people")["releases"] == []  # its hour is not known


def test_charts_have_dates_on_their_axis_and_straight_lines_and_bars_for_counts(view):
    for path in ("", "/growth", "/usage", "/quality", "/stability", "/costs"):
        page = view.go(f"/dashboard{path}?app=desktop&period=90d&group_by=week")
        cards = page.locator("[data-card]:has(canvas)")
        for card in cards.all():
            drawn = chart(page, card.get_attribute("data-card") or "")
            assert drawn["axis"] == "time"
            assert not any(line["smooth"] for line in drawn["lines"])
            gaps = {b - a for a, b in zip(drawn["labels"], drawn["labels"][1:], strict=False)}
            assert gaps <= {86_400_000, 7 * 86_400_000}
    page = view.go("/dashboard?app=desktop")
    for card in ("recordings", "minutes", "crashes", "cost"):
        assert chart(page, card)["type"] == "bar"


@pytest.mark.parametrize("app", ["desktop", "website", "bot"])
def test_no_two_cards_have_the_same_sparkline(view, app):
    page = view.go(f"/dashboard?app={app}")
    shapes = page.locator(".spark path:not(.fill)").evaluate_all(
        "paths => paths.map(path => path.getAttribute('d'))"
    )
    columns = page.locator("[data-spark]:not([data-spark=''])").evaluate_all(
        "cards => cards.map(card => card.dataset.spark)"
    )
    assert len(shapes) >= 1
    assert len(set(shapes)) == len(shapes)
    assert len(set(columns)) == len(columns)


def test_the_sparklines_of_the_last_days_end_at_their_numbers(view):
    body = asked(view, "/dashboard?app=desktop&period=7d")
    last = body["page"]["rolling"][-1]
    assert len(body["page"]["rolling"]) == 30  # whatever the period
    assert last["wau"] == body["answer"]["summary"]["active_users_7d"]
    assert last["mau"] == body["answer"]["summary"]["active_users_30d"]
