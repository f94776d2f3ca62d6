"""Fixtures: a stand-in server, and clients whose queue is a file of the test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Behind the root: its tests/ and ours are one package to Python; tests.conftest is the root's.
sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from standin import MakeClient, StandIn

from stories_analytics import AsyncClient


@pytest.fixture
def server() -> Iterator[StandIn]:
    one = StandIn().start()
    yield one
    one.stop()


@pytest.fixture
def make_client(
    server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeClient]:
    """Clients that wait for nobody: a long interval, so that only flush() sends."""
    monkeypatch.setattr("stories_analytics._sender._FIRST_DELAY", 0.05)
    made: list[AsyncClient] = []

    def make(**options: Any) -> AsyncClient:
        settings: dict[str, Any] = {
            "queue_path": tmp_path / "queue",
            "flush_interval": 60.0,
            "flush_at": 1_000_000,
            "timeout": 5.0,
            "url": server.url,
        }
        one = AsyncClient(**{**settings, **options})
        made.append(one)
        return one

    yield make
    for one in made:
        one.close(0.2)


@pytest.fixture
def client(make_client: MakeClient) -> AsyncClient:
    return make_client()
