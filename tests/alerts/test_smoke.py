from __future__ import annotations

from datetime import UTC, datetime, timedelta

from stories.alerts import evaluation
from stories.web.services import Services
from tests.support import basic, event

AUTH = basic("admin", "admin")


def test_a_number_past_its_threshold_fires_and_is_over(app, client):
    service: Services = app.extensions["stories"]
    made = client.post(
        "/destinations",
        headers=AUTH,
        json={"name": "Hook", "kind": "webhook", "address": "https://example.com/x"},
    )
    assert made.status_code == 200, made.json
    number = made.json["destination"]["id"]
    answer = client.post(
        "/alerts?app=desktop",
        headers=AUTH,
        json={
            "name": "Many events",
            "kind": "number",
            "settings": {"number": "events", "comparison": "above", "threshold": 2},
            "destinations": [number],
        },
    )
    assert answer.status_code == 200, answer.json
    print(answer.json)
    client.post("/track", json={"events": [event(id=str(n)) for n in range(4)]})
    client.get("/stats", headers=AUTH)
    now = datetime.now(UTC)
    for kind in (
        "new_issue",
        "regressed_issue",
        "issue_spike",
        "no_events",
        "release_worse",
        "refused",
    ):
        answer = client.post(
            "/alerts?app=desktop",
            headers=AUTH,
            json={"name": kind, "kind": kind, "destinations": [number]},
        )
        assert answer.status_code == 200, answer.json
    for kind in ("disk_full", "fold_behind", "job_failing"):
        answer = client.post(
            "/alerts", headers=AUTH, json={"name": kind, "kind": kind, "destinations": [number]}
        )
        assert answer.status_code == 200, answer.json
    counts = evaluation.evaluate(service.config, service.database, service.apps, now)
    print(counts)
    print(client.get("/alerts?app=desktop", headers=AUTH).json)
    print(client.get("/alerts/log?app=desktop", headers=AUTH).json)
    print(client.get("/destinations", headers=AUTH).json)
    assert counts == {"rules": 10, "queued": 1, "failed": 0}
    again = evaluation.evaluate(
        service.config, service.database, service.apps, now + timedelta(minutes=1)
    )
    assert again == {"rules": 10, "queued": 0, "failed": 0}
