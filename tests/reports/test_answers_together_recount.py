"""Answers from the events that are wanted together: read at once, each as if it were asked alone."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from database import Row, Transaction
from stories.config import ROOT
from stories.reports import CORE, FAMILIES, Question
from stories.reports.answers import (
    Answers,
    compute,
    compute_from_events,
    compute_from_rollups,
)
from stories.reports.conditions import read_conditions
from stories.reports.dashboard import COMPARED, LOOKING_BACK, with_before
from stories.reports.filters import Filter
from stories.reports.question import COMPARISONS, GROUPINGS, Span, last_days
from stories.reports.rounding import exact_arithmetic
from stories.rollups import fold
from stories.web.services import Services
from tests.clock import NOW
from tests.random_filters import random_filter
from tests.stats_traffic import prepare, send

SECTIONS = (*CORE, *FAMILIES)
WIDE = ["version:not:0.0.1", "channel:not:nightly"]  # both match nearly everything


@pytest.fixture(scope="module")
def services(lasting_app: Flask) -> Services:
    prepare(lasting_app)
    send(lasting_app, "desktop", 31)
    services: Services = lasting_app.extensions["stories"]
    fold.fold(services.database, services.apps, services.key)
    return services


def question(services: Services, filter: list[str], **changes: Any) -> Question:
    desktop = services.apps.by_slug("desktop")
    assert desktop is not None
    whole = Question(
        app=desktop,
        app_id=desktop.app_id,
        timezone=desktop.timezone,
        today=NOW.astimezone(desktop.zone).date(),
        sections=SECTIONS,
        filter=Filter(read_conditions(filter)),
    )
    return replace(whole, **changes)


def random_question(rng: random.Random, whole: Question) -> Question:
    span = last_days(rng.randint(1, 45), whole.today - timedelta(days=rng.randint(0, 60)))
    against = Span(span.first - timedelta(days=9), span.first + timedelta(days=3))
    spans: list[dict[str, Any]] = [
        {"period": "7d"},
        {"period": None, "first": span.first, "last": span.last},
    ]
    chosen = rng.sample(SECTIONS, rng.randint(1, len(SECTIONS)))
    return replace(
        whole,
        sections=tuple(section for section in SECTIONS if section in chosen),
        group_by=rng.choice(GROUPINGS),
        compare=rng.choice(COMPARISONS),
        against=rng.choice([None, None, against]),  # days that both are about
        today=whole.today - timedelta(days=rng.choice([0, 0, 7, 30])),
        **rng.choice(spans),
    )


def test_answers_together_are_those_of_each_question_alone(services: Services) -> None:
    rng = random.Random(5)
    with (
        services.database.transaction(isolation="REPEATABLE READ", read_only=True) as tx,
        exact_arithmetic(),
    ):
        for number in range(15):
            whole = question(services, WIDE if number % 3 == 0 else random_filter(rng))
            asked = [random_question(rng, whole) for _ in range(rng.randint(2, 5))]
            alone = [compute(tx, each, from_events=True) for each in asked]
            assert compute_from_events(tx, asked) == alone, (number, asked)


@pytest.mark.parametrize("filter", [[], ["country:is:US"]])
def test_answers_from_the_rollups_together_are_those_of_each_question_alone(
    services: Services, filter: list[str]
) -> None:
    rng = random.Random(6)
    with (
        services.database.transaction(300, isolation="REPEATABLE READ", read_only=True) as tx,
        exact_arithmetic(),
    ):
        for number in range(6):
            whole = question(services, filter)
            asked = [random_question(rng, whole) for _ in range(rng.randint(2, 5))]
            alone = [compute(tx, each) for each in asked]
            assert None not in alone
            assert compute_from_rollups(tx, asked) == alone, (number, asked)


def test_a_page_asks_the_rollups_for_all_of_its_windows_at_once(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = count_statements(monkeypatch)
    answer, before = with_before(Answers(services.database), question(services, []))
    assert answer["computed"] == "rollups"
    assert before["growth"]["churned_30d"] is not None
    for statement in ("coverage", "distinct_people", "arrivals", "daily_sums"):
        assert ran[f"stats_{statement}"] == 1, (statement, ran)


def count_statements(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    ran: Counter[str] = Counter()
    execute = Transaction._execute

    def counted(self: Transaction, name: str, params: Row) -> Any:
        ran[name.split("*/")[0].strip("/* ").removeprefix("reports/")] += 1
        return execute(self, name, params)

    monkeypatch.setattr(Transaction, "_execute", counted)
    return ran


@pytest.mark.parametrize("compare", COMPARISONS)
def test_a_page_reads_the_events_once(
    services: Services, monkeypatch: pytest.MonkeyPatch, compare: str
) -> None:
    ran = count_statements(monkeypatch)
    asked = question(services, WIDE, compare=compare)
    answer, before = with_before(Answers(services.database), asked)
    assert answer["computed"] == "events"
    assert ("daily_stats" in before) == (compare != "none")
    for statement in ("facts_people", "facts_sums", "facts_crashes", "facts_issues"):
        assert ran[statement] == 1, (statement, ran)


def test_what_stands_beside_a_number_is_what_was_asked_alone(services: Services) -> None:
    asked, answers = question(services, WIDE), Answers(services.database)
    answer, before = with_before(answers, asked)
    span = last_days(30, asked.today).before()
    alone = answers.to(
        replace(asked, period=None, first=span.first, last=span.last, compare="none")
    )
    assert answer == Answers(services.database).to(asked)
    assert before["daily_stats"] == alone["daily_stats"]
    for path in COMPARED[1:]:
        section, key = path.split(".")
        assert before[section].get(key) == alone[section].get(key), path
    for path, days in LOOKING_BACK.items():
        section, key = path.split(".")
        then = answers.to(replace(asked, today=asked.today - timedelta(days=days)))
        assert before[section][key] == then[section][key], path


def test_every_card_that_is_compared_is_asked_about_the_days_before() -> None:
    """A summary's number has its `previous`."""
    folder: Path = ROOT / "templates" / "dashboard"
    cards = [
        card
        for template in folder.glob("*.html")
        for card in re.findall(r"\{\{ number\((.*)\) \}\}", template.read_text())
    ]
    assert len(cards) > 20
    for card in cards:
        path = card.split('"')[1]
        number = ".".join(path.split(".")[:2])
        if path.split(".")[0] in FAMILIES and "never=" not in card:
            assert number in (LOOKING_BACK if "before=" in card else COMPARED), path
