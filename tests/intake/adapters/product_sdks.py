"""What the tests of PostHog's, Segment's and Aptabase's SDKs share: bodies as they were captured, an app
that has their key, and what it holds after them."""

from __future__ import annotations

import gzip
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.rollup_tables import run, values
from tests.support import basic

KEY = "0123456789abcdef0123456789abcdef"  # in all captured bodies
CAPTURED = datetime(2026, 11, 28, 15, 30, tzinfo=UTC)
AUTH = basic("admin", "admin")
FOLDER = Path(__file__).parents[2] / "fixtures" / "sdks"
BASIC = {"Authorization": "Basic " + b64encode(f"{KEY}:".encode()).decode()}
BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/156.0.0.0 Safari/537.36",
    "Content-Type": "text/plain",
    "Origin": "https://shop.example",
}
PLACES: dict[str, tuple[str, dict[str, str]]] = {
    "posthog_python": ("/batch/", {}),
    "posthog_python_crash": ("/batch/", {}),
    "posthog_python_v1": ("/i/v1/analytics/events", {"Authorization": f"Bearer {KEY}"}),
    "posthog_node": ("/batch/", {"Content-Encoding": "gzip"}),
    "posthog_node_rejection": ("/batch/", {"Content-Encoding": "gzip"}),
    "posthog_js_pageview": ("/e/", BROWSER),
    "posthog_js_identify": ("/e/", BROWSER),
    "posthog_js_batch": ("/e/", BROWSER),
    "posthog_js_error": ("/e/", BROWSER),
    "posthog_js_form": ("/e/?ip=1&_=1795878280528&ver=1.100.0", BROWSER),
    "posthog_js_form_identify": ("/e/?ip=1&_=1795878281464&ver=1.100.0", BROWSER),
    "posthog_js_gzip": ("/e/?ip=1&ver=1.240.0&compression=gzip-js", BROWSER),
    "posthog_js_list": ("/e/?ip=1&ver=1.240.0&beacon=1", BROWSER),
    "segment_python": ("/v1/batch", BASIC),
    "segment_node": ("/v1/batch", BASIC),
    "segment_js_page": ("/v1/p", {**BROWSER, **BASIC}),
    "segment_js_track": ("/v1/t", {**BROWSER, **BASIC}),
    "segment_js_identify": ("/v1/i", {**BROWSER, **BASIC}),
    "aptabase_python": ("/api/v0/events", {"App-Key": f"A-SH-{KEY}"}),
    "aptabase_web": ("/api/v0/event", {**BROWSER, "App-Key": f"A-SH-{KEY}"}),
}


def make_app(client: Any, services: Any, database: Any, kind: str = "desktop", **body: Any) -> Any:
    """An open app with the captured key, at the time of the captures."""
    client.application.config["NOW"] = lambda: CAPTURED
    made = {"slug": "shop", "kind": kind, "accepts": "open", **body}
    assert client.post("/apps", json=made, headers=AUTH).status_code == 200
    run(database, f"update apps set ingest_key = '{KEY}' where slug = 'shop'")
    services.apps.read_now()
    return services.apps.by_slug("shop")


# What no field of an SDK's should be.
ODD: tuple[Any, ...] = (
    None, 5, 1e308, True, [], {}, "x" * 10_000, "\0", "\ud800", {"a": {"b": [1]}}
)  # fmt: skip


def body_of(name: str) -> bytes:
    return (FOLDER / f"{name}.body").read_bytes()


def text_of(name: str) -> str:
    body = body_of(name)
    return (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()


def send(client: Any, name: str) -> Any:
    """The captured request again, as it came."""
    path, headers = PLACES[name]
    answer = client.post(path, data=body_of(name), headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json


def batch(client: Any, *events: Any) -> Any:
    """Events to PostHog's address."""
    return client.post("/batch/", json={"api_key": KEY, "batch": list(events)})


def calls(client: Any, *calls: Any) -> Any:
    return client.post("/v1/batch", json={"writeKey": KEY, "batch": list(calls)})


def held(database: Any, columns: str = "event, properties") -> list[tuple[Any, ...]]:
    return values(database, f"select {columns} from events order by timestamp, event")


def drops(client: Any) -> dict[str, int]:
    rows = client.get("/drops?app=shop", headers=AUTH).json["drops"]
    return {row["reason"]: row["n"] for row in rows}


def everything(database: Any) -> str:
    """All that the database holds of an app, as text."""
    names = (
        "events crashes error_details contents person_links drops event_names group_names outbox"
    )
    return "\n".join(
        str(values(database, f"select held::text from {name} as held")) for name in names.split()
    )
