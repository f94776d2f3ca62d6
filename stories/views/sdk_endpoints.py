"""The part of views/endpoints.py that takes what SDKs of others send (docs/SDKS.md), a list for each.

Their bodies are not described: they are what those SDKs send.
"""

from __future__ import annotations

from stories.views.endpoints import KEY, TEXT, Endpoint, Group, Parameter

SENT = (408, 413, 415)  # of a body
APP_ID: Parameter = ("app_id", {"type": "integer"}, "the app's number, as in its DSN")
SENTRY_KEY: Parameter = ("sentry_key", TEXT, "the app's key")
EVENT_ID = {"id": "5d167e7d21004858ae9dfba46d370377"}

# fmt: off
SENTRY = (
    Endpoint("POST", "/api/{app_id}/envelope/", "an envelope of Sentry's SDKs: errors and so on",
             "ingest", EVENT_ID, (APP_ID, SENTRY_KEY), statuses=(403, *SENT)),
    Endpoint("POST", "/api/{app_id}/store/", "one event of an older SDK of Sentry's", "ingest",
             EVENT_ID, (APP_ID, SENTRY_KEY), statuses=(403, *SENT)),
    Endpoint("POST", "/api/tunnel", "an envelope that names its app itself, by its `dsn`", "ingest",
             EVENT_ID, statuses=(403, *SENT)),
)
REPORT = "78412d1b-96fd-46a7-8b73-0a7187334da5"
TEXT_PLAIN = ("text/plain; charset=utf-8",)
CRASHPAD = (
    Endpoint("POST", "/api/minidump", "a minidump with annotations, from Crashpad or Breakpad: its id",
             "ingest", REPORT, (KEY,), media=TEXT_PLAIN, statuses=SENT),
    Endpoint("POST", "/api/{app_id}/minidump/", "the same at Sentry's address for it", "ingest",
             REPORT, (APP_ID, SENTRY_KEY), media=TEXT_PLAIN, statuses=(403, *SENT)),
)
POSTHOG_KEY: Parameter = ("api_key", TEXT, "the app's key, where it does not stand in the body")
STORED = {"status": 1}
NO_FLAGS = {"flags": {}, "featureFlags": {}, "featureFlagPayloads": {},
            "errorsWhileComputingFlags": False}
LIMITED = (*SENT, 429, 503)
SETTINGS: Parameter = ("key", TEXT, "the app's key; any will do")
POSTHOG = (
    *(Endpoint("POST", path, "events of PostHog's SDKs", "ingest", STORED, (POSTHOG_KEY,), statuses=SENT)
      for path in ("/batch/", "/e/", "/capture/", "/i/v0/e/")),
    Endpoint("POST", "/i/v1/analytics/events", "events of PostHog's SDKs, of version 1", "ingest",
             {"results": {}}, statuses=SENT),
    *(Endpoint("POST", path, "which flags are set: none", "open", NO_FLAGS, statuses=LIMITED)
      for path in ("/flags/", "/decide/")),
    Endpoint("GET", "/array/{key}/config", "settings of PostHog's SDK for pages: none", "open",
             {"hasFeatureFlags": False, "sessionRecording": False}, (SETTINGS,),
             statuses=(429, 503)),
    Endpoint("GET", "/array/{key}/config.js", "the same as a script, which is empty", "open", "",
             (SETTINGS,), media=("text/javascript",), statuses=(429, 503)),
)
SEGMENT = (
    Endpoint("POST", "/v1/{call}", "calls of Segment's SDKs", "ingest", {"success": True},
             (("call", TEXT, "batch, track, page, screen, identify, alias, group or a first letter"),),
             statuses=SENT),
)
APTABASE = tuple(
    Endpoint("POST", path, "events of Aptabase's SDKs; App-Key: A-SH- and the app's key", "ingest", {},
             statuses=SENT)
    for path in ("/api/v0/event", "/api/v0/events")
)
# fmt: on

SDKS_GROUP = Group(
    "Send from SDKs of others",
    "What other people's SDKs send, by changing one address.",
    (*SENTRY, *CRASHPAD, *POSTHOG, *SEGMENT, *APTABASE),
)
