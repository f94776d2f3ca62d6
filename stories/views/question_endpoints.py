"""The part of views/endpoints.py that is about what makers ask and what they look at first."""

from __future__ import annotations

from stories.payloads.questions import (
    KeyNumberChangesPayload,
    KeyNumberPayload,
    SavedChangesPayload,
    SavedPayload,
)
from stories.reports import GROUPINGS, PERIODS
from stories.reports.explore import INTERVALS, MEASURES
from stories.views.endpoints import DAY, TEXT, Endpoint, Group, Parameter

APP: Parameter = ("app", TEXT, "slug of the app")
SAVED = {
    "id": 12, "app": "easel", "report": "explore", "name": "Exports by format",
    "question": {"event": ["drawing exported"], "by": ["prop.format"], "period": ["30d"]},
    "is_pinned": True, "created_at": "2026-11-21T10:00:00.000Z",
}  # fmt: skip
KEY_NUMBER = {
    "id": 3, "name": "Layers of an export", "measure": "median", "event": "drawing exported",
    "property": "layers", "value": None, "segment": None,
}  # fmt: skip
NUMBERS = [
    {"name": "crash_free_rate", "title": "Crash-free people", "unit": "percent", "better": "more",
     "is_rolled_up": True, "key_number_id": None},
    {"name": "key:3", "title": "Layers of an export", "unit": "number", "better": None,
     "is_rolled_up": True, "key_number_id": 3},
]  # fmt: skip
KEY_NUMBERS = {"success": True, "app": "easel", "key_numbers": [KEY_NUMBER]}
KEY_NUMBER_ID: Parameter = ("key_number_id", TEXT, "id of a key number")
FILTER: Parameter = (
    "filter",
    {"type": "array", "items": TEXT},
    "field:operator:value, repeated for and, such as version:gte:1.2 or prop.format:in:png,svg",
)
SPAN: tuple[Parameter, ...] = (
    ("period", {"type": "string", "enum": list(PERIODS), "default": "30d"}, "days up to today"),
    ("from", DAY, "first day, instead of a period"),
    ("to", DAY, "last day; default: today"),
)
NARROWED: tuple[Parameter, ...] = (
    FILTER,
    ("app_version", TEXT, "only of this version"),
    ("platform", TEXT, "only on this platform"),
    ("country", TEXT, "only from this country"),
)
SAVED_ID: Parameter = ("saved_id", TEXT, "id of a saved question")

# fmt: off
_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/explore", "one measure of an event, over time and by a field", "basic",
             {"success": True, "app": "easel", "from": "2026-11-20", "to": "2026-11-21",
              "timezone": "Europe/Berlin", "event": "drawing exported", "measure": "people",
              "property": None, "by": "prop.format", "interval": "day", "total": 310,
              "rows": [{"date": "2026-11-20", "key": "png", "value": 180},
                       {"date": "2026-11-20", "key": "other", "value": 4}],
              "computed": "events", "covers_from": None},
             (APP, ("event", TEXT, "name of an event; default: any"),
              ("measure", {"type": "string", "enum": list(MEASURES), "default": "events"}, "of it"),
              ("property", TEXT, "the number that sum, average, median and p95 are of"),
              ("by", TEXT, "a field of filters: version, platform, platform_family, country, source, "
                           "channel, event or prop.NAME; ten keys and the rest as other"),
              ("interval", {"type": "string", "enum": list(INTERVALS)},
               "a row of each; hour up to 7 days; default: the period as a whole"),
              *SPAN, *NARROWED), statuses=(503,)),
    Endpoint("GET", "/saved", "an app's saved questions", "basic",
             {"success": True, "app": "easel", "saved": [SAVED]}, (APP,)),
    Endpoint("POST", "/saved", "save a question under a name", "basic",
             {"success": True, "saved": SAVED}, (APP,), body=SavedPayload, statuses=(409,)),
    Endpoint("PATCH", "/saved/{saved_id}", "rename, change or pin a saved question", "basic",
             {"success": True, "saved": SAVED}, (SAVED_ID,), body=SavedChangesPayload,
             statuses=(404, 409)),
    Endpoint("GET", "/stats/key_numbers", "an app's key numbers over a range of days", "basic",
             {"success": True, "app": "easel", "from": "2026-11-20", "to": "2026-11-21",
              "timezone": "Europe/Berlin", "group_by": "day",
              "key_numbers": [{**KEY_NUMBER, "amount": 4, "computed": "rollups",
                               "days": [{"date": "2026-11-20", "amount": 3}]}]},
             (APP, *SPAN, ("group_by", {"type": "string", "enum": list(GROUPINGS), "default": "day"},
                           "of `days`"), *NARROWED), statuses=(503,)),
    Endpoint("GET", "/numbers", "every number that an app has, with its unit and which way is better",
             "basic", {"success": True, "app": "easel", "numbers": NUMBERS}, (APP,)),
    Endpoint("GET", "/numbers/{name}", "one number of GET /numbers over some days, and of each", "basic",
             {"success": True, "app": "easel", "from": "2026-11-20", "to": "2026-11-21",
              "timezone": "Europe/Berlin", "number": NUMBERS[0], "value": 99.1,
              "days": [{"date": "2026-11-20", "value": 98.7}], "computed": "rollups"},
             (("name", TEXT, "as GET /numbers names it"), APP, *SPAN, *NARROWED), statuses=(404, 503)),
    Endpoint("GET", "/key-numbers", "an app's key numbers, in their order", "basic", KEY_NUMBERS,
             (APP,)),
    Endpoint("POST", "/key-numbers", "a number to look at first; twelve an app", "basic",
             {**KEY_NUMBERS, "key_number": KEY_NUMBER}, (APP,), body=KeyNumberPayload,
             statuses=(409,)),
    Endpoint("PATCH", "/key-numbers/{key_number_id}", "change a key number, or its place", "basic",
             {**KEY_NUMBERS, "key_number": KEY_NUMBER}, (KEY_NUMBER_ID,),
             body=KeyNumberChangesPayload, statuses=(404, 409)),
    Endpoint("DELETE", "/key-numbers/{key_number_id}", "remove a key number", "basic",
             {"success": True}, (KEY_NUMBER_ID,), statuses=(404,)),
    Endpoint("DELETE", "/saved/{saved_id}", "forget a saved question", "basic", {"success": True},
             (SAVED_ID,), statuses=(404,)),
)
# fmt: on
QUESTIONS_GROUP = Group(
    "Questions", "What makers ask of their own events, by name or once.", _ENDPOINTS
)
