"""GET /api/metrics?include=visits: who came, how long they stayed, where they began and ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.intake.test_website import CHROME, get, item
from tests.support import basic
from tools.traffic import BROWSER_USER_AGENTS

FIREFOX = next(agent for agent in BROWSER_USER_AGENTS if "Firefox" in agent)


@pytest.fixture
def visit(client, now):
    """Send a session's pages, ten seconds apart, as a browser at an address."""

    def send(session, *paths, address="198.51.100.7", agent=CHROME, days=0, **more):
        items = [
            item(
                now,
                sessionId=session,
                type="pageview",
                category=None,
                action=None,
                path=path,
                timestamp=(now - timedelta(days=days) + timedelta(seconds=10 * place)).isoformat(),
                **(more if place == 0 else {}),
            )
            for place, path in enumerate(paths)
        ]
        answer = client.post(
            "/api/track",
            json=items,
            headers={"User-Agent": agent},
            environ_base={"REMOTE_ADDR": address},
        )
        assert answer.json["events_stored"] == len(paths)

    return send


def visits(client, days=7):
    return get(client, f"/api/metrics?days={days}&include=visits")["visits"]


def test_visitors_are_addresses_with_browsers_and_not_sessions(client, visit):
    visit("one", "/")
    visit("two", "/")
    visit("three", "/", agent=FIREFOX)
    visit("four", "/", address="203.0.113.9")
    found = visits(client)
    assert (found["visitors"], found["visitors_of"], found["sessions"]) == (3, 4, 4)


@pytest.mark.parametrize(("rotation", "count"), [("never", 1), ("daily", 2)])
def test_who_comes_on_two_days_is_one_visitor_unless_hashes_change_by_day(
    client, visit, rotation, count
):
    client.patch("/apps/website", json={"hash_rotation": rotation}, headers=basic("admin", "admin"))
    visit("one", "/")
    visit("two", "/", days=1)
    assert visits(client)["visitors"] == count


def test_a_bounce_is_a_session_of_one_item(client, visit):
    visit("short", "/")
    visit("long", "/", "/pricing", "/signup")
    visit("middle", "/a", "/b")
    found = visits(client)
    assert found["bounce_rate"] == 33.3
    assert found["avg_seconds"] == 10.0  # 0, 20 and 10


def test_sessions_begin_and_end_on_pages(client, visit):
    visit("one", "/", "/pricing")
    visit("two", "/", "/docs", "/pricing")
    visit("three", "/docs")
    found = visits(client)
    assert found["entry"] == [
        {"key": "/", "count": 2, "percentage": 66.7},
        {"key": "/docs", "count": 1, "percentage": 33.3},
    ]
    assert [(row["key"], row["count"]) for row in found["exit"]] == [("/pricing", 2), ("/docs", 1)]


def test_a_campaign_is_that_of_the_first_item_that_names_one(client, visit):
    visit("one", "/", "/b", utm_source="news", utm_medium="mail", utm_campaign="autumn")
    visit("two", "/", utm_source="news")
    visit("three", "/")
    found = visits(client)
    assert [(row["key"], row["count"]) for row in found["source"]] == [("news", 2)]
    assert [(row["key"], row["count"]) for row in found["medium"]] == [("mail", 1)]
    assert [(row["key"], row["count"]) for row in found["campaign"]] == [("autumn", 1)]


def test_an_empty_website_has_no_rates(client):
    assert visits(client) == {
        "visitors": None,
        "visitors_of": 0,
        "bounce_rate": None,
        "avg_seconds": None,
        "sessions": 0,
        "entry": [],
        "exit": [],
        "source": [],
        "medium": [],
        "campaign": [],
    }


def test_metrics_are_as_they_were_unless_visits_are_asked_for(client, visit):
    visit("one", "/")
    assert list(get(client, "/api/metrics")) == [
        "metrics",
        "traffic_sources",
        "funnel_data",
        "recent_conversions",
    ]
    answer = client.get("/api/metrics?include=all", headers=basic("admin", "admin"))
    assert answer.status_code == 400
    assert answer.json["details"][0]["parameter"] == "include"
