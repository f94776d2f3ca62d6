"""What the tests of erasure and of copies share."""

from __future__ import annotations

import pytest


@pytest.fixture
def bot_events(client, auth, services):
    def post(client_id, *messages, **more):
        events = [
            {"client_id": client_id, "event_name": "user_message", "message": text, **more}
            for text in messages
        ]
        answer = client.post("/api/bot/events", json=events, headers=auth)
        assert answer.status_code in (200, 201), answer.json

    return post
