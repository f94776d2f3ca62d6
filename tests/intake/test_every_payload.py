"""Every kind of item, made up by hypothesis: good ones come back equal by the API; a bad one is
refused by the name of its field, and its neighbours are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stories import catalogue
from stories.privacy import scrub
from tests.support import basic, event

AUTH = basic("admin", "admin")
EXAMPLES = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def words(most: int = 20, least: int = 1):
    """Text that PostgreSQL can store and that is nobody's secret."""
    anything = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    return st.text(anything, min_size=least, max_size=most).filter(lambda t: scrub.text(t) == t)


def some(**fields):
    """An object with any of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


numbers = st.integers(-(2**53), 2**53) | st.floats(-1e12, 1e12)
plain = st.none() | st.booleans() | numbers | words()
# Names that no catalogue declares and that say nothing of secrets.
names = st.sampled_from(["note", "größe", "a b", "x.y", "n-1"])
properties = st.dictionaries(names, plain | st.lists(plain, max_size=3), min_size=1)
times = st.integers(0, 300 * 86400 * 1000).map(
    lambda ms: (datetime.now(UTC) - timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")
)
ids = st.uuids().map(str)
required = {"user_id": ids, "timestamp": times}

versions = st.from_regex(
    r"v?[0-9]{1,3}(\.[0-9]{1,3}){0,3}(-(rc|beta)[0-9])?", fullmatch=True
).filter(lambda text: len(text) <= 20)
platforms = st.sampled_from(["darwin-24.6.0", "win32", "Windows 11 Pro", "linux-6.8.0-45-generic"])
sessions = st.uuids().map(str)
desktop = st.builds(
    lambda base, more: {**base, **more},
    st.fixed_dictionaries({**required, "event": st.sampled_from(sorted(catalogue.DESKTOP)), "id": ids}),
    some(app_version=versions, platform=platforms, country=st.sampled_from(["DE", "US"]),
         session_id=sessions, properties=properties),
)  # fmt: skip
crashes = st.builds(
    lambda base, more: {**base, **more},
    st.fixed_dictionaries({**required, "app_version": versions, "error_message": words(200), "id": ids,
                           "crash_type": st.sampled_from(catalogue.CRASH_TYPES)}),
    some(os_version=platforms, session_id=sessions, stack_trace=words(400), context=properties),
)  # fmt: skip
website = st.builds(
    lambda base, more: {**base, **more},
    st.fixed_dictionaries({"sessionId": words(100), "type": st.sampled_from(["pageview", "event"]),
                           "timestamp": times, "id": ids}),
    some(category=words(50), action=words(100), label=words(400), title=words(400),
         value=st.floats(-1e12, 1e12), consent=st.sampled_from([True, "granted"])),
)  # fmt: skip
generations = st.builds(
    lambda base, more: {**base, **more},
    st.fixed_dictionaries({"success": st.booleans(), "timestamp": times, "id": ids}),
    some(has_text=st.booleans(), error_message=words(400), visitor_id=words(),
         processing_time=st.floats(0, 1e12)),
)  # fmt: skip
visits = st.builds(
    lambda base, more: {**base, **more},
    st.fixed_dictionaries({"timestamp": times, "id": ids}),
    some(visitor_id=words(200), path=st.sampled_from(["/", "/a/b", "/ü"])),
)
bots = st.builds(
    lambda base, more: {**base, **more},
    st.fixed_dictionaries({"client_id": st.just("c") | st.just(7), "id": ids, "created_at": times,
                           "event_name": st.sampled_from(sorted(catalogue.BOT))}),
    some(message=words(2000), prompt=words(500), negative_prompt=words(100), meta=properties,
         persona_id=words(100) | st.integers(0, 10**9), persona_name=words(100)),
)  # fmt: skip

CASES = {
    "desktop": ("/track", desktop),
    "website": ("/api/track", website),
    "generations": ("/api/generations", generations),
    "visits": ("/api/visits", visits),
    "bot": ("/api/bot/events", bots),
}
LONG = "x" * 30_000
NESTED = {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}
BAD: dict[str, list[tuple[str, Any]]] = {
    "desktop": [
        *(("user_id", "x"), ("user_id", None), ("event", "nope"), ("event", 5), ("country", "D1")),
        *(("timestamp", "soon"), ("timestamp", "1999-01-01"), ("properties", [1]), ("id", "")),
        *(("properties", NESTED), ("properties", {"a": LONG}), ("app_version", 1.5)),
        *(("platform", 1), ("session_id", {})),
    ],
    "website": [
        *(("sessionId", ""), ("sessionId", 5), ("type", "click"), ("value", "9"), ("path", 1)),
        *(("timestamp", {}), ("id", LONG)),
    ],
    "generations": [("success", "yes"), ("success", None), ("timestamp", "soon"), ("id", "")],
    "visits": [("path", LONG), ("timestamp", True), ("id", 7)],
    "bot": [
        *(("client_id", ""), ("client_id", None), ("event_name", "nope"), ("message", LONG)),
        *(("created_at", "soon"), ("image_url", "ftp://x"), ("image", {"data": "?"}), ("image", 5)),
        ("meta", [1]),
    ],
}


def new(item, **changes):
    """Not what an earlier example stored: hypothesis likes to repeat itself."""
    return {**item, "id": str(uuid4()), **changes}


def post(client, kind, items):
    path, _ = CASES[kind]
    body = {"events": items} if kind == "desktop" else items
    return client.post(path, json=body, headers=AUTH)


def stored(client, kind):
    """By its key, what the API gives back of every event of the kind's app."""
    app = {"generations": "generator", "visits": "generator"}.get(kind, kind)
    found = client.get(f"/events?app={app}&limit=1000", headers=AUTH).json["events"]
    return {row["event_key"]: row for row in found}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.mark.dates
@EXAMPLES
@given(item=desktop)
def test_an_event_comes_back_equal(client, item):
    item = new(item, user_id=str(uuid4()))
    assert post(client, "desktop", [item]).json["events_stored"] == 1
    [row] = client.get(f"/events?user_id={item['user_id']}", headers=AUTH).json["events"]
    for name in ("user_id", "event", "app_version", "platform", "country", "session_id"):
        assert row[name] == item.get(name)
    assert row["properties"] == item.get("properties")
    assert instant(row["timestamp"]) == instant(item["timestamp"])


@pytest.mark.dates
@EXAMPLES
@given(item=crashes)
def test_a_crash_comes_back_equal(client, item):
    item = new(item, user_id=str(uuid4()))
    assert client.post("/crash", json=item).json["success"] is True
    [row] = client.get(f"/crashes?user_id={item['user_id']}", headers=AUTH).json["crashes"]
    for name in ("crash_type", "app_version", "os_version", "session_id", "error_message"):
        assert row[name] == item.get(name)
    assert (row["stack_trace"], row["context"]) == (item.get("stack_trace"), item.get("context"))
    assert instant(row["timestamp"]) == instant(item["timestamp"])


KEPT = {
    "website": ("category", "action", "label", "title", "value"),
    "generations": ("success", "has_text", "error_message", "processing_time"),
    "visits": ("path",),
}


@pytest.mark.dates
@pytest.mark.parametrize("kind", KEPT)
@EXAMPLES
@given(data=st.data())
def test_an_item_of_a_server_or_a_site_comes_back_equal(client, kind, data):
    item = new(data.draw(CASES[kind][1]))
    before = stored(client, kind)
    assert post(client, kind, [item]).json["events_stored"] == 1
    after = stored(client, kind)
    [key] = after.keys() - before.keys()
    row = after[key]
    assert instant(row["timestamp"]) == instant(item["timestamp"])
    for name in KEPT[kind]:
        assert row["properties"].get(name) == item.get(name)


@pytest.mark.dates
@EXAMPLES
@given(item=bots)
def test_a_conversation_comes_back_equal(client, item):
    item = new(item, client_id=f"{item['client_id']}-{uuid4()}")
    assert post(client, "bot", [item]).json["events_stored"] == 1
    path = f"/api/analytics/users/{item['client_id']}/events"
    [row] = client.get(path, headers=AUTH).json["events"]
    for name in ("message", "prompt", "negative_prompt", "meta", "persona_name", "event_name"):
        assert row.get(name) == item.get(name), name
    assert instant(row["created_at"]) == instant(item["created_at"])


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [(kind, field, value) for kind, bad in BAD.items() for field, value in bad],
    ids=lambda part: str(part)[:20],
)
def test_a_bad_item_is_named_and_its_neighbours_are_kept(client, kind, field, value):
    good = [example(kind, number) for number in range(3)]
    bad = {**example(kind, 3), field: value}
    answer = post(client, kind, [good[0], bad, *good[1:]])
    assert (answer.status_code, answer.json["events_stored"]) == (200, 3)
    [refused] = answer.json["rejected"]
    assert refused["index"] == 1
    assert field in refused["error"]
    alone = post(client, kind, [bad])
    assert alone.status_code == 400
    assert field in alone.json["error"]


def example(kind, number):
    """A plain good item."""
    base = {"id": f"{kind}-{number}"}
    return (
        base
        | {
            "desktop": event(),
            "website": {"sessionId": "s", "type": "pageview", "path": "/"},
            "generations": {"success": True},
            "visits": {"path": "/"},
            "bot": {"client_id": "c", "event_name": "command"},
        }[kind]
    )


settings_of_apps = some(
    name=words(100),
    retention_days=st.integers(7, 36500),
    content_days=st.integers(1, 36500),
    hash_rotation=st.sampled_from(["never", "daily"]),
    timezone=st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "UTC"]),
    funnel=some(pricing_views=st.just("/p"), demo_views=st.just("/d")),
    events=st.dictionaries(
        st.from_regex(r"own\.[A-Za-z0-9_.:-]{1,20}", fullmatch=True),
        st.just({}) | st.just({"n": {"type": "number", "values": []}}),
        max_size=3,
    ),
)


@EXAMPLES
@given(changes=settings_of_apps)
def test_an_apps_settings_come_back_equal(client, changes):
    slug = f"s{uuid4().hex[:20]}"
    made = client.post("/apps", json={"slug": slug, "kind": "website", **changes}, headers=AUTH)
    assert made.status_code == 200, made.json
    shown = next(a for a in client.get("/apps", headers=AUTH).json["apps"] if a["slug"] == slug)
    funnel = changes.pop("funnel", {})
    assert funnel.items() <= shown["funnel"].items()  # a step that is not named keeps its path
    assert {name: shown[name] for name in changes} == changes


@pytest.mark.parametrize(
    "changes", [{"slug": "own\n"}, {"events": {"own\n": {}}}, {"events": {"own": {"n\n": {}}}}]
)
def test_no_name_of_an_app_ends_in_a_line_break(client, changes):
    body = {"slug": "own", "kind": "website", **changes}
    answer = client.post("/apps", json=body, headers=AUTH)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_app")
