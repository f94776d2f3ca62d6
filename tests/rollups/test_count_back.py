"""What is declared later counts as if it had been declared from the start."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from stories.privacy import erasure
from stories.rollups import count_back, fold
from tests.rollup_tables import differences, fold_all, midday, person, run, values
from tests.support import basic, event

AUTH = basic("admin", "admin")
DECLARED = {
    "stroke drawn": {
        "brush": {"type": "label"},
        "length": {"type": "number"},
        "undone": {"type": "boolean"},
        "tool": {"type": "enum", "values": ["pen", "mouse"]},
    }
}
TABLES = {
    "daily_events": "day, dim, value, event, n",
    "daily_values": "day, dim, value, event, property, label, n",
    "daily_numbers": "day, dim, value, event, property, n, total, least, most, histogram",
}


def make(client: Any, slug: str, **body: Any) -> str:
    sent = {"slug": slug, "kind": "desktop", "timezone": "America/New_York", **body}
    key: str = client.post("/apps", json=sent, headers=AUTH).json["app"]["ingest_key"]
    return key


def declare(client: Any, slug: str, events: Any = DECLARED) -> None:
    assert client.patch(f"/apps/{slug}", json={"events": events}, headers=AUTH).status_code == 200


def strokes(now: Any, seed: int = 1, events: int = 400, days: int = 12) -> list[dict[str, Any]]:
    """Of all kinds that there are: numbers that are none, labels that are too long, and no property."""
    rng = random.Random(seed)
    return [
        event(
            event=rng.choice(["stroke drawn", "stroke drawn", "saved"]),
            user_id=str(person(rng.randrange(9))),
            timestamp=(now - timedelta(minutes=rng.randrange(days * 1440))).isoformat(),
            app_version=rng.choice(["1.0", "1.1", None]),
            country=rng.choice(["DE", "US", None]),
            properties=rng.choice(
                [
                    {
                        "brush": rng.choice(["oil", "ink", "x" * 150, "a@b.example", 7]),
                        "length": rng.choice([1, 2.5, -3, "long", 10**11]),
                        "undone": rng.choice([True, False, "yes"]),
                        "tool": rng.choice(["pen", "mouse", "finger", None]),
                    },
                    None,
                ]
            ),
            id=str(number),
        )
        for number in range(events)
    ]


def post(client: Any, key: str, events: list[dict[str, Any]]) -> None:
    body = client.post("/track", json={"events": events}, headers={"X-App-Key": key}).json
    assert body["success"], body


def work_off(services: Any) -> dict[str, int]:
    return count_back.count_back(services.database, services.apps, services.key)


def rollups(database: Any, slug: str) -> dict[str, list[Any]]:
    return {
        table: values(
            database,
            f"select {columns} from {table} join apps using (app_id) where slug = %(slug)s "
            "order by " + ", ".join(str(n + 1) for n in range(6 if "values" in table else 5)),
            slug=slug,
        )
        for table, columns in TABLES.items()
    }


def shown(client: Any, slug: str) -> dict[str, Any]:
    apps = client.get("/apps", headers=AUTH).json["apps"]
    return next(app for app in apps if app["slug"] == slug)


@pytest.mark.parametrize("seed", range(1, 1 + 2))
def test_counting_back_equals_counting_from_the_start(
    client, services, database, now, seed, monkeypatch
):
    monkeypatch.setattr(fold, "SLICE", 25)  # a day in several parts
    whole, late = make(client, "whole", events=DECLARED), make(client, "late")
    events = strokes(now, seed)
    for start in range(0, len(events), 100):
        for key in (whole, late):
            post(client, key, events[start : start + 100])
        fold_all(services)
    declare(client, "late")
    assert shown(client, "late")["counting_back"]["done"] == 0
    worked = work_off(services)
    assert worked["events"] == len(events)
    assert rollups(database, "late") == rollups(database, "whole")
    assert rollups(database, "late")["daily_numbers"]
    assert differences(services) == {}
    back = shown(client, "late")["counting_back"]
    assert back["done"] == back["of"]
    assert back["whole_since"] == str(
        min(row[0] for row in rollups(database, "late")["daily_events"])
    )
    assert work_off(services) == {"days": 0, "events": 0}


def test_what_waits_to_be_folded_is_counted_once(client, services, database, now):
    key = make(client, "late")
    post(client, key, strokes(now, events=60, days=2))
    fold_all(services)
    declare(client, "late")
    post(client, key, [{**each, "id": f"more{each['id']}"} for each in strokes(now, 3, 60, 2)])
    while count_back._count_next_day(services.database, services.apps) is not None:
        pass  # with the second half still in the outbox
    fold_all(services)
    assert differences(services) == {}


def test_sealed_days_are_left_alone_and_the_page_is_told(client, services, database, now):
    key = make(client, "late")
    post(client, key, strokes(now))
    fold_all(services)
    limit = midday(now, 5).date()
    run(database, f"update apps set whole_since = '{limit}' where slug = 'late'")
    declare(client, "late")
    work_off(services)
    days = {row[0] for row in rollups(database, "late")["daily_values"]}
    assert min(days) >= limit
    assert shown(client, "late")["counting_back"]["whole_since"] == str(limit)
    assert differences(services) == {}


def test_what_erased_people_left_behind_stays(client, services, database, now):
    key = make(client, "late", events={"stroke drawn": {"undone": {"type": "boolean"}}})
    post(client, key, strokes(now))
    fold_all(services)
    before = rollups(database, "late")["daily_values"]
    app = services.apps.by_slug("late")
    erasure.erase(services.database, services.apps, services.key, person(1), app, now)
    declare(client, "late")
    work_off(services)
    after = [row for row in rollups(database, "late")["daily_values"] if row[4] == "undone"]
    assert after == before
    assert differences(services) == {}


def test_other_apps_are_not_touched(client, services, database, now):
    key, other = make(client, "late"), make(client, "other", events=DECLARED)
    for each in (key, other):
        post(client, each, strokes(now))
    fold_all(services)
    before = rollups(database, "other")
    run(database, "update value_series set n = n + 1 from series join apps using (app_id) "
                  "where series.series_id = value_series.series_id and slug = 'other'")  # fmt: skip
    spoilt = rollups(database, "other")
    declare(client, "late")
    work_off(services)
    assert rollups(database, "other") == spoilt != before


def test_only_what_is_counted_anew_asks_for_it(client, services, now):
    make(client, "late", events=DECLARED)
    declarations: tuple[Any, ...] = (DECLARED, {}, {"saved": {}})
    for events in declarations:
        declare(client, "late", events)
        assert shown(client, "late")["counting_back"] is None
    declare(client, "late")
    assert shown(client, "late")["counting_back"] is not None


def test_only_one_process_counts_back(client, services, now):
    key = make(client, "late")
    post(client, key, strokes(now, events=20))
    declare(client, "late")
    with services.database.transaction() as tx:
        assert tx.value("rollups/count_back_lock")
        assert work_off(services)["days"] == 0
    assert work_off(services)["events"] == 20
