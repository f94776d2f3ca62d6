from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from stories.alerts import sending
from stories.config import Config
from tests.alerts.scene import Scene


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """With a folder whose disk can be looked at."""
    return Config(ratelimit_enabled=False, run_jobs=False, data_dir=str(tmp_path))


@pytest.fixture
def scene(app: Flask) -> Iterator[Scene]:
    yield Scene(app)
    sending.PROCESS.stop()
