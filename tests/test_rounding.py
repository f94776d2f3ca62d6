"""Halves go away from zero wherever a number is rounded: in Python, in SQL, on the dashboard."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from decimal import Decimal

import pytest

from stories.config import ROOT
from stories.reports.rounding import percentage, rounded
from tests.rollup_tables import values
from tests.support import require

# (number, decimals, as it is written): halves of tens, of units and of decimals, of both signs; the
# decimals have no exact binary form.
HALVES = [
    ("0.5", 0, "1"),
    ("2.5", 0, "3"),
    ("-2.5", 0, "-3"),
    ("6.25", 1, "6.3"),
    ("-6.25", 1, "-6.3"),
    ("12.35", 1, "12.4"),
    ("1.005", 2, "1.01"),
    ("-1.005", 2, "-1.01"),
    ("0.0005", 3, "0.001"),
    ("99.95", 1, "100.0"),
    ("-0.04", 1, "0.0"),
    ("12.34", 1, "12.3"),
]
FORMAT = ROOT / "static" / "dashboard" / "format.js"


@pytest.mark.parametrize(("number", "places", "written"), HALVES)
def test_python_rounds_halves_away_from_zero(number, places, written):
    assert rounded(Decimal(number), places) == float(written)


def test_sql_rounds_halves_away_from_zero(database):
    for number, places, written in HALVES:
        [(there,)] = values(database, "select round(%(n)s::numeric, %(p)s)", n=number, p=places)
        assert there == Decimal(written), number


def test_the_dashboard_rounds_halves_away_from_zero():
    script = f"""
    import {{ fixed }} from {json.dumps(FORMAT.as_uri())};
    const cases = {json.dumps([[float(number), places] for number, places, _ in HALVES])};
    console.log(JSON.stringify(cases.map(([number, places]) => fixed(number, places))));
    """
    done = subprocess.run(
        [require("node"), "--input-type=module", "-e", script],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [written for _, _, written in HALVES]


def test_a_sixteenth_is_six_point_three_percent():
    assert percentage(1, 16) == 6.3


def test_reports_and_views_round_in_one_way_only():
    """Python's round() takes halves to the even neighbour."""
    for folder in ("reports", "views"):
        for path in (ROOT / "stories" / folder).glob("*.py"):
            calls = [
                node.lineno
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "round"
            ]
            assert calls == [], path.name


def test_the_dashboard_writes_numbers_with_its_one_function():
    """toFixed rounds the binary number: 12.35 as 12.3. Coordinates of drawings may use it."""
    for path in (ROOT / "static" / "dashboard").rglob("*.js"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "toFixed(" in line:
                assert re.match(r"\s*const [xy] = ", line), f"{path.name}: {line.strip()}"
