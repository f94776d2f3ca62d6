"""Searches for people and cohorts, against a walk over every event that was sent."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from database import Inline
from stories.web.filters import asked_filter
from stories.web.services import Services
from tests.clock import NOW
from tests.oracle.facts import Facts
from tests.oracle.people import people_meant
from tests.stats_traffic import TESTERS, ZONES, Sent, prepare, send
from tests.support import PERSON, basic, event

AUTH = basic("admin", "admin")
COUNTED = Inline(
    "/* test */ select count(*) as events, count(distinct user_id) as people from facts "
    "where app_id = %(app_id)s and %(matches)s"
)


def get(client: Any, path: str, **query: Any) -> Any:
    answer = client.get(path, query_string=query, headers=AUTH)
    assert answer.status_code == 200, answer.json
    return answer.json


def people(client: Any, path: str = "/users", limit: int = 20, **query: Any) -> list[str]:
    """Ids of every page."""
    ids, cursor = [], None
    while True:
        more: dict[str, Any] = {} if cursor is None else {"cursor": cursor}
        page = get(client, path, limit=limit, **query, **more)
        ids += [row["user_id"] for row in page["users"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return ids
        assert len(page["users"]) == limit


def drawn(rng: random.Random, facts: Facts) -> dict[str, Any]:
    """A definition of one to four conditions, of values that occur."""
    row = rng.choice(facts.events)
    choices: dict[str, dict[str, Any]] = {
        "country": {"country": row.country or "DE"},
        "app_version": {"app_version": row.app_version or "1.1.0"},
        "platform_family": {"platform_family": rng.choice(["macOS", "Windows", "Linux", "other"])},
        "last_seen_days": {"last_seen_days": rng.choice([1, 2, 7, 30, 80, 3650])},
        "first_seen_days": {"first_seen_days": rng.choice([1, 5, 30, 90])},
        "did": {
            "did": row.name,
            "times": rng.choice([1, 1, 2, 5, 20]),
            "days": rng.choice([1, 7, 30, 200]),
        },
    }
    definition: dict[str, Any] = {}
    for name in rng.sample(list(choices), rng.choice([1, 1, 2, 3, 4])):
        definition |= choices[name]
    return definition


def day_of_now(slug: str) -> Any:
    return NOW.astimezone(ZoneInfo(ZONES[slug])).date()


@pytest.fixture(scope="module")
def server(lasting_app: Flask) -> Flask:
    return prepare(lasting_app)


@pytest.fixture(scope="module")
def sent(server: Flask) -> dict[str, Sent]:
    return {slug: send(server, slug, seed) for seed, slug in enumerate(ZONES, start=1)}


def test_lists_and_cohorts_are_who_a_walk_over_the_events_finds(
    server: Flask, sent: dict[str, Sent]
) -> None:
    services: Services = server.extensions["stories"]
    client, rng, sizes = server.test_client(), random.Random(18), []
    for slug, zone in ZONES.items():
        facts = Facts(sent[slug].events, sent[slug].crashes, zone, TESTERS)
        app = services.apps.by_slug(slug)
        assert app is not None
        for number in range(40):
            definition = drawn(rng, facts)
            meant = people_meant(facts, definition, day_of_now(slug))
            ids = {str(UUID(person)) for person in meant}
            sizes.append(len(meant))

            listed = people(client, app=slug, **definition)
            assert (len(listed), set(listed)) == (len(ids), ids), definition

            body = {"name": f"{number}", "definition": definition}
            made = client.post(f"/cohorts?app={slug}", json=body, headers=AUTH)
            assert made.status_code == 200, made.data
            assert made.json is not None
            cohort = made.json["cohort"]["id"]
            assert set(people(client, app=slug, cohort=cohort)) == ids, definition
            with server.test_request_context(f"/?cohort={cohort}"):
                matches = asked_filter(app).of_events()
            with services.database.transaction(read_only=True) as tx:
                counted = tx.row(COUNTED, app_id=app.app_id, matches=matches)
            theirs = [row.person for row in facts.events if row.person in meant]
            assert counted == {"events": len(theirs), "people": len(set(theirs))}, definition
    assert min(sizes) == 0
    assert len({size for size in sizes if size > 0}) > 15, "the definitions tell people apart"


def test_a_search_keeps_every_order_and_its_pages(server: Flask, sent: dict[str, Sent]) -> None:
    client = server.test_client()
    query: dict[str, Any] = {
        "app": "desktop",
        "platform_family": "macOS",
        "did": "app_opened",
        "days": 90,
    }
    latest = people(client, limit=7, **query)
    assert len(latest) > 14
    whole = get(client, "/users", limit=1000, app="desktop")["users"]
    active = {row["user_id"]: row["last_active"] for row in whole}
    assert [active[one] for one in latest] == sorted((active[one] for one in latest), reverse=True)
    for sort in ("-last_active", "first_seen", "-events"):
        listed = people(client, "/dashboard/api/users", limit=7, sort=sort, **query)
        assert sorted(listed) == sorted(latest)


def test_an_id_is_found_by_its_beginning(server: Flask, sent: dict[str, Sent]) -> None:
    client, rng = server.test_client(), random.Random(4)
    everybody = people(client, app="desktop", limit=1000)
    for person in rng.sample(everybody, 12):
        for text in (person[:4], person[:8].upper(), person[:11], person, person.replace("-", "")):
            digits = text.replace("-", "").lower()
            meant = [one for one in everybody if one.replace("-", "").startswith(digits)]
            assert people(client, app="desktop", q=text) == meant
    assert people(client, app="desktop", q="zzzz") == []


def test_a_bots_own_ids_are_found_by_their_beginning_too(client: Any, now: Any) -> None:
    for client_id in ("anna-1", "anna-2", "bert%1"):
        item = {"client_id": client_id, "event_name": "user_message", "created_at": now.isoformat()}
        answer = client.post("/api/bot/events", json=item, headers=AUTH)
        assert answer.status_code == 200, answer.json

    def own(text: str) -> set[str]:
        return {row["external_id"] for row in get(client, "/users", app="bot", q=text)["users"]}

    assert own("anna") == own("anna-") == {"anna-1", "anna-2"}
    assert own("anna-2") == {"anna-2"}
    assert own("bert%") == {"bert%1"}
    assert own("ann%") == own("____") == own("nna-1") == set()


def test_a_visitor_is_found_by_the_whole_of_the_sites_own_id(client: Any, now: Any) -> None:
    item = {"sessionId": "visitor-0001", "type": "pageview", "path": "/"}
    answer = client.post("/api/track", json={**item, "timestamp": now.isoformat()})
    assert answer.status_code == 200, answer.json
    assert len(people(client, app="website", q="visitor-0001")) == 1
    assert people(client, app="website", q="visitor-000") == []


def test_debug_builds_count_for_nothing_that_somebody_did(client: Any) -> None:
    client.post("/track", json={"events": [event(id="1", channel="debug"), event(id="2")]})
    assert people(client, app="desktop", did="app_opened") == [PERSON]
    assert people(client, app="desktop", did="app_opened", times=2) == []


def test_a_cohort_is_found_anew_each_time(client: Any, app: Flask, now: Any) -> None:
    body = {"name": "New", "definition": {"first_seen_days": 3}}
    cohort = client.post("/cohorts?app=desktop", json=body, headers=AUTH).json["cohort"]["id"]
    client.post("/track", json={"events": [event(timestamp=now.isoformat())]})
    assert people(client, app="desktop", cohort=cohort) == [PERSON]
    app.config["NOW"] = lambda: now + timedelta(days=3)
    assert people(client, app="desktop", cohort=cohort) == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"q": "abc"}, "q"),
        ({"country": "DEU"}, "country"),
        ({"platform_family": "BeOS"}, "platform_family"),
        ({"last_seen_days": "0"}, "last_seen_days"),
        ({"last_seen_days": "3651"}, "last_seen_days"),
        ({"first_seen_days": "x"}, "first_seen_days"),
        ({"did": "nothing_like_it"}, "did"),
        ({"did": "app_opened", "times": "0"}, "times"),
        ({"did": "app_opened", "days": "9999"}, "days"),
        ({"did": "app_opened", "event_type": "app_opened"}, "event_type"),
        ({"times": "2"}, "times"),
        ({"days": "7", "country": "DE"}, "country"),
        ({"cohort": "77"}, "cohort"),
        ({"cohort": "x"}, "cohort"),
        ({"cohorts": "1"}, "cohorts"),
    ],
    ids=str,
)
def test_what_cannot_be_searched_for_is_a_400_that_names_it(
    client: Any, query: dict[str, str], parameter: str
) -> None:
    answer = client.get("/users", query_string={"app": "desktop", **query}, headers=AUTH)
    assert answer.status_code == 400
    assert answer.json["details"][0]["parameter"] == parameter
    if "days" not in query or "did" in query:
        query = {"app": "desktop", "sort": "events", **query}
        answer = client.get("/dashboard/api/users", query_string=query, headers=AUTH)
        assert answer.status_code == 400
