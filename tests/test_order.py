"""What tests/order.py says of the tests' files is true."""

from __future__ import annotations

import re

from stories.config import ROOT
from tests.order import LONGEST


def test_the_files_that_go_first_exist():
    assert [name for name in LONGEST if not (ROOT / name).exists()] == []


def test_examples_that_make_test_leaves_out_are_tried_by_another_target():
    makefile = (ROOT / "Makefile").read_text()
    for path in (ROOT / "tests").rglob("test_*.py"):
        if re.search(r"support\.examples\(", path.read_text()) and path.name != "test_order.py":
            assert str(path.relative_to(ROOT)) in makefile
