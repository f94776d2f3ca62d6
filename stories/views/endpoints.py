"""The list of endpoints in groups, each with its parameters, its body's type and an example.

views/openapi.py makes the description from it; a test holds it against the routes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from models import CrashPayload, TrackPayload
from stories import catalogue
from stories.payloads.app import AppPayload, ChangesPayload
from stories.payloads.bot import BotPayload
from stories.payloads.cohorts import PLATFORM_FAMILIES
from stories.payloads.generator import GenerationPayload, VisitPayload
from stories.payloads.website import WebsitePayload
from stories.reports import COMPARISONS, FAMILIES, GROUPINGS, PERIODS, export
from stories.views.crash_examples import CRASH

Schema = dict[str, Any]
Parameter = tuple[str, Schema, str]

# What a caller has to bring, as OpenAPI's security: any one of the choices.
ACCESS: dict[str, list[dict[str, list[str]]]] = {
    "open": [],
    "ingest": [{}, {"appKey": []}],
    "keyed": [{"appKey": []}, {"basic": []}, {"token": []}],
    "analytics": [{"analyticsKey": []}, {"basic": []}, {"token": []}, {"session": []}],
    "basic": [{"basic": []}, {"token": []}, {"session": []}],
}


@dataclass(frozen=True)
class Endpoint:
    """One operation. access: a key of ACCESS. example: of a good answer; its shape, not its
    figures, is the promise. media: of good answers; JSON has the example's type. parameters: name,
    schema, what it is; those in the path too. takes: the media type of the body."""

    method: str
    path: str
    summary: str
    access: str
    example: Any
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    media: tuple[str, ...] = ("application/json",)
    statuses: tuple[int, ...] = ()
    takes: str = "application/json"


@dataclass(frozen=True)
class Group:
    """Endpoints that belong together: a tag of OpenAPI, a heading of /docs."""

    name: str
    description: str
    endpoints: tuple[Endpoint, ...]


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

SEARCH: tuple[Parameter, ...] = (
    ("q", TEXT, "beginning of a UUID or of the app's own id, at least four characters"),
    ("country", TEXT, "of their latest event that names one"),
    ("app_version", TEXT, "of their latest event that names one"),
    (
        "platform_family",
        {"type": "string", "enum": list(PLATFORM_FAMILIES)},
        "of their latest platform",
    ),
    ("last_seen_days", {"type": "integer", "minimum": 1}, "with an event or a crash in these days"),
    ("first_seen_days", {"type": "integer", "minimum": 1}, "whose first event is in these days"),
    ("did", TEXT, "with an event of this name"),
    ("times", {"type": "integer", "minimum": 1, "default": 1}, "with did: at least so often"),
    ("cohort", TEXT, "id of a cohort: only its people"),
)
DAY: Schema = {"type": "string", "format": "date"}
NARROWING: tuple[Parameter, ...] = (
    ("filter", TEXT, "field:operator:value, repeated for and, such as version:gte:1.2"),
    ("segment", TEXT, "id of a segment: its conditions too"),
    ("cohort", TEXT, "id of a cohort: only its people"),
    ("question_id", UUID, "names the question, so that DELETE /questions/{question_id} ends it"),
)
APP = {
    "app_id": 5,
    "slug": "studio",
    "kind": "desktop",
    "name": "Studio",
    "timezone": "Europe/Berlin",
    "retention_days": 365,
    "content_days": 90,
    "hash_rotation": "never",
    "funnel": {},
    "accepts": "open",
    "events": {},
    "long_names": {"events": {}, "properties": {}},
    "grouping": {},
    "undeclared": [],
    "counting_back": None,
    "ingest_key": "3f1c…",
    "is_default": False,
    "testers": [],
    "dsn": "https://3f1c…@analytics.example.com/5",
}
INCLUDES = (*FAMILIES, "key_numbers")
STATS = (
    ("period", {"type": "string", "enum": list(PERIODS), "default": "30d"}, "days up to today"),
    ("from", DAY, "first day, instead of a period"),
    ("to", DAY, "last day; default: today"),
    ("group_by", {"type": "string", "enum": list(GROUPINGS), "default": "day"}, "of daily_stats"),
    (
        "compare",
        {"type": "string", "enum": list(COMPARISONS), "default": "previous"},
        "what `previous` is: the period before, the same weekdays before, a year before, or left out",
    ),
    ("compare_from", DAY, "first day of `previous`, instead of compare"),
    ("compare_to", DAY, "last day of `previous`, with compare_from"),
    ("app", TEXT, "slug of an app; default: the default desktop app"),
    *NARROWING,
    ("app_version", TEXT, "only of this version, as filter=version:is:…"),
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

DAYS: Schema = {"type": "integer", "minimum": 1, "maximum": 3650}
PAGE: Schema = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1}
PER_PAGE: Schema = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
RANGES = "of such a duration: up to 10 ranges of seconds, ends exclusive, e.g. 0-60,60-300"
PAGES = (("limit", LIMIT, "rows a page"), ("cursor", TEXT, "next_cursor of the page before"))
SLUG = ("slug", TEXT, "of the app")
PERSON = ("person", TEXT, "a UUID, or with `app` the id that the app itself uses")


def _days(default: int) -> Parameter:
    return "days", {**DAYS, "default": default}, "up to today"


def _choice(names: Iterable[str], default: str) -> Schema:
    return {"type": "string", "enum": list(names), "default": default}


def _app(kind: str) -> Parameter:
    return "app", TEXT, f"slug of an app; default: the default {kind} app"


# Of what takes events: which app they are of.
KEY = ("app_key", TEXT, "the app's key, where X-App-Key cannot be set")
KEYED = (KEY, ("app", TEXT, "with Basic: slug of the app; default: the kind's default app"))
WEBSITE = (_days(7), _app("website"), *NARROWING)

# fmt: off
GROUPS: tuple[Group, ...] = (
    Group("Send", "What apps send: events, visits, crashes.", (
        Endpoint("POST", "/track", "telemetry events of a desktop app, up to 5,000 in 5 MiB", "ingest",
                 ACCEPTED | {"notes": [{"index": 0, "field": "app_version"}]}, (KEY,),
                 body=TrackPayload),
        Endpoint("POST", "/crash", "a crash, or an error the app survived; sent twice it is stored once",
                 "ingest", {"success": True, "crash_id": "9f86d081884c7d65",
                  "timestamp": "2026-11-21T10:00:00.000Z"}, (KEY,), body=CrashPayload),
        Endpoint("POST", "/api/track", "page views, events and conversions of a website, one or many",
                 "ingest", ACCEPTED, (KEY,), body=WebsitePayload | list[WebsitePayload]),
        Endpoint("POST", "/api/visits", "page visits of an image generator, one or many", "keyed",
                 ACCEPTED, KEYED, body=VisitPayload | list[VisitPayload]),
        Endpoint("POST", "/api/generations", "attempts to generate an image, one or many", "keyed",
                 ACCEPTED, KEYED, body=GenerationPayload | list[GenerationPayload]),
        Endpoint("POST", "/api/bot/events", "what happens in a bot's conversations", "keyed",
                 ACCEPTED, KEYED, body=BotPayload | list[BotPayload]),
    )),
    Group("Numbers", "Counts and rates over a range of days (docs/METRICS.md).", (
        Endpoint("GET", "/stats", "the numbers of METRICS.md over a range of days", "basic",
                 {"success": True, "period": "30d", "from": "2026-10-23", "to": "2026-11-21",
                  "timezone": "UTC", "group_by": "day", "covers_from": None, "unfiltered": [],
                  "compared": {"from": "2026-09-23", "to": "2026-10-22"},
                  "summary": {"total_users": 1250, "success_rate": 98.2},
                  "daily_stats": [{"date": "2026-10-23", "active_users": 84}],
                  "top_countries": [{"country": "DE", "users": 120, "percentage": 31.2}],
                  "previous": {"total_users": 1180, "success_rate": 97.9}},
                 (*STATS, ("include", TEXT, "families, with commas: " + ", ".join(INCLUDES)))),
        Endpoint("GET", "/stats/{family}", "one family of numbers over a range of days", "basic",
                 {"success": True, "period": "30d", "from": "2026-10-23", "to": "2026-11-21",
                  "timezone": "UTC", "group_by": "day", "covers_from": None, "unfiltered": [],
                  "costs": {"total_cost_usd": 112.5, "cost_7d": 24.1}},
                 (("family", {"type": "string", "enum": list(FAMILIES)}, "which"), *STATS),
                 statuses=(404,)),
        Endpoint("GET", "/stats/hours", "one day by hours, from its events", "basic",
                 {"success": True, "date": "2026-11-21", "timezone": "UTC", "until": "15:20",
                  "rows": [{"hour": "2026-11-21T00:00+00:00", "events": 120, "active_users": 14}],
                  "summary": {"events": 2410, "active_users": 190}},
                 (("date", DAY, "which; default: today"),
                  ("until", {"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$"},
                   "time of day up to which `summary` counts; default: now, or the end of the day"),
                  *STATS[-8:])),
    )),
    Group("Events and crashes", "Single events and crashes, latest first.", (
        Endpoint("GET", "/events", "events as they came, latest first", "basic",
                 {"success": True, "events": [], "count": 0, "next_cursor": None},
                 (("user_id", UUID, "of this person"), ("event_type", TEXT, "of this name"),
                  ("app_version", TEXT, "of this version"), ("platform", TEXT, "of this platform"),
                  ("country", TEXT, "of this country"), ("session_id", TEXT, "of this session"),
                  ("days", DAYS, "up to today, instead of start_date and end_date"),
                  ("user_ids", TEXT, "of these people: up to 100 UUIDs, with commas"),
                  ("duration_ranges", TEXT, RANGES), ("page", PAGE, "by number instead of by cursor"),
                  ("per_page", PER_PAGE, "rows of a numbered page"),
                  *NARROWING, *PAGING)),
        Endpoint("GET", "/crashes", "crashes as they came, latest first", "basic",
                 {"success": True, "crashes": [], "count": 0, "next_cursor": None},
                 (("user_id", UUID, "of this person"),
                  ("crash_type", {"type": "string", "enum": list(catalogue.CRASH_TYPES)},
                   "of this type"),
                  ("app_version", TEXT, "of this version"), ("os_version", TEXT, "of this system"),
                  *NARROWING, *PAGING)),
        Endpoint("GET", "/crashes/{crash_id}", "one crash, its stack as frames with real names", "basic",
                 {"success": True, "crash": CRASH,
                  "issue": {"id": "desktop-17", "number": 17, "state": "open",
                            "title": "TypeError: Cannot read properties of undefined"}},
                 (("crash_id", TEXT, "of GET /crashes"), ("user_id", UUID, "of the same crash"),
                  ("timestamp", WHEN, "of the same crash, to the last digit"), _app("desktop")),
                 statuses=(404,)),
        Endpoint("GET", "/api/export", "an app's events, crashes, counts, issues or people", "basic",
                 [{"timestamp": "2026-11-21T10:00:00Z", "event": "pageview"}],
                 (("format", _choice(export.MEDIA, "json"), "of the file"),
                  ("what", _choice(export.WHAT, "events"), "is in it"),
                  _days(30), _app("website"), *SEARCH, *NARROWING[:2]),
                 media=tuple(export.MEDIA.values())),
    )),
    Group("People", "The people of an app, and their rights.", (
        Endpoint("GET", "/users", "an app's people, latest first", "basic",
                 {"success": True, "app": "desktop", "users": [], "next_cursor": None},
                 (_app("desktop"), *PAGES, *SEARCH, *NARROWING[:2], NARROWING[3],
                  ("days", {**DAYS, "default": 30},
                   "with did or filter: its days; else only ids of people with an event in these days"),
                  ("event_type", TEXT, "only the ids of people with an event of this name"),
                  ("duration_ranges", TEXT, RANGES))),
        Endpoint("GET", "/users/{person}/export", "everything that is stored about a person", "basic",
                 {"success": True, "user_id": "550e8400-e29b-41d4-a716-446655440000", "events": []},
                 (PERSON, ("app", TEXT, "whose own id the person's is; default: a UUID, all apps")),
                 statuses=(404,)),
        Endpoint("DELETE", "/users/{person}", "erase a person; events that arrive later are discarded",
                 "basic",
                 {"success": True, "deleted": {"events": 12, "crashes": 0}},
                 (PERSON, ("app", TEXT, "whose own id the person's is; default: a UUID, all apps")),
                 statuses=(404,)),
    )),
    Group("Website", "The numbers of a website.", (
        Endpoint("GET", "/api/metrics", "a website's metrics, sources, funnel and latest conversions",
                 "basic",
                 {"metrics": {"total_visitors": 120, "conversions": 6, "conversion_rate": 5.0,
                              "avg_session_pages": 2.4},
                  "traffic_sources": [], "funnel_data": {}, "recent_conversions": []},
                 (*WEBSITE, ("include", {"type": "string", "enum": ["visits"]},
                             "also visitors, bounce rate, length, entry and exit pages, campaigns"))),
        Endpoint("GET", "/api/funnel", "sessions that reached each step of a website's funnel", "basic",
                 {"homepage_views": 80, "conversions": 6}, WEBSITE),
    )),
    Group("Image generator", "The numbers of an image generator.", (
        Endpoint("GET", "/api/analytics", "a generator's totals, today and the last seven days",
                 "analytics", {"total": {}, "today": {}, "last_7_days": []},
                 (("key", TEXT, "ANALYTICS_KEY, instead of the header"), _app("generator"), *NARROWING)),
    )),
    Group("Bot", "The numbers and conversations of a bot.", (
        Endpoint("GET", "/api/analytics/stats", "a bot's statistics", "basic",
                 {"users": 40, "messages": 900, "images": 70, "active_users_7d": 12,
                  "popular_personas": []}, (_app("bot"), *NARROWING)),
        Endpoint("GET", "/api/analytics/users", "a bot's people, latest first", "basic",
                 {"users": [], "next_cursor": None}, (_app("bot"), *PAGES)),
        Endpoint("GET", "/api/analytics/users/{client_id}/events", "one person's conversation", "basic",
                 {"client_id": "1", "events": [], "next_cursor": None},
                 (("client_id", TEXT, "the bot's own id of the person"), _app("bot"), *PAGES),
                 statuses=(404,)),
        Endpoint("GET", "/images/{image_id}", "an image that is stored as a file", "basic", None,
                 (("image_id", UUID, "the end of its image_url"),), media=("image/*",), statuses=(404,)),
    )),
    Group("Apps", "The apps that share this server, and their keys.", (
        Endpoint("GET", "/apps", "the apps of this server, with their keys, and `dsn`, which Sentry's "
                 "SDKs take; both are null for all but owners", "basic",
                 {"success": True, "apps": [APP]}),
        Endpoint("POST", "/apps", "a new app", "basic", {"success": True, "app": APP},
                 body=AppPayload, statuses=(409,)),
        Endpoint("PATCH", "/apps/{slug}", "change those fields of an app that the body has", "basic",
                 {"success": True, "app": APP}, (SLUG,), body=ChangesPayload,
                 statuses=(404, 409)),
        Endpoint("GET", "/apps/{slug}/properties",
                 "which properties an app's latest 20,000 events have, and whether they are counted",
                 "basic",
                 {"success": True, "app": "studio", "of": 20000, "events": [
                     {"event": "drawing exported", "events": 412, "declared": False,
                      "built_in": False, "properties": [
                         {"property": "format", "types": ["string"], "events": 412, "values": 4,
                          "declared": None, "suggested": "label"}]}]},
                 (SLUG, ("event", TEXT, "only of this name")), statuses=(404, 503)),
        Endpoint("DELETE", "/apps/{slug}/events/{event}",
                 "forget an undeclared name, which frees its place; its counts stay", "basic",
                 {"success": True}, (SLUG, ("event", TEXT, "the name")), statuses=(404,)),
        Endpoint("POST", "/apps/{slug}/key", "a new ingest key; the old one stops working", "basic",
                 {"success": True, "app": APP}, (SLUG,), statuses=(404,)),
    )),
    Group("Server", "The state of the server itself.", (
        Endpoint("GET", "/", "the list of endpoints; a browser is sent to the dashboard", "open",
                 {"success": True, "name": "Stories Analytics", "version": "1.0.0", "endpoints": []}),
        Endpoint("GET", "/health", "whether server and database answer, 503 if not", "open",
                 {"status": "healthy", "database": "connected", "version": "1.0.0",
                  "timestamp": "2026-11-21T10:00:00.000Z"}, statuses=(503,)),
        Endpoint("GET", "/drops", "items that were rejected or dropped, by day and reason", "basic",
                 {"success": True, "drops": []}, (_days(30), ("app", TEXT, "slug; default: all apps"))),
        Endpoint("POST", "/cleanup", "delete what is older than its app's retention", "basic",
                 {"success": True, "result": {"events_deleted": 0, "crashes_deleted": 0}}),
        Endpoint("GET", "/metrics", "counts and sizes for Prometheus", "basic", None,
                 media=("text/plain",)),
        Endpoint("GET", "/openapi.json", "this description", "open", {"openapi": "3.1.0"}),
        Endpoint("GET", "/docs", "this description as a page, to read and to try", "open", None,
                 media=("text/html",)),
    )),
)
# fmt: on
