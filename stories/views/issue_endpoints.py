"""The part of views/endpoints.py that is about issues and releases."""

from __future__ import annotations

from stories import catalogue
from stories.crashes.reading import listing
from stories.payloads.issues import (
    IssueChangesPayload,
    ManyIssuesPayload,
    MergePayload,
    ReleasePayload,
    UndoPayload,
    UnmergePayload,
)
from stories.reports import PERIODS
from stories.views.asking_endpoints import NARROWED
from stories.views.crash_examples import CRASH
from stories.views.endpoints import DAY, TEXT, Endpoint, Group, Schema

BOOLEAN: Schema = {"type": "boolean"}
ISSUE = {
    "id": "desktop-17", "number": 17, "title": "TypeError: Cannot read properties of undefined",
    "culprit": "renderResult in history.js", "state": "open", "because": "regressed",
    "since": "2026-11-20T09:14:00.000Z", "ongoing": False, "crash_type": "uncaught_error",
    "handled": False, "raw": False, "crashes": 412, "people": 96, "people_share": 1.8,
    "first_seen": "2026-10-02T18:20:11.000Z", "last_seen": "2026-11-21T09:58:40.000Z",
    "first_version": "1.1.0", "last_version": "1.2.1",
    "days": [0, 0, 0, 2, 9, 14, 11, 30, 41, 38, 52, 61, 70, 84], "rise": 1.9,
}  # fmt: skip
PAGE = {
    **ISSUE, "days": [{"date": "2026-11-21", "crashes": 84, "versions": {"1.2.1": 84}}],
    "last_days": ISSUE["days"], "from": "2026-10-23", "to": "2026-11-21", "fixed": None,
    "fixed_version": None, "mute": None, "mute_value": None, "mute_until": None, "note": "",
    "merged": ["desktop-4"], "kept": 43, "groups": [], "log": [], "versions": [], "systems": [],
    "countries": [],
}  # fmt: skip
RELEASE = {
    "version": "1.2.1", "first_seen": "2026-11-14T08:00:00.000Z", "released_at": None, "url": None,
    "people": 3120, "adoption": 58.4, "crashes": 96, "crashed_people": 71,
    "crash_free_people": 97.72, "crashes_per_person": 0.031, "sessions": None,
    "errored_sessions": None, "crash_free_sessions": None, "transcriptions": 8120,
    "success_rate": 98.2, "median_processing_seconds": 2.41, "cost_per_person": 0.0127,
    "new_issues": 2, "regressed_issues": 1,
    "fixed_issues": 4, "compared_to": "1.2.0", "verdict": "worse", "p": 0.0031,
    "comparison": {"since": "2026-11-14", "people": 3120, "crashed_people": 71,
                   "crash_free_people": 97.72, "people_before": 2890, "crashed_people_before": 36,
                   "crash_free_people_before": 98.75},
}  # fmt: skip
MARKED = {"version": "1.3.0", "first_seen": None, "released_at": "2026-11-21T10:00:00.000Z",
          "url": "https://shop.example/changes#1.3.0"}  # fmt: skip

NAME = (
    "name",
    TEXT,
    "an issue's id, such as desktop-17; of a merged one: the issue that has its groups",
)
APP = ("app", TEXT, "slug of an app; default: the default desktop app")
SPAN = (
    ("period", {"type": "string", "enum": list(PERIODS)}, "days up to today"),
    ("from", DAY, "first day, instead of a period"),
    ("to", DAY, "last day; default: today"),
)
# Of NARROWED those that can tell crashes.
OF_CRASHES = (
    (
        "filter",
        {"type": "array", "items": TEXT},
        "field:operator:value, repeated for and, of version, platform, platform_family and channel: "
        "the numbers are then those of matching crashes",
    ),
    ("segment", TEXT, "id of a segment; of one by other fields: crashes of its people"),
    *(each for each in NARROWED if each[0] in ("cohort", "question_id")),
)
PAGING = (
    ("limit", {"type": "integer", "minimum": 1, "maximum": 100}, "rows a page"),
    ("cursor", TEXT, "next_cursor of the page before"),
)


def _choice(names: tuple[str, ...]) -> Schema:
    return {"type": "string", "enum": list(names)}


# fmt: off
_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/issues", "an app's issues: crashes of one fault, with a state", "basic",
             {"success": True, "issues": [ISSUE],
              "counts": {"open": 12, "new": 3, "regressed": 1, "muted": 2, "resolved": 40, "handled": 5},
              "next_cursor": None, "unfiltered": [], "computed": "rollups"},
             (APP, ("state", _choice(listing.STATES), "only of this state; default: all"),
              ("because", _choice(listing.REASONS), "only with this reason for the state open"),
              ("handled", BOOLEAN, "only handled errors, or only crashes"),
              ("raw", BOOLEAN, "only without readable names of functions, or only with them"),
              ("crash_type", _choice(catalogue.CRASH_TYPES), "only of this type"),
              ("version", TEXT, "only seen in this version"),
              ("first_version", TEXT, "only first seen in this version"),
              ("platform", TEXT, "only seen on this system"),
              ("q", TEXT, "text in the title, the place or a function of the stack; or an id"),
              *SPAN, ("sort", {"type": "string", "enum": list(listing.ORDERS), "default": "last_seen"},
                      "with :asc from the bottom; rise: the last 24 hours against the week before"),
              *PAGING, *OF_CRASHES), statuses=(503,)),
    Endpoint("PATCH", "/issues", "the same change to up to 100 issues", "basic",
             {"success": True, "changed": ["desktop-17"], "refused": []},
             (("app", TEXT, "slug; the ids name the app already"),), body=ManyIssuesPayload,
             statuses=(404,)),
    Endpoint("GET", "/issues/{name}", "one issue with its groups, its log, and what and whom it hits",
             "basic", {"success": True, "issue": PAGE, "unfiltered": [], "computed": "rollups"},
             (NAME, *SPAN, *OF_CRASHES), statuses=(404, 503)),
    Endpoint("PATCH", "/issues/{name}", "resolve, mute or open an issue, or write its note", "basic",
             {"success": True, "issue": PAGE}, (NAME,), body=IssueChangesPayload, statuses=(404, 409)),
    Endpoint("GET", "/issues/{name}/crashes", "an issue's stored crashes, each stack as frames",
             "basic", {"success": True, "crashes": [CRASH], "next_cursor": None},
             (NAME, ("order", _choice(("newest", "oldest")), "default: newest"),
              ("kept", BOOLEAN, "only those stored whole, or only the others"), *PAGING, *OF_CRASHES),
             statuses=(404, 503)),
    Endpoint("POST", "/issues/{name}/merge", "take over the groups of other issues", "basic",
             {"success": True, "issue": PAGE}, (NAME,), body=MergePayload, statuses=(404, 409)),
    Endpoint("POST", "/issues/{name}/unmerge", "send groups back, or to an issue of their own", "basic",
             {"success": True, "issue": PAGE, "issues": ["desktop-4"]}, (NAME,), body=UnmergePayload,
             statuses=(404, 409)),
    Endpoint("POST", "/issues/{name}/undo", "take back the last change of an issue", "basic",
             {"success": True, "issue": PAGE}, (NAME,), body=UndoPayload, statuses=(404, 409)),
    Endpoint("GET", "/releases", "an app's versions, each beside the one before", "basic",
             {"success": True, "from": "2026-10-23", "to": "2026-11-21", "releases": [RELEASE],
              "unfiltered": [], "computed": "rollups"},
             (APP, *SPAN, *NARROWED), statuses=(503,)),
    Endpoint("POST", "/releases", "mark a version as released, such as from a build", "basic",
             {"success": True, "release": MARKED}, body=ReleasePayload, statuses=(409,)),
    Endpoint("GET", "/releases/{version}", "one version by day, with its issues and the one before",
             "basic", {"success": True, "release": {**RELEASE, "days": [], "new": [], "regressed": [],
                                                    "fixed": [], "before": None,
                                                    "symbols": {"artifacts": 4, "missing": 0}},
                       "unfiltered": [], "computed": "rollups"},
             (("version", TEXT, "as the app sends it"), APP, *SPAN, *NARROWED,
              ("compare", TEXT, "another version: the answer is both over their first days, "
                                "{comparison: {days, versions, verdicts}}"),
              ("days", {"type": "integer", "minimum": 1, "maximum": 90, "default": 14},
               "with compare: of each, fewer where one is younger")), statuses=(404, 503)),
)
# fmt: on
ISSUES_GROUP = Group(
    "Issues and releases", "What is broken, since which version, and for how many.", _ENDPOINTS
)
