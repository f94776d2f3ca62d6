"""What the tests of symbols share: a script with its map, and crashes over HTTP."""

from __future__ import annotations

import pytest

from tests.symbols.source_maps import shop


@pytest.fixture
def bundle():
    return shop()


@pytest.fixture
def post(client, now):
    def send(body, **changes):
        answer = client.post("/crash", json={**body, "timestamp": now.isoformat(), **changes})
        assert answer.status_code == 200, answer.json
        return answer.json["crash_id"]

    return send
