"""The registry of questions: each entry has its route, its statements, its recount and its docs."""

from __future__ import annotations

from typing import get_args

import pytest

from stories.config import ROOT
from stories.payloads.questions import ReportName
from stories.reports.questions import QUESTIONS

each_report = pytest.mark.parametrize("report", QUESTIONS, ids=lambda report: report.name)


@each_report
def test_a_report_has_its_route_statements_recount_and_docs(app, report):
    assert report.route in {rule.rule for rule in app.url_map.iter_rules()}
    for statement in report.statements:
        assert (ROOT / "stories" / "sql" / f"{statement}.sql").is_file(), statement
    assert (ROOT / report.recount).is_file()
    documented = (ROOT / "docs" / "QUESTIONS.md").read_text(encoding="utf-8")
    assert f"{report.route.replace('<', '{').replace('>', '}')}`" in documented


def test_every_report_that_can_be_saved_is_in_the_registry():
    assert set(get_args(ReportName)) <= {report.name for report in QUESTIONS}
