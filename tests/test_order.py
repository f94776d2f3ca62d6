"""What tests/order.py says of the tests' files is true."""

from __future__ import annotations

from stories.config import ROOT
from tests.order import LONGEST


def test_the_files_that_go_first_exist():
    assert [name for name in LONGEST if not (ROOT / name).exists()] == []
