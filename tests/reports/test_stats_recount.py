"""/stats against METRICS.md by brute force: generated traffic with all its trouble goes in through
/track and /crash, is folded in between, and every number must be the recount's."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from database import Database, Inline
from stories.reports import FAMILIES, Answers
from stories.rollups import recount
from stories.storage import expiry
from stories.web.services import Services
from tests.clock import NOW
from tests.oracle import compare, stats
from tests.stats_traffic import TESTERS, ZONES, Sent, prepare, send

AUTH = ("admin", "admin")


@pytest.fixture
def server(app: Flask) -> Flask:
    return prepare(app)


RANGES: tuple[dict[str, str], ...] = (
    {"period": "7d"},
    {"period": "30d"},
    {"period": "90d"},
    {"period": "all"},
    {"from": "2026-09-14", "to": "2026-10-28"},
    {"from": "2026-11-01", "to": "2026-11-01"},
    {"from": "2026-10-20"},
    {"from": "2025-01-01", "to": "2025-02-03"},
)
FILTERS: tuple[tuple[str, str] | None, ...] = (
    None,
    ("app_version", "1.1.0"),
    ("platform", "darwin"),
    ("platform_family", "macOS"),
    ("country", "DE"),
    ("country", "none of them"),
)


def expected(sent: Sent, slug: str, query: dict[str, str], only: Any, group_by: str) -> Any:
    first, last = query.get("from"), query.get("to")
    return stats(
        sent.events,
        sent.crashes,
        now=NOW,
        zone=ZONES[slug],
        testers=TESTERS,
        group_by=group_by,
        period=query.get("period", "30d"),
        only=only,
        start=date.fromisoformat(first) if first else None,
        end=date.fromisoformat(last) if last else None,
    )


Known = dict[tuple[Any, ...], Any]


def differences(app: Flask, sent: dict[str, Sent], known: Known | None = None) -> list[str]:
    """Every range, grouping, filter and family; groupings touch daily_stats only, so under filters
    they take turns. `known` keeps what the recount said: it need not count the same events twice."""
    client, found = app.test_client(), []
    known = {} if known is None else known
    for slug, range_, only in ((s, r, f) for s in ZONES for r in RANGES for f in FILTERS):
        turn = (RANGES.index(range_) + FILTERS.index(only)) % 3
        for group_by in (
            ("day", "week", "month") if only is None else (("day", "week", "month")[turn],)
        ):
            query = {**range_, "app": slug, "group_by": group_by, "include": ",".join(FAMILIES)}
            if only and only[0] == "platform_family":
                query["filter"] = f"platform_family:is:{only[1]}"
            elif only:
                query[only[0]] = only[1]
            answer = client.get("/stats", query_string=query, auth=AUTH)
            assert answer.status_code == 200, answer.get_json()
            asked = (slug, *range_.items(), only, group_by)
            if asked not in known:
                known[asked] = expected(sent[slug], slug, range_, only, group_by)
            wanted = known[asked]
            # Which crashes are one issue is no number; tests/reports/test_top_issues.py has them.
            differing = compare(wanted, answer.get_json(), ignore=("stability.top_issues",))
            found += [f"{query}: {line}" for line in differing]
    return found


def test_it_answers_every_number_as_a_recount_of_the_raw_events(
    server: Flask, services: Services
) -> None:
    sent = {slug: send(server, slug, seed) for seed, slug in enumerate(ZONES, start=1)}

    known: Known = {}

    assert len({event.user_id for event in sent["desktop"].events} & set(TESTERS)) == 2
    assert differences(server, sent, known)[:20] == []

    recount.rebuild(services.database, services.apps, None, None, people=True)
    assert differences(server, sent, known)[:20] == []


def test_it_answers_an_empty_app_with_zeros_and_nulls(server: Flask) -> None:
    assert differences(server, {slug: Sent() for slug in ZONES})[:20] == []


# Over the rows of people still held, or of crashes: an issue goes with its last one.
OF_PEOPLE_HELD = ("top_countries", "auto_paste_rate", "time_to_first_crash", "top_issues")


def kept_for_good(body: dict[str, Any]) -> dict[str, Any]:
    body = {key: value for key, value in body.items() if key != "covers_from"}
    body["samples"] = {path.split(".")[-1]: n for path, n in body["samples"].items()}
    for section in (body, body["adoption"], body["stability"], body["samples"]):
        for key in OF_PEOPLE_HELD:
            section.pop(key, None)
    return body


def test_expiry_changes_no_number_by_a_digit(server: Flask, services: Services) -> None:
    send(server, "desktop", 3)
    client = server.test_client()
    queries = [{**range_, "include": ",".join(FAMILIES)} for range_ in RANGES]
    before = [client.get("/stats", query_string=q, auth=AUTH).get_json() for q in queries]
    with services.database.transaction() as tx:
        tx.run(Inline("/* test */ update apps set retention_days = 40 where slug = 'desktop'"))
    services.apps.forget()
    result = expiry.expire(services.database, services.apps, services.key, NOW)
    assert result["events_deleted"] > 500
    server.extensions["stories.answers"] = Answers(services.database)  # nothing kept from before

    after = [client.get("/stats", query_string=q, auth=AUTH).get_json() for q in queries]
    for query, old, new in zip(queries, before, after, strict=True):
        assert kept_for_good(old) == kept_for_good(new), query
        assert old["covers_from"] is None
        if query.get("period") not in (None, "all"):
            assert old["top_countries"] == new["top_countries"]
    assert [body["covers_from"] for body in after[:4]] == [None, None, "2026-10-12", "2026-10-12"]


def test_the_daily_table_says_what_stats_say(server: Flask, database: Database) -> None:
    sent = send(server, "studio", 4)
    body = server.test_client().get("/stats?period=all&app=studio", auth=AUTH).get_json()
    with database.transaction() as tx:
        found = tx.rows(
            Inline("/* test */ select * from user_stats where app = 'studio' order by date")
        )
        people = tx.value(
            Inline("/* test */ select distinct_people('studio', 1, %(first)s, %(last)s)"),
            first=body["from"],
            last=body["to"],
        )
    table = {row["date"].isoformat(): row for row in found}
    assert people == sum(row["new_users"] for row in body["daily_stats"])
    total = 0
    for row in body["daily_stats"]:
        day = table[row["date"]]
        total += row["new_users"]
        assert day["total_users"] == total
        assert (day["active_users"], day["new_users"]) == (row["active_users"], row["new_users"])
        assert (day["total_recordings"], day["crash_count"]) == (row["recordings"], row["crashes"])
        assert float(day["total_minutes"]) == row["minutes_transcribed"]
        assert float(day["total_cost_usd"]) == pytest.approx(row["cost_usd"], abs=1e-9)
    for day in list(table)[::9]:
        summary = expected(sent, "studio", {"from": day, "to": day}, None, "day")["summary"]
        assert table[day]["crash_rate"] == summary["crash_rate"]
