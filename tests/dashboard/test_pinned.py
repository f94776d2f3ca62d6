"""Saved questions of every report stand on the overview as small cards of their own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.dashboard.browser import ask

STEPS = ["app_opened", "recording_started", "recording_completed"]
PINNED: dict[str, dict[str, list[str]]] = {
    "funnel": {"step": STEPS, "within": ["7"]},
    "retention": {"interval": ["week"], "start": ["app_opened"]},
    "experiment": {
        "experiment": ["recording_started"],
        "property": ["source"],
        "goal": ["transcription_completed"],
    },
}


@pytest.fixture
def pinned(full) -> Any:
    made = {}
    for report, question in PINNED.items():
        body = {"report": report, "name": f"My {report}", "question": question, "is_pinned": True}
        made[report] = ask(full, "/saved?app=desktop", body)["saved"]["id"]
    yield {report: f"[data-card=pinned-{number}]" for report, number in made.items()}
    for number in made.values():
        ask(full, f"/saved/{number}", method="DELETE")


def test_a_pinned_question_is_drawn_from_the_same_answer_as_on_its_page(view, full, pinned):
    page = view.go("/dashboard?app=desktop&period=30d")
    page.wait_for_selector("body[data-pinned=ready]")
    steps = "&".join(f"step={step}" for step in STEPS)
    answer = ask(full, f"/funnels?app=desktop&period=30d&within=7&{steps}")["steps"]
    funnel = page.locator(pinned["funnel"])
    expect(funnel.locator(".funnel li")).to_have_count(3)
    first, last = answer[0]["count"], answer[-1]["count"]
    expect(funnel.locator(".means")).to_contain_text(f"came through: {last:,} of {first:,} people.")
    expect(funnel.locator(".means b")).to_have_text(f"{answer[-1]['percentage']} %")

    retention = page.locator(pinned["retention"])
    answer = ask(full, "/retention?app=desktop&period=30d&interval=week&start=app_opened")
    known = [value for value in answer["average"] if value is not None]
    expect(retention.locator(".curve li")).to_have_count(len(known))
    expect(retention.locator(".curve-value").nth(1)).to_have_text(str(round(known[1])))

    experiment = page.locator(pinned["experiment"])
    path = "/experiments/recording_started?app=desktop&property=source&period=30d"
    answer = ask(full, f"{path}&goal=transcription_completed")
    sentence = experiment.locator(".verdict-line").inner_text()
    if answer["split"]["is_wrong"]:
        assert "do not trust the rates" in sentence
    else:
        assert re.search("Cannot tell|does better|No difference", sentence)
    expect(experiment.locator("tbody tr")).to_have_count(len(answer["variants"]))
    for card, name in ((funnel, "funnels"), (retention, "retention"), (experiment, "experiments")):
        href = card.locator("h2 a").get_attribute("href") or ""
        assert href.startswith(f"/dashboard/{name}?app=desktop")
    assert view.overflow() <= 0


def test_what_the_page_is_narrowed_to_narrows_its_pinned_questions(view, full, pinned):
    page = view.go("/dashboard?app=desktop&period=30d&filter=platform_family:is:macOS")
    page.wait_for_selector("body[data-pinned=ready]")
    steps = "&".join(f"step={step}" for step in STEPS)
    answer = ask(
        full, f"/funnels?app=desktop&period=30d&within=7&{steps}&filter=platform_family:is:macOS"
    )["steps"]
    expect(page.locator(pinned["funnel"]).locator(".means")).to_contain_text(
        f"{answer[-1]['count']:,} of {answer[0]['count']:,}"
    )


VERDICTS: dict[str, tuple[dict[str, float], bool, str]] = {
    "better": ({"low": 0.5, "high": 3.2, "difference": 1.8}, True, "B does better than A: +1.80 points"),
    "worse": ({"low": -3.2, "high": -0.5, "difference": -1.8}, True, "A does better than the others"),
    "neither": ({"low": -0.2, "high": 0.5, "difference": 0.1}, True, "No difference is to be seen"),
    "early": ({"low": -9, "high": 9, "difference": 0}, False, "takes 900 people in each variant."),
}  # fmt: skip


@pytest.mark.parametrize("name", VERDICTS)
def test_the_sentence_of_an_experiment_says_what_its_interval_says(view, name):
    row, can_tell, sentence = VERDICTS[name]
    page = view.go("/dashboard/live?app=desktop")
    answer = {
        "variants": [
            {"variant": "A", "low": None, "high": None, "difference": None},
            {"variant": "B", **row},
        ],
        "split": {"is_wrong": False},
        "needed": 900,
        "can_tell": can_tell,
        "control": "A",
    }
    text = page.evaluate(
        "async (answer) => (await import('/static/dashboard/experiment_words.js')).verdict(answer).text",
        answer,
    )
    assert sentence in text
    answer["split"] = {"is_wrong": True}
    text = page.evaluate(
        "async (answer) => (await import('/static/dashboard/experiment_words.js')).verdict(answer).text",
        answer,
    )
    assert "do not trust" in text
