"""Which crashes have the same fault: the cases of two corpora, and what must hold for any crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stories.crashes.grouping import group

HERE = Path(__file__).parent
CASES = [
    case
    for name in ("corpus.json", "more_cases.json")
    if (HERE / name).exists()
    for case in json.loads((HERE / name).read_text(encoding="utf-8"))
]


def grouped(crash: dict[str, Any]):
    return group(
        crash["crash_type"],
        crash["error_message"],
        crash["stack_trace"],
        client_fingerprint=crash.get("fingerprint"),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_case_of_the_corpus_is_grouped_as_it_wants(case):
    groupings = [grouped(crash) for crash in case["crashes"]]
    wanted = 1 if case["want"] == "same" else len(groupings)
    assert len({g.fingerprint for g in groupings}) == wanted, [g.why for g in groupings]
