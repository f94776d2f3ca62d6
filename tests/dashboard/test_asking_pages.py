"""Funnels, retention and experiments: asked by their forms, kept in the address, read back from it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.browser import ask
from tests.dashboard.hostile import HOSTILE, TAG

FUNNEL = (
    "/dashboard/funnels?app=desktop&step=app_opened&step=recording_started&step=recording_completed"
)
RETENTION = "/dashboard/retention?app=desktop&period=90d&interval=week"
EXPERIMENT = (
    "/dashboard/experiments?app=desktop&experiment=recording_started&property=source"
    "&goal=transcription_completed"
)


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.evaluate("location.href")).query)  # page.url hears of it later


def digits(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def submit(view, page: Page) -> None:
    view.after(lambda: page.get_by_role("button", name="Ask", exact=True).click())


def test_a_funnel_is_built_from_steps_and_conditions(view, full):
    page = view.go("/dashboard/funnels?app=desktop")
    expect(page.locator("[data-card=funnel] .none")).to_contain_text("Choose two steps or more")
    expect(page.locator("[data-card=stopped]")).to_be_hidden()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#question-problem")).to_contain_text("two steps or more")
    page.get_by_label("Step 1", exact=True).fill("app_opened")
    page.get_by_label("Step 2", exact=True).fill("recording_completed")
    second = page.locator(".asking-step").nth(1)
    second.locator("summary").click()
    second.get_by_label("Field").select_option("property")
    second.get_by_label("Name of the property").fill("source")
    second.get_by_label("Value").fill("widget")
    page.locator("[name=within]").select_option("7")
    submit(view, page)
    steps = ["app_opened", "recording_completed;prop.source:is:widget"]
    assert asked(page)["step"] == steps
    assert asked(page)["within"] == ["7"]
    query = "&".join(f"step={quote(step)}" for step in steps)
    answer = ask(full, f"/funnels?app=desktop&within=7&period=30d&{query}")
    shown = page.locator("[data-card=funnel] .funnel-count").all_inner_texts()
    assert [digits(text.split(" ")[0]) for text in shown] == [
        step["count"] for step in answer["steps"]
    ]
    assert answer["steps"][1]["count"] > 0
    # read back from the address, after a step was added and moved
    page.get_by_role("button", name="Add a step").click()
    page.get_by_label("Step 3", exact=True).fill("recording_started")
    page.get_by_role("button", name="Move step 3 up").click()
    submit(view, page)
    assert asked(page)["step"] == [steps[0], "recording_started", steps[1]]
    view.after(page.go_back)
    assert asked(page)["step"] == steps
    expect(page.get_by_label("Step 2", exact=True)).to_have_value("recording_completed")
    expect(page.locator(".asking-step")).to_have_count(2)


def test_a_funnel_by_a_field_and_the_people_who_stopped(view, full):
    page = view.go(f"{FUNNEL}&within=7&by=version&period=90d")
    query = "app=desktop&steps=app_opened,recording_started,recording_completed&within=7&period=90d"
    answer = ask(full, f"/funnels?{query}&by=version")
    table = page.locator("[data-card=by] tbody tr")
    expect(table).to_have_count(len(answer["by"]))
    first = table.first.locator("td, th").all_inner_texts()
    assert first[0] == answer["by"][0]["key"]
    assert digits(first[1]) == answer["by"][0]["steps"][0]["count"]
    people = ask(full, f"/funnels/people?{query}&stopped=1")["people"]
    listed = page.locator("[data-card=stopped] tbody tr")
    expect(listed).to_have_count(min(len(people), 50))
    assert people[0]["user_id"].startswith(listed.first.locator(".mono").inner_text())
    view.after(lambda: page.get_by_label("Step", exact=True).select_option("3"))
    assert asked(page)["stopped"] == ["3"]
    with page.expect_download() as download:
        page.get_by_role("button", name="Funnel as CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0].lstrip("\ufeff").startswith("Step,People,Percent of the first,Dropped")
    assert len(lines) == 4


def test_retention_shows_what_the_api_says(view, full):
    page = view.go(RETENTION)
    answer = ask(full, "/retention?app=desktop&period=90d&interval=week")
    rows = page.locator("[data-card=retention] tbody tr")
    expect(rows).to_have_count(len(answer["cohorts"]) + 1)
    cohort = answer["cohorts"][2]
    cells = rows.nth(2).locator("td").all_inner_texts()
    assert digits(cells[0]) == cohort["size"]
    shares = [
        "\u2014" if value is None else f"{100 * value / cohort['size']:.1f}"
        for value in cohort["returned"]
    ]
    for cell, share in zip(cells[1:], shares, strict=True):
        assert cell == share or abs(digits(cell) - float(share)) <= 0.55
    assert cells[-1] == "\u2014"  # the running week is not 0
    page.get_by_label("And came back to do").fill("recording_completed")
    page.locator("[name=unbounded]").select_option("true")
    submit(view, page)
    assert asked(page)["return"] == ["recording_completed"]
    assert asked(page)["unbounded"] == ["true"]
    expect(page.locator("#head-retention")).to_contain_text("Recording completed")


def test_an_experiment_says_when_its_split_is_wrong_and_whom_it_compares(view, full):
    page = view.go("/dashboard/experiments?app=desktop")
    expect(page.locator("[data-card=variants] .none")).to_contain_text("Choose the event")
    page = view.go(EXPERIMENT)
    answer = ask(
        full,
        "/experiments/recording_started?app=desktop&property=source&goal=transcription_completed",
    )
    rows = page.locator("[data-card=variants] tbody tr")
    expect(rows).to_have_count(len(answer["variants"]))
    first = rows.first.locator("td, th").all_inner_texts()
    assert first[0] == answer["control"]
    assert digits(first[1]) == answer["variants"][0]["people"]
    warning = page.locator("[data-card=variants] .bad")
    expect(warning).to_have_count(1 if answer["split"]["is_wrong"] else 0)
    shares = ",".join(str(row["people"]) for row in answer["variants"])
    page.get_by_label("Planned split").fill(shares)
    submit(view, page)
    assert asked(page)["split"] == [shares]
    expect(warning).to_have_count(0)


@pytest.mark.parametrize(
    ("address", "route", "card"),
    [
        (FUNNEL, "/funnels", "funnel"),
        (RETENTION, "/retention", "retention"),
        (EXPERIMENT, "/experiments/", "variants"),
    ],
)
def test_a_failed_question_says_why_and_can_be_asked_again(view, full, address, route, card):
    page = view.go("/dashboard/explore?app=desktop")
    sentence = "this took longer than 20 s: ask for fewer days"
    body = f'{{"success": false, "code": "too_slow", "error": "{sentence}"}}'
    pattern = re.compile(rf"^[^?]*(?<!dashboard){re.escape(route)}[^?]*\?")
    page.route(pattern, lambda each: each.fulfill(status=503, body=body))
    page.goto(full.url + address)
    error = page.locator(f"[data-card={card}] .card-error")
    expect(error).to_contain_text(sentence)
    page.unroute(pattern)
    error.get_by_role("button", name="Try again").click()
    expect(error).to_have_count(0)
    assert [each for each in view.troubles if "503" not in each] == []
    view.troubles.clear()


def test_hostile_names_and_values_are_only_text(view):
    step = quote(f"/{HOSTILE}*;prop.x:is:{HOSTILE}")
    for path in (
        f"/dashboard/funnels?app=website&step={step}&step={step}&by=source&stopped={quote(TAG)}",
        f"/dashboard/retention?app=website&start={step}&return={step}",
        f"/dashboard/experiments?app=website&experiment=event&goal={step}&property={quote(TAG)}",
    ):
        page = view.go(path)
        assert page.evaluate("document.body.dataset.ready") == "start", path
        assert page.evaluate("window.pwned") is None, path
        assert page.locator("img[src='x'], main script, svg[onload]").count() == 0, path
        assert HOSTILE in page.locator("main").inner_text() or "experiments" in path
        assert view.overflow() <= 0, path


@pytest.mark.parametrize("address", [FUNNEL, RETENTION, EXPERIMENT])
def test_on_a_phone_and_in_the_dark_nothing_sticks_out(view, address):
    page = view.go(address)
    page.set_viewport_size({"width": 390, "height": 844})
    assert view.overflow() <= 0
    view.darken()
    assert view.nameless() == []
    page.set_viewport_size({"width": 1280, "height": 900})
