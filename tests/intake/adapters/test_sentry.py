"""Sentry's SDKs: an envelope as they send it becomes a crash or a handled error, and nothing more of a
person than that."""

from __future__ import annotations

import json

import pytest

from tests.clock import NOW

PERSON = "550e8400-e29b-41d4-a716-446655440000"


@pytest.fixture
def desktop(services, now):
    return services.apps.default("desktop")


def event(**changes):
    return {
        "event_id": "5d167e7d21004858ae9dfba46d370377",
        "timestamp": NOW.timestamp() - 60.25,
        "platform": "node",
        "level": "error",
        "release": "stories@1.4.2",
        "environment": "production",
        "user": {"id": PERSON, "email": "jane@example.com"},
        "exception": {
            "values": [
                {
                    "type": "TypeError",
                    "value": "x is not a function",
                    "mechanism": {"type": "auto.node.onuncaughtexception", "handled": False},
                    "stacktrace": {
                        "frames": [
                            {"filename": "app:///main.js", "function": "start", "lineno": 3},
                            {"filename": "app:///main.js", "function": "drain", "lineno": 9},
                        ]
                    },
                }
            ]
        },
        **changes,
    }


def envelope(*items, header=None):
    """Items are (kind, payload) or (header, payload)."""
    lines = [json.dumps(header or {})]
    for about, payload in items:
        lines.append(json.dumps({"type": about} if isinstance(about, str) else about))
        lines.append(payload if isinstance(payload, str) else json.dumps(payload))
    return "\n".join(lines).encode()


def post(client, app, body, **options):
    address = f"/api/{app.app_id}/envelope/?sentry_key={app.ingest_key}"
    return client.post(address, data=body, **options)


def stored(client, auth):
    return client.get("/crashes", headers=auth).json["crashes"]


def test_an_unhandled_error_is_a_crash(client, auth, desktop):
    answer = post(client, desktop, envelope(("event", event())))
    assert (answer.status_code, answer.json) == (200, {"id": event()["event_id"]})
    [row] = stored(client, auth)
    assert row["crash_type"] == "uncaught_error"
    assert row["error_message"] == "TypeError: x is not a function"
    assert (row["app_version"], row["user_id"]) == ("1.4.2", PERSON)
    assert row["context"]["environment"] == "production"
