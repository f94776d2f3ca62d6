"""The edges of what an event may be, to the byte; and both ways of reading agree on each."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import EventPayload, Refusal, TrackPayload, convert, event_row
from stories import catalogue
from stories.dedupe import Repeats
from stories.intake import documents
from stories.intake.items import POISON
from tests import support
from tests.clock import NOW

event = partial(support.event, timestamp=NOW.isoformat())
APP = catalogue.App(
    app_id=1, slug="desktop", kind="desktop", name="Desktop", timezone="UTC", retention_days=365,
    ingest_key="k", is_default=True, funnel={}, events={}, content_days=365, hash_rotation="never",
)  # fmt: skip
_decoder = msgspec.json.Decoder(TrackPayload)


def fast(item):
    """The row by the fast decoder, or None where intake leaves the item to the slow way."""
    body = json.dumps({"events": [item]}).encode()
    if POISON in body:
        return None
    try:
        [decoded] = _decoder.decode(body).events
    except (msgspec.MsgspecError, RecursionError, OverflowError):
        return None
    return event_row(decoded, APP, NOW, Repeats(1), b"key")


def slow(item):
    [value] = documents.split(json.dumps({"events": [item]}).encode(), "events")
    if code := documents.flaw(value):
        raise Refusal(code, documents.SENTENCES[code])
    return event_row(convert(value, EventPayload), APP, NOW, Repeats(1), b"key")


def verdict(item):
    """The code of a refusal or "", by the way that a request takes; the other way says the same."""

    def by(way):
        try:
            return way(item), ""
        except Refusal as refusal:
            return None, refusal.code

    quick, thorough = by(fast), by(slow)
    if quick != (None, ""):
        assert quick == thorough
    return thorough[1]


def nested(depth, inner=1):
    for _ in range(depth):
        inner = {"a": inner}
    return inner


def of_size(size):
    """Properties whose JSON is so many bytes."""
    empty = len(msgspec.json.encode({"text": ""}))
    return {"text": "x" * (size - empty)}


DAY = timedelta(days=1)
EDGES = [
    ("properties", of_size(8192), of_size(8193), "properties_too_large"),
    ("properties", {"é": "ü" * 4090}, {"é": "ü" * 4095}, "properties_too_large"),
    ("properties", nested(5), nested(6), "too_deep"),
    ("properties", {"a": [[[[1]]]]}, {"a": [[[[[1]]]]]}, "too_deep"),
    ("properties", dict.fromkeys(map(str, range(64)), 1), dict.fromkeys(map(str, range(65)), 1),
     "too_many_keys"),
    ("properties", {"a": dict.fromkeys(map(str, range(64)), 1)},
     {"a": dict.fromkeys(map(str, range(65)), 1)}, "too_many_keys"),
    ("properties", {"n": 2**53}, {"n": 2**53 + 1}, "number_out_of_range"),
    ("properties", {"n": [-(2.0**53)]}, {"n": [-(2.0**54)]}, "number_out_of_range"),
    ("properties", {"startup_time_seconds": 1e12}, {"startup_time_seconds": 1e12 + 1},
     "number_out_of_range"),
    ("app_version", "ü" * 5000, 1.5, "invalid_app_version"),
    ("platform", "p" * 50, "p" * 51, "invalid_platform"),
    ("country", "de", "deu", "invalid_country"),
    ("country", "XX", "X", "invalid_country"),
    ("country", "DE", "Ä1", "invalid_country"),
    ("session_id", "s" * 100, "s" * 101, "invalid_session_id"),
    ("id", "i" * 200, "i" * 201, "invalid_id"),
    ("id", "i", "", "invalid_id"),
    ("timestamp", (NOW - 363 * DAY).isoformat(),
     (NOW - 363 * DAY - timedelta(microseconds=1)).isoformat(), "timestamp_too_old"),
    ("timestamp", (NOW + DAY).isoformat(), (NOW + DAY + timedelta(microseconds=1)).isoformat(),
     "timestamp_in_future"),
    ("timestamp", int(NOW.timestamp() * 1000), int(NOW.timestamp()), "timestamp_too_old"),
    ("timestamp", f"{NOW:%Y-%m-%d}", f"{NOW:%Y/%m/%d}", "invalid_timestamp"),
    ("timestamp", f"{NOW - DAY:%Y-%m-%dT%H:%M:%S}.123456789Z", f"{NOW:%Y-%m-%dT%H:%M:%S} Uhr",
     "invalid_timestamp"),
    ("timestamp", f"{NOW - DAY:%Y-%m-%dT%H:%M:%S}+14:00", f"{NOW:%Y-%m-%dT%H:%M:%S}+99:00",
     "invalid_timestamp"),
]  # fmt: skip


NAMES = [f"{field}-{code}-{n}" for n, (field, *_, code) in enumerate(EDGES)]


@pytest.mark.parametrize(("field", "within", "past", "code"), EDGES, ids=NAMES)
def test_the_last_good_value_is_taken_and_the_next_is_refused(field, within, past, code):
    assert verdict(event(**{field: within})) == ""
    assert verdict(event(**{field: past})) == code


@pytest.mark.parametrize("days", [7, 30, 365])
def test_the_oldest_time_follows_the_apps_retention(days):
    kept = replace(APP, retention_days=days)
    oldest, newest = kept.accepts(NOW)
    assert (oldest, newest) == (NOW - (days - 2) * DAY, NOW + DAY)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
times = st.one_of(
    st.datetimes(NOW.replace(tzinfo=None) - 400 * DAY, NOW.replace(tzinfo=None) + 2 * DAY).map(
        lambda moment: moment.isoformat() + "Z"
    ),
    st.integers(0, 2**62),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.none(),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(properties=values, timestamp=times, country=st.none() | st.text(max_size=3))
def test_both_ways_of_reading_give_the_same_row_or_the_same_refusal(properties, timestamp, country):
    """Else a retry that took the other way would be stored a second time."""
    verdict(event(properties=properties, timestamp=timestamp, country=country))
