"""The website's, generator's and bot's numbers against METRICS.md by brute force: generated traffic with
its retries and late arrivals goes in through the intakes of apps in two timezones, is folded in
between, and every number must be the recount's, also after the rollups are made anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask

from stories.rollups import recount
from stories.web.services import Services
from tests.clock import NOW
from tests.oracle import (
    BotEvent,
    Generation,
    Visit,
    WebItem,
    accept,
    bot_stats,
    bot_timeline,
    bot_users,
    compare,
    funnel,
    generation_analytics,
    website_metrics,
)
from tools.traffic import (
    BROWSER_USER_AGENTS,
    Parameters,
    Trouble,
    bot_events,
    generation_attempts,
    generation_visits,
    troubled,
    website_items,
    website_sessions,
)

AUTH = ("admin", "admin")
# Both changed their clocks within the last 30 days: on October 25 and on November 1.
ZONES = {"": "Europe/Berlin", "second-": "America/New_York"}
DAYS = (1, 2, 7, 28, 30, 90, 3650)


@dataclass
class Side:
    """One app: its slug, key and timezone, and the seed of its traffic."""

    slug: str
    key: str
    zone: str
    seed: int

    def parameters(self, people: int) -> Parameters:
        return Parameters(
            NOW, people=people, days=45, seed=self.seed, days_per_person=4, app=self.slug
        )

    def trouble(self) -> Trouble:
        return Trouble(seed=self.seed, late=0.15, late_days=20.0, retries=0.3, batch=20)


def sides(app: Flask, kind: str) -> list[Side]:
    """The kind's default app and a second one, each in a timezone of its own."""
    app.config["NOW"] = lambda: NOW
    client, found = app.test_client(), []
    for seed, (prefix, zone) in enumerate(ZONES.items(), start=1):
        slug = prefix + kind
        if prefix:
            client.post("/apps", json={"slug": slug, "kind": kind}, auth=AUTH)
        body = client.patch(f"/apps/{slug}", json={"timezone": zone}, auth=AUTH).get_json()
        found.append(Side(slug, body["app"]["ingest_key"], zone, seed))
    return found


def send(app: Flask, side: Side, path: str, items: Any) -> list[Any]:
    """Everything in order of arrival, folding now and then; what the app has accepted."""
    client, requests = app.test_client(), list(troubled(items, side.trouble()))
    headers = {"X-App-Key": side.key, "User-Agent": BROWSER_USER_AGENTS[0]}
    stored = 0
    for number, request in enumerate(requests):
        body = client.post(path, json=request, headers=headers).get_json()
        assert body["rejected"] == []
        stored += body["events_stored"]
        if number % 9 == 0:
            app.extensions["stories"].freshen()
    accepted = accept(requests)
    assert stored == len(accepted)
    assert len(accepted) < sum(map(len, requests)), "there were retries"
    return accepted


def get(app: Flask, side: Side, path: str, **query: Any) -> Any:
    answer = app.test_client().get(path, query_string={**query, "app": side.slug}, auth=AUTH)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def hold(app: Flask, services: Services, differences: Any) -> None:
    """No difference as folded, none found by a check, none after a rebuild with people."""
    assert differences()[:10] == []
    result = recount.check(services.database, services.apps)
    assert not any(result["differences"].values()), result["examples"]
    recount.rebuild(services.database, services.apps, people=True)
    assert differences()[:10] == []


def stamped(expected: Any) -> Any:
    """The recount's datetimes as answers write them."""
    if isinstance(expected, dict):
        return {key: stamped(value) for key, value in expected.items()}
    if isinstance(expected, list):
        return [stamped(value) for value in expected]
    if isinstance(expected, datetime):
        return expected.strftime("%Y-%m-%dT%H:%M:%S.") + f"{expected.microsecond // 1000:03d}Z"
    return expected


def test_websites(app: Flask, services: Services) -> None:
    sent = {}
    for side in sides(app, "website"):
        parameters = side.parameters(220)
        for session in website_sessions(parameters):  # crawlers and refusals come too
            if not session.counts:
                headers = {"X-App-Key": side.key, "User-Agent": session.user_agent}
                client = app.test_client()
                body = client.post("/api/track", json=session.items, headers=headers).get_json()
                assert (body["events_stored"], body["rejected"]) == (0, [])
        accepted = send(app, side, "/api/track", website_items(parameters))
        sent[side.slug] = side, [WebItem.from_payload(item) for item in accepted]

    def differences() -> list[str]:
        found = []
        for side, items in sent.values():
            for days in DAYS:
                where: dict[str, Any] = {"days": days, "now": NOW, "zone": side.zone}
                wanted = stamped(website_metrics(items, **where))
                metrics = get(app, side, "/api/metrics", days=days)
                steps = get(app, side, "/api/funnel", days=days)
                found += compare(wanted, metrics, path=f"{side.slug}.{days}")
                found += compare(funnel(items, **where), steps, path=f"{side.slug}.{days}.funnel")
        return found

    hold(app, services, differences)


def test_generators(app: Flask, services: Services) -> None:
    sent = {}
    for side in sides(app, "generator"):
        parameters = side.parameters(60)
        visits = send(app, side, "/api/visits", generation_visits(parameters))
        attempts = send(app, side, "/api/generations", generation_attempts(parameters))
        sent[side.slug] = (
            side,
            [Visit.from_payload(item) for item in visits],
            [Generation.from_payload(item) for item in attempts],
        )

    def differences() -> list[str]:
        found = []
        for side, visits, attempts in sent.values():
            wanted = generation_analytics(visits, attempts, now=NOW, zone=side.zone)
            found += compare(wanted, get(app, side, "/api/analytics"), path=side.slug)
        return found

    hold(app, services, differences)


def every_page(app: Flask, side: Side, path: str, rows: str) -> list[Any]:
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        body = get(app, side, path, limit=50, cursor=cursor)
        found += body[rows]
        cursor = body["next_cursor"]
    return found


def test_bots(app: Flask, services: Services) -> None:
    sent = {}
    for side in sides(app, "bot"):
        accepted = send(app, side, "/api/bot/events", bot_events(side.parameters(24)))
        sent[side.slug] = side, accepted, [BotEvent.from_payload(item) for item in accepted]

    def differences() -> list[str]:
        found = []
        for side, items, events in sent.values():
            wanted = bot_stats(events, now=NOW, zone=side.zone)
            found += compare(wanted, get(app, side, "/api/analytics/stats"), path=side.slug)
            users = every_page(app, side, "/api/analytics/users", "users")
            assert [user["last_seen"] for user in users] == sorted(
                (user["last_seen"] for user in users), reverse=True
            )
            shown = {user.pop("client_id"): user for user in users}
            for one in (wanted := stamped(bot_users(events))).values():
                del one["by_event"]
            found += compare(wanted, shown, path=f"{side.slug}.users")
            for client_id in list(shown)[::6]:
                found += timeline_differences(app, side, items, events, client_id)
        return found

    hold(app, services, differences)


def timeline_differences(
    app: Flask, side: Side, items: list[Any], events: list[BotEvent], client_id: str
) -> list[str]:
    rows = every_page(app, side, f"/api/analytics/users/{client_id}/events", "events")
    own = [
        (row["event_name"], row["created_at"], row["persona_id"], row["persona_name"])
        for row in rows
    ]
    wanted = [
        (e.event_name, stamped(e.created_at), e.persona_id, e.persona_name)
        for e in bot_timeline(events, client_id)
    ]
    found = [] if sorted(own, key=str) == sorted(wanted, key=str) else [f"timeline of {client_id}"]
    assert [row[1] for row in own] == sorted(row[1] for row in own)
    said = sorted(item["message"] for item in items
                  if item["client_id"] == client_id and "message" in item)  # fmt: skip
    if said != sorted(row["message"] for row in rows if row["message"] is not None):
        found.append(f"messages of {client_id}")
    return found
