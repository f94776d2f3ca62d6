"""The table of scrubbing examples that server and clients share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stories_analytics._plain import clean
from stories_analytics._scrub import scrub

TABLE = Path(__file__).parents[3] / "tests" / "privacy" / "scrubbing_examples.json"
EXAMPLES: list[dict[str, Any]] = json.loads(TABLE.read_text()) if TABLE.exists() else []
TEXTS = [example for example in EXAMPLES if "text" in example]
MEMBERS = [example for example in EXAMPLES if "member" in example]


@pytest.mark.parametrize("example", TEXTS, ids=lambda example: example["text"])
def test_a_text_is_scrubbed_as_the_table_says_and_once(example: dict[str, Any]) -> None:
    assert scrub(example["text"]) == example["scrubbed"]
    assert scrub(example["scrubbed"]) == example["scrubbed"]


@pytest.mark.parametrize(
    "example", [e for e in EXAMPLES if "member" in e], ids=lambda e: e["member"]
)
def test_a_member_is_blanked_as_the_table_says(example: dict[str, Any]) -> None:
    expected = "plain" if example.get("kept") else "[secret]"
    assert clean({example["member"]: "plain"}) == {example["member"]: expected}


def test_numbers_of_people_are_blanked_and_counts_are_not() -> None:
    assert clean({"pin": 1234, "token": 5, "password": ""}) == {
        "pin": "[secret]",
        "token": 5,
        "password": "",
    }


def test_the_table_is_there_inside_the_repository() -> None:
    assert len(EXAMPLES) > 150 or not (TABLE.parents[2] / "app.py").exists()
