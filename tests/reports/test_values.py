"""GET /dashboard/api/values: what an app's events have in a field of conditions."""

from __future__ import annotations

from typing import Any

import pytest

from stories.reports import values
from tests.rollup_tables import fold_all
from tests.support import event

OTHERS = ("00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b")


@pytest.fixture
def suggested(client, auth, services):
    def ask(field: str) -> list[str]:
        fold_all(services)
        answer = client.get(
            "/dashboard/api/values", query_string={"app": "desktop", "field": field}, headers=auth
        )
        assert answer.status_code == 200, answer.text
        return [row["value"] for row in answer.json["values"]]

    return ask


def post(client: Any, *events: dict[str, Any]) -> None:
    assert client.post("/track", json={"events": list(events)}).status_code == 200


def recording(n: int, **more: Any) -> dict[str, Any]:
    return event(event="recording_completed", id=f"r{n}", **more)


def test_dimensions_are_told_by_people_most_first(client, suggested):
    post(
        client,
        event(app_version="1.0.0", platform="darwin-24.6.0", id="a"),
        event(app_version="1.1.0", platform="darwin-23.6.0", id="b", user_id=OTHERS[0]),
        event(app_version="1.1.0", platform="win32-10.0.22631", id="c", user_id=OTHERS[1]),
    )
    assert suggested("version") == ["1.1.0", "1.0.0"]
    assert suggested("platform_family") == ["macOS", "Windows"]
    assert set(suggested("platform")) == {"darwin-24.6.0", "darwin-23.6.0", "win32-10.0.22631"}
    assert suggested("country") == ["US"]


def test_events_and_counted_properties_come_from_the_rollups(client, suggested):
    said = [{"source": "widget"}, {"source": "main_window"}, {"source": "widget"}]
    post(client, event(id="open"), *(recording(n, properties=each) for n, each in enumerate(said)))
    assert suggested("event") == ["recording_completed", "app_opened"]
    assert suggested("source") == suggested("prop.source") == ["widget", "main_window"]
    assert suggested("channel") == ["release", "debug"]


def test_what_is_not_counted_is_read_from_the_latest_events(client, suggested):
    carried = {"paper": "A4", "pages": 3, "tags": ["x"], "proof": True, "long": "y" * 201}
    post(client, recording(1, properties=carried), recording(2, properties={"paper": "A5"}))
    assert set(suggested("prop.paper")) == {"A4", "A5"}
    assert suggested("prop.pages") == ["3"]
    assert suggested("prop.proof") == ["true"]
    assert suggested("prop.tags") == suggested("prop.long") == suggested("prop.none") == []
    names = suggested("property")
    assert names[0] == "paper"
    assert {"pages", "tags", "proof"} <= set(names)


def test_at_most_so_many_are_told(client, suggested, monkeypatch):
    monkeypatch.setattr(values, "MOST", 2)
    post(client, *(recording(n, properties={"paper": f"A{n}"}) for n in range(4)))
    assert suggested("prop.paper") == ["A0", "A1"]


@pytest.mark.parametrize("query", ["", "&field=", "&field=prop.", "&field=size", "&fields=version"])
def test_a_field_that_conditions_do_not_have_is_refused(client, auth, query):
    answer = client.get(f"/dashboard/api/values?app=desktop{query}", headers=auth)
    assert answer.status_code == 400
    assert "field" in answer.json["error"]
