"""The part of views/endpoints.py that is about funnels, retention and experiments."""

from __future__ import annotations

from stories.reports.funnels import BREAKDOWNS, ORDERS
from stories.reports.retention import FIRST, INTERVALS
from stories.views.endpoints import DAYS, LIMIT, TEXT, Endpoint, Group, Parameter, Schema
from stories.views.question_endpoints import SPAN

_WITHIN: Schema = {"type": "integer", "minimum": 1, "maximum": 365}
_TEXTS: Schema = {"type": "array", "items": TEXT}
_APP: Parameter = ("app", TEXT, "slug of an app; default: the default desktop app")
NARROWED: tuple[Parameter, ...] = (
    ("filter", _TEXTS, "field:operator:value, repeated for and, such as version:gte:1.2"),
    ("segment", TEXT, "id of a segment"),
    ("cohort", TEXT, "id of a search for people"),
    ("app_version", TEXT, "only of this version"),
    ("platform", TEXT, "only on this platform"),
    ("country", TEXT, "only from this country"),
    ("question_id", TEXT, "a UUID, by which the question can be ended"),
)
_FUNNEL: tuple[Parameter, ...] = (
    ("steps", TEXT, "names of events, or paths of pages, separated by commas; a path is exact unless it "
                    "ends in *"),
    ("step", _TEXTS, "instead of steps, 2 to 8 times: such a name, and conditions on its events behind "
                     "semicolons, as in export;prop.format:is:png"),
    ("app", TEXT, "slug of an app; default: the default website"),
    ("days", {**DAYS, "default": 30}, "up to today, instead of a period"), *SPAN,
    ("within", _WITHIN, "days of a person to reach the last step; default: one session"),
    ("order", {"type": "string", "enum": list(ORDERS), "default": "strict"},
     "any: a step is reached with all before it, in whichever order"),
    *NARROWED,
)  # fmt: skip
_ABOUT = {
    "success": True,
    "app": "easel",
    "from": "2026-10-23",
    "to": "2026-11-21",
    "timezone": "UTC",
}
_SHARES = [{"count": 80, "percentage": 100.0}, {"count": 30, "percentage": 37.5}]

# fmt: off
_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/funnels", "how many reach each step, and how long they take", "basic",
             {**_ABOUT, "order": "strict", "within": None, "computed": "events",
              "steps": [{"step": "stroke drawn", "count": 120, "percentage": 100.0, "dropped": 0,
                         "median_seconds": None, "p90_seconds": None},
                        {"step": "export;prop.format:is:png", "count": 42, "percentage": 35.0,
                         "dropped": 78, "median_seconds": 310.2, "p90_seconds": 1804.5}],
              "by": [{"key": "1.2.0", "steps": _SHARES}, {"key": None, "steps": _SHARES}]},
             (*_FUNNEL, ("by", {"type": "string", "enum": list(BREAKDOWNS)},
                         "of the event that began: ten keys, the rest as other; or each segment")),
             statuses=(503,)),
    Endpoint("GET", "/funnels/people", "who came to a step and not to the next, latest first", "basic",
             {**_ABOUT, "order": "strict", "within": 7, "stopped": 1, "computed": "events",
              "people": [{"user_id": "550e8400-e29b-41d4-a716-446655440000", "session_id": None,
                          "at": "2026-11-20T10:00:00.000Z"}], "next_cursor": None},
             (*_FUNNEL, ("stopped", {"type": "integer", "minimum": 1, "maximum": 8},
                         "number of the step, from 1; of the last one: who came through"),
              ("limit", LIMIT, "rows a page"), ("cursor", TEXT, "next_cursor of the page before")),
             statuses=(503,)),
    Endpoint("GET", "/retention", "of those who did something, how many came back", "basic",
             {**_ABOUT, "start": "", "return": "export", "interval": "week", "first": "ever",
              "unbounded": False, "computed": "events",
              "cohorts": [{"start": "2026-11-09", "size": 84, "returned": [40, 22]},
                          {"start": "2026-11-16", "size": 91, "returned": [None]}],
              "average": [47.6, 26.2]},
             (_APP, *SPAN,
              ("start", TEXT, "what they did: an event or a page, with conditions as a funnel's step; "
                              "default: any event"),
              ("return", TEXT, "what they came back to do; default: any event"),
              ("interval", {"type": "string", "enum": list(INTERVALS)}, "default: by the days asked"),
              ("first", {"type": "string", "enum": list(FIRST), "default": "ever"},
               "ever: whose first time ever is in the interval; any: all who did it in the interval"),
              ("unbounded", {"type": "boolean", "default": False},
               "who comes back in a later interval counts in those before it too"), *NARROWED),
             statuses=(503,)),
    Endpoint("GET", "/experiments", "events that carry the property which names a variant", "basic",
             {"success": True, "app": "easel", "experiments": ["canvas_shown"]},
             (_APP, ("property", TEXT, "default: variant"))),
    Endpoint("GET", "/experiments/{name}", "the variants of an experiment, compared", "basic",
             {**_ABOUT, "experiment": "canvas_shown", "property": "variant", "goal": "export",
              "within": 7, "control": "control", "mixed": 3, "left_out": 0, "needed": 5830,
              "can_tell": False, "computed": "events",
              "split": {"expected": [50.0, 50.0], "chi_square": 0.42, "p": 0.517, "is_wrong": False},
              "variants": [
                  {"variant": "control", "people": 812, "converted": 170, "open": 40, "rate": 20.94,
                   "difference": None, "low": None, "high": None, "best": 8.9},
                  {"variant": "large", "people": 838, "converted": 197, "open": 44, "rate": 23.51,
                   "difference": 2.57, "low": -1.45, "high": 6.58, "best": 91.1}]},
             (("name", TEXT, "of the event that shows a variant"), _APP, *SPAN,
              ("goal", TEXT, "an event or a page with conditions, as a step of a funnel"),
              ("within", {**_WITHIN, "default": 7}, "days from the first variant shown to the goal"),
              ("property", TEXT, "which names the variant; default: variant"),
              ("control", TEXT, "what others are compared with; default: control, or the largest"),
              ("split", TEXT, "shares that were meant, of the control, then of the others by name, "
                              "such as 50,50; default: equal ones"), *NARROWED),
             statuses=(404, 503)),
)
# fmt: on
ASKING_GROUP = Group(
    "Funnels, retention, experiments", "How people go on, come back, and decide.", _ENDPOINTS
)
