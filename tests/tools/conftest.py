"""What the tests of made-up traffic share."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.parameters import NOW, PARAMETERS
from tools.traffic import Parameters, desktop_crashes, desktop_events


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    return list(desktop_events(PARAMETERS))


@pytest.fixture(scope="module")
def crashes() -> list[dict[str, Any]]:
    return list(desktop_crashes(Parameters(now=NOW, people=2000, days=90, events=100_000)))
