"""The made-up traffic that its tests look at."""

from __future__ import annotations

from datetime import UTC, datetime

from tools.traffic import Parameters

NOW = datetime(2026, 11, 21, 12, 34, 56, tzinfo=UTC)
PARAMETERS = Parameters(now=NOW, people=300, days=90, events=20_000)
