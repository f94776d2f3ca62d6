"""The part of views/endpoints.py that is about people now, searches for people and cohorts."""

from __future__ import annotations

from stories.payloads.cohorts import CohortChangesPayload, CohortPayload
from stories.views.endpoints import TEXT, Endpoint, Group, Parameter, Schema

APP: Parameter = ("app", TEXT, "slug of an app")
COHORT_ID: Parameter = ("cohort_id", {"type": "integer"}, "its id")
COHORT = {
    "id": 3, "name": "Exporters in Germany", "created_at": "2026-11-21T10:00:00.000Z",
    "definition": {"country": "DE", "did": "file_exported", "times": 3, "days": 30},
}  # fmt: skip
RANKING: Schema = {"rows": [{"key": "1.2.1", "events": 40, "people": 9}], "more": 0}
EVENT: Schema = {
    "user_id": "550e8400-e29b-41d4-a716-446655440000", "event": "app_opened",
    "timestamp": "2026-11-21T09:59:58.120Z", "properties": {}, "app_version": "1.2.1",
    "platform": "darwin-24.6.0", "country": "DE", "session_id": None, "channel": None,
    "received_at": "2026-11-21T09:59:58.480Z", "event_key": "9f86d081884c7d65",
}  # fmt: skip

# fmt: off
_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/live", "the last half hour: people, events by minute, the latest events", "basic",
             {"success": True, "app": "desktop", "timezone": "UTC", "now": "2026-11-21T10:00:00.000Z",
              "people_now": 4, "people": 11, "count": 96,
              "minutes": [{"start": "2026-11-21T09:30:00.000Z", "events": 3, "people": 2}],
              "versions": RANKING, "platform_families": RANKING, "countries": RANKING,
              "events": [EVENT], "cursor": "WyIyMDI2LTExLTIxIl0", "computed": "events"},
             (APP, ("after", TEXT, "cursor of an answer before: only events that arrived since, and "
                                   "those of its last seconds again, with the same event_key"),
              ("filter", TEXT, "field:operator:value, repeated for and; channel:is:debug for debug"),
              ("cohort", TEXT, "only of its people"),
              ("app_version", TEXT, "only of this version"), ("platform", TEXT, "only on this platform"),
              ("country", TEXT, "only from this country"))),
    Endpoint("GET", "/cohorts", "the cohorts of an app: kept searches for people", "basic",
             {"success": True, "cohorts": [COHORT]}, (APP,)),
    Endpoint("POST", "/cohorts", "keep a search for people, to be used as cohort=ID", "basic",
             {"success": True, "cohort": COHORT},
             (("app", TEXT, "slug of an app; default: the body's"),), body=CohortPayload,
             statuses=(409,)),
    Endpoint("PATCH", "/cohorts/{cohort_id}", "rename a cohort, or define it anew", "basic",
             {"success": True, "cohort": COHORT}, (COHORT_ID, ("app", TEXT, "slug; not needed")),
             body=CohortChangesPayload, statuses=(404, 409)),
    Endpoint("DELETE", "/cohorts/{cohort_id}", "delete a cohort, not its people", "basic",
             {"success": True}, (COHORT_ID, ("app", TEXT, "slug; not needed")), statuses=(404,)),
)
# fmt: on
LIVE_GROUP = Group(
    "Live and cohorts", "What happens now, and lists of people under a name.", _ENDPOINTS
)
