"""Errors cost a commit each, so one request may hold only so many, and pays for them as for requests."""

from __future__ import annotations

from typing import Any

from app import create_app
from stories.config import Config
from stories.intake.adapters import delivery
from tests.intake.adapters.product_sdks import CAPTURED, batch, drops, make_app
from tests.rollup_tables import values


def errors(n: int) -> list[dict[str, Any]]:
    return [
        {
            "event": "$exception",
            "distinct_id": "anna-7",
            "timestamp": CAPTURED.isoformat(),
            "uuid": f"01a2229f-8e93-7618-8fbb-{number:012d}",
            "properties": {"$exception_list": [{"type": "E", "value": f"number {number}"}]},
        }
        for number in range(n)
    ]


def test_errors_past_the_most_of_a_request_are_refused_and_counted(
    client, services, database, monkeypatch
):
    monkeypatch.setattr(delivery, "MAX_CRASHES", 3)
    make_app(client, services, database)
    assert batch(client, *errors(5)).status_code == 200
    services.ledger.write()
    assert values(database, "select count(*) from events") == [(3,)]
    assert drops(client) == {"too_many_errors": 2}


def test_each_error_of_a_request_counts_against_the_limit_of_its_address(
    client, services, database, dsn
):
    make_app(client, services, database)
    config = Config(ratelimit_enabled=True, ratelimit_ingest=10)
    limited = create_app(config, dsn).test_client()
    assert batch(limited, *errors(9)).status_code == 200
    answer = batch(limited, *errors(4))
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
    assert values(database, "select count(*) from events") == [(9,)]
