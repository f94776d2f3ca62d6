"""Storms: which crashes of many alike are kept whole, and that all are counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from database import Inline
from stories.storage import storms
from stories.storage.storms import Storms
from tests.support import crash

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FAULT, OTHER = b"f" * 16, b"o" * 16


def whole(counter: Storms, times: int, fault: bytes = FAULT, version: str = "1", at=NOON, app=1):
    """The numbers, from 1, of the crashes that are kept whole."""
    return [
        number for number in range(1, times + 1) if counter.count(app, fault, version, at).is_whole
    ]


def test_the_first_twenty_and_then_the_powers_of_two_are_kept_whole():
    powers = [2**exponent for exponent in range(5, 16)]
    assert whole(Storms(), 50_000) == [*range(1, 21), *powers]


def test_the_first_three_of_a_version_are_kept_whole():
    counter = Storms()
    whole(counter, 100)
    assert whole(counter, 20, version="2") == [1, 2, 3]
    assert counter.count(1, FAULT, None, NOON).is_whole


def test_of_a_group_no_more_than_forty_are_kept_whole_in_an_hour_whatever_the_versions():
    counter = Storms()
    kept = [counter.count(1, FAULT, str(n), NOON).is_whole for n in range(10_000)]
    assert sum(kept) == 40
    assert len(counter._groups[1, FAULT].versions) <= 40


def test_each_group_and_each_app_is_counted_by_itself():
    counter = Storms()
    whole(counter, 100)
    assert whole(counter, 21, OTHER) == list(range(1, 21))
    assert whole(counter, 21, app=2) == list(range(1, 21))


def test_of_an_app_no_more_than_five_hundred_are_kept_whole_in_an_hour():
    counter = Storms()
    kept = [counter.count(1, b"%016d" % n, "1", NOON).is_whole for n in range(2_000)]
    assert kept == [True] * 500 + [False] * 1_500
    assert counter.count(2, FAULT, "1", NOON).is_whole


def test_the_first_crash_of_a_new_fault_is_kept_whole_beside_many_storms():
    counter = Storms()
    kept = sum(len(whole(counter, 50, b"%016d" % n)) for n in range(50))
    assert kept == 400 + 30  # of the last 30 faults the first only
    assert whole(counter, 5, FAULT) == [1]


def test_a_new_hour_begins_anew():
    counter = Storms()
    whole(counter, 100)
    assert whole(counter, 21, at=NOON + timedelta(minutes=59)) == []
    assert whole(counter, 21, at=NOON + timedelta(minutes=60)) == list(range(1, 21))


def test_a_crash_that_waited_while_the_hour_ended_does_not_begin_it_again():
    counter = Storms()
    counter.count(1, OTHER, "1", NOON)
    late, early = NOON + timedelta(hours=1), NOON + timedelta(minutes=59, seconds=59)
    kept = [counter.count(1, FAULT, "1", early if n % 2 else late).is_whole for n in range(100)]
    assert sum(kept) == 22  # 1 to 20, 32, 64


def test_a_clock_that_was_wrong_and_is_put_back_does_not_stop_it():
    counter = Storms()
    whole(counter, 100, at=NOON + timedelta(days=400))
    assert whole(counter, 21) == list(range(1, 21))


def test_what_was_not_stored_takes_no_place():
    counter = Storms()
    for _ in range(500):
        counter.take_back(counter.count(1, FAULT, "1", NOON))
    assert whole(counter, 21) == list(range(1, 21))
    assert counter._whole[1] == 20


def test_what_is_taken_back_after_the_hour_changes_nothing():
    counter = Storms()
    place = counter.count(1, FAULT, "1", NOON)
    whole(counter, 3, at=NOON + timedelta(hours=1))
    counter.take_back(place)
    assert counter._groups[1, FAULT].n == 3


def test_its_memory_has_a_bound(monkeypatch):
    monkeypatch.setattr(storms, "MAX_GROUPS", 100)
    monkeypatch.setattr(storms, "WHOLE_OF_AN_APP", 1_000_000)
    counter = Storms()
    places = [counter.count(1, b"%016d" % n, "1", NOON) for n in range(200)]
    assert sum(place.is_whole for place in places) == len(counter._groups) == 100
    counter.take_back(places[-1])  # it has no place to give back


def stored(app):
    with app.extensions["stories"].database.transaction() as tx:
        return tx.rows(
            Inline(
                "/* test */ select c.*, d.detail is not null as detailed from crashes c "
                "left join error_details d using (user_id, timestamp, dedupe_key) "
                "order by c.received_at"
            )
        )


def report(number: int, **changes):
    return crash(
        id=str(number),
        error_message="Error: " + "long " * 500,
        context={"n": 1},
        frames=[{"function": "f", "file": "a.js"}],
        **changes,
    )


def test_past_the_twentieth_only_the_row_is_stored_and_all_are_counted(client, app, now):
    for number in range(40):
        assert client.post("/crash", json=report(number, timestamp=now.isoformat())).json["success"]
    kept = stored(app)
    assert len(kept) == 40
    thin = [row for row in kept if row["stack_trace"] is None]
    assert len(thin) == 40 - 21
    for row in thin:
        assert (row["context"], row["detailed"], len(row["error_message"])) == (None, False, 200)
        assert row["fingerprint"] == kept[0]["fingerprint"]
        assert row["app_version"] == "0.9.51"
    assert all(row["detailed"] and row["context"] for row in kept if row["stack_trace"])


def test_a_crash_that_is_sent_again_in_a_storm_stays_whole(client, app, now):
    for number in [*range(30), *range(30)]:
        client.post("/crash", json=report(number, timestamp=now.isoformat()))
    kept = stored(app)
    assert len(kept) == 30
    assert (
        sum(row["detailed"] for row in kept) == sum(bool(row["stack_trace"]) for row in kept) == 20
    )


def test_a_crash_sent_again_and_again_does_not_use_up_what_is_kept_whole(client, app, now):
    for _ in range(50):
        client.post("/crash", json=report(1, timestamp=now.isoformat()))
    for number in range(2, 6):
        client.post("/crash", json=report(number, timestamp=now.isoformat()))
    assert all(row["stack_trace"] for row in stored(app))


def test_handled_errors_are_thinned_too(client, app, now):
    for number in range(40):
        client.post("/crash", json=report(number, timestamp=now.isoformat(), handled=True))
    with app.extensions["stories"].database.transaction() as tx:
        events = tx.value(Inline("/* test */ select count(*) from events"))
        details = tx.value(Inline("/* test */ select count(*) from error_details"))
    assert (events, details) == (40, 21)
