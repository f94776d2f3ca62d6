"""Kept exactly once: retries, larger retries, identical events, many senders at the same time."""

from __future__ import annotations

import concurrent.futures
import json
import random
import urllib.request
from typing import Any

from tests.support import basic, event


def post(client, events):
    return client.post("/track", json={"events": events}).json


def counts(answer):
    return answer["events_received"], answer["events_stored"], answer["duplicates"]


def test_a_retried_batch_is_stored_once(client):
    batch = [event(id=f"id-{n}") for n in range(10)]
    assert counts(post(client, batch)) == (10, 10, 0)
    assert counts(post(client, batch)) == (10, 0, 10)


def test_an_old_client_that_sends_its_batch_again_larger_adds_only_what_is_new(client):
    batch = [event(properties={"startup_time_seconds": n}) for n in range(5)]
    post(client, batch)
    assert counts(post(client, [*batch, event(properties={"startup_time_seconds": 9})])) == (
        6,
        1,
        5,
    )


def test_identical_events_of_one_request_are_all_kept_and_each_retried_once(client):
    one = event()
    assert counts(post(client, [one, one])) == (2, 2, 0)
    assert counts(post(client, [one, one, one])) == (3, 1, 2)


def test_the_same_id_twice_in_a_request_is_one_event(client):
    one = event(id="same")
    assert counts(post(client, [one, one])) == (2, 1, 1)


def test_the_order_of_keys_and_spaces_do_not_make_another_event(client):
    one = event(properties={"a": 1, "b": 2})
    other = dict(reversed(one.items()))
    other["properties"] = {"b": 2, "a": 1}
    post(client, [one])
    answer = client.post("/track", data=json.dumps({"events": [other]}, indent=3)).json
    assert counts(answer) == (1, 0, 1)


def test_what_went_the_slow_way_is_recognised_when_it_comes_the_fast_way(client):
    one = event(properties={"audio_duration_seconds": 1.5, "list": [1, 2.0, "x"]})
    poison = json.dumps(event(properties={"text": "\0"}))
    slow = f'{{"events": [{json.dumps(one)}, {poison}]}}'
    assert client.post("/track", data=slow).json["events_stored"] == 1
    assert counts(post(client, [one])) == (1, 0, 1)


def test_the_same_id_in_another_app_is_another_event(client, auth):
    made = client.post("/apps", json={"slug": "other", "kind": "desktop"}, headers=auth).json["app"]
    one = event(id="same")
    post(client, [one])
    answer = client.post(
        "/track", json={"events": [one]}, headers={"X-App-Key": made["ingest_key"]}
    )
    assert counts(answer.json) == (1, 1, 0)


def test_sixteen_senders_of_the_same_batches_in_other_orders_store_each_event_once(serve):
    server = serve()
    people = [f"550e8400-e29b-41d4-a716-4466554400{n:02d}" for n in range(40)]
    events = [event(id=f"id-{n}", user_id=people[n % 40]) for n in range(400)]
    batches = [events[at : at + 10] for at in range(0, 400, 10)]

    def sender(seed: int) -> list[tuple[int, int, int]]:
        own = [list(batch) for batch in batches]
        order = random.Random(seed)
        order.shuffle(own)
        for batch in own:
            order.shuffle(batch)
        return [counts(send(server.url, batch)) for batch in own]

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = [one for found in pool.map(sender, range(16)) for one in found]
    assert all(received == stored + duplicates == 10 for received, stored, duplicates in answers)
    assert sum(stored for _, stored, _ in answers) == 400
    request = urllib.request.Request(
        f"{server.url}/events?limit=1000", headers=basic("admin", "admin")
    )
    with urllib.request.urlopen(request) as answer:
        found = json.load(answer)["events"]
    assert len(found) == len({row["event_key"] for row in found}) == 400


def send(url: str, batch: list[Any]) -> Any:
    data = json.dumps({"events": batch}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}/track", data=data)) as answer:
        return json.load(answer)
