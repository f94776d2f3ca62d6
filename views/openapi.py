"""The description of the API, made from the types that validate it.

ENDPOINTS is the list; a test fails when a route is not in it, or when it names one that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

import catalogue
from models import CrashPayload, TrackPayload
from reports import FAMILIES, GROUPINGS, PERIODS

Schema = dict[str, Any]


@dataclass(frozen=True)
class Endpoint:
    """One operation. access: open, ingest (open, an app key may ride along) or basic.
    answers: an example of a good answer; its shape, not its figures, is the promise."""

    method: str
    path: str
    summary: str
    access: str
    example: Any
    parameters: tuple[tuple[str, Schema, str], ...] = ()
    body: Any = None
    media: str = "application/json"
    statuses: tuple[int, ...] = field(default=())


TEXT: Schema = {"type": "string"}
UUID: Schema = {"type": "string", "format": "uuid"}
WHEN: Schema = {"type": "string", "description": "ISO 8601 date (a whole day) or time"}
LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}

PAGING = (
    ("start_date", WHEN, "from this day or time on"),
    ("end_date", WHEN, "up to this day or time"),
    ("limit", LIMIT, "rows a page"),
    ("cursor", TEXT, "next_cursor of the page before"),
    ("app", TEXT, "slug of an app; default: all apps"),
)

DAY: Schema = {"type": "string", "format": "date"}
STATS = (
    ("period", {"type": "string", "enum": list(PERIODS), "default": "30d"}, "days up to today"),
    ("from", DAY, "first day, instead of a period"),
    ("to", DAY, "last day; default: today"),
    ("group_by", {"type": "string", "enum": list(GROUPINGS), "default": "day"}, "of daily_stats"),
    ("app", TEXT, "slug of an app; default: the default desktop app"),
    ("app_version", TEXT, "only of this version; one filter at a time"),
    ("platform", TEXT, "only on this platform"),
    ("country", TEXT, "only from this country"),
)

ACCEPTED = {
    "success": True,
    "events_received": 1,
    "events_stored": 1,
    "duplicates": 0,
    "rejected": [],
    "timestamp": "2026-11-21T10:00:00.000Z",
}

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/", "what there is; a browser is sent to the dashboard", "open",
             {"success": True, "name": "Stories Analytics", "version": "1.0.0", "endpoints": []}),
    Endpoint("GET", "/health", "sign of life; 503 when the database does not answer", "open",
             {"status": "healthy", "database": "connected", "version": "1.0.0",
              "timestamp": "2026-11-21T10:00:00.000Z"}, statuses=(503,)),
    Endpoint("GET", "/openapi.json", "this description", "open", {"openapi": "3.1.0"}),
    Endpoint("GET", "/docs", "this description, to read and try", "open", None, media="text/html"),
    Endpoint("POST", "/track", "telemetry events of a desktop app, up to 5,000 in 5 MiB", "ingest",
             ACCEPTED, body=TrackPayload),
    Endpoint("POST", "/crash", "one crash report; sent twice it is stored once", "ingest",
             {"success": True, "crash_id": "9f86d081884c7d65",
              "timestamp": "2026-11-21T10:00:00.000Z"}, body=CrashPayload),
    Endpoint("GET", "/stats", "the numbers of METRICS.md over a range of days", "basic",
             {"success": True, "period": "30d", "from": "2026-10-23", "to": "2026-11-21",
              "timezone": "UTC", "group_by": "day", "covers_from": None, "unfiltered": [],
              "summary": {"total_users": 1250, "success_rate": 98.2},
              "daily_stats": [{"date": "2026-10-23", "active_users": 84}],
              "top_countries": [{"country": "DE", "users": 120, "percentage": 31.2}],
              "previous": {"total_users": 1180, "success_rate": 97.9}},
             (*STATS, ("include", TEXT, "families, with commas between: " + ", ".join(FAMILIES)))),
    Endpoint("GET", "/stats/{family}", "one family of numbers over a range of days", "basic",
             {"success": True, "period": "30d", "from": "2026-10-23", "to": "2026-11-21",
              "timezone": "UTC", "group_by": "day", "covers_from": None, "unfiltered": [],
              "costs": {"total_cost_usd": 112.5, "cost_7d": 24.1}},
             (("family", {"type": "string", "enum": list(FAMILIES)}, "which"), *STATS)),
    Endpoint("GET", "/events", "events as they came, latest first", "basic",
             {"success": True, "events": [], "next_cursor": None},
             (("user_id", UUID, "of this person"), ("event_type", TEXT, "of this name"),
              ("app_version", TEXT, "of this version"), ("platform", TEXT, "of this platform"),
              ("country", TEXT, "of this country"), ("session_id", TEXT, "of this session"),
              *PAGING)),
    Endpoint("GET", "/crashes", "crashes as they came, latest first", "basic",
             {"success": True, "crashes": [], "next_cursor": None},
             (("user_id", UUID, "of this person"),
              ("crash_type", {"type": "string", "enum": list(catalogue.CRASH_TYPES)}, "of this type"),
              ("app_version", TEXT, "of this version"), ("os_version", TEXT, "of this system"),
              *PAGING)),
    Endpoint("POST", "/cleanup", "delete what is older than its app's retention", "basic",
             {"success": True, "result": {"events_deleted": 0, "crashes_deleted": 0}}),
)

ERROR: Schema = {
    "type": "object",
    "required": ["success", "error", "code", "details"],
    "properties": {
        "success": {"const": False},
        "error": {"type": "string", "description": "one sentence that names the field"},
        "code": {"type": "string", "description": "stable reason"},
        "details": {"type": "array", "items": {"type": "object"}},
    },
}

WHY = {
    400: "a wrong parameter or body; the error names it",
    401: "no or wrong credentials, or an unknown app key",
    413: "over the limits",
    415: "an unknown Content-Encoding",
    429: "too many requests; Retry-After says when to come back",
    503: "the database is away; Retry-After says when to come back",
}


@lru_cache(maxsize=4)
def document(version: str) -> Schema:
    """The OpenAPI 3.1 document."""
    bodies = [endpoint.body for endpoint in ENDPOINTS if endpoint.body is not None]
    references, components = msgspec.json.schema_components(
        bodies, ref_template="#/components/schemas/{name}"
    )
    body_of = dict(zip(bodies, references, strict=True))
    paths: dict[str, Schema] = {}
    for endpoint in ENDPOINTS:
        operation = _operation(endpoint, body_of.get(endpoint.body))
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Stories Analytics", "version": version},
        "paths": paths,
        "components": {
            "schemas": {**components, "Error": ERROR},
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "appKey": {"type": "apiKey", "in": "header", "name": "X-App-Key"},
            },
        },
        "x-endpoints": [
            {"method": e.method, "path": e.path, "summary": e.summary, "access": e.access}
            for e in ENDPOINTS
        ],
    }


def _operation(endpoint: Endpoint, body: Schema | None) -> Schema:
    good: Schema = {"schema": {"type": "string" if endpoint.media != "application/json" else "object"}}
    if endpoint.example is not None:
        good["example"] = endpoint.example
    operation: Schema = {
        "summary": endpoint.summary,
        "operationId": f"{endpoint.method.lower()}{endpoint.path.title().replace('/', '')}",
        "parameters": [
            {"name": name, "in": "path" if f"{{{name}}}" in endpoint.path else "query",
             "required": f"{{{name}}}" in endpoint.path, "schema": schema, "description": text}
            for name, schema, text in endpoint.parameters
        ],
        "security": {"open": [], "ingest": [{}, {"appKey": []}], "basic": [{"basic": []}]}[
            endpoint.access
        ],
        "responses": {"200": {"description": "OK", "content": {endpoint.media: good}}},
    }
    if body is not None:
        operation["requestBody"] = {
            "required": True, "content": {"application/json": {"schema": body}}
        }
    for status in sorted({*_statuses(endpoint), *endpoint.statuses}):
        operation["responses"][str(status)] = {
            "description": WHY[status],
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
    return operation


def _statuses(endpoint: Endpoint) -> tuple[int, ...]:
    if endpoint.access == "ingest":
        return (400, 401, 413, 415, 429, 503)
    if endpoint.access == "basic":
        return (400, 401, 429, 503)
    return ()
