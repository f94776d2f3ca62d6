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
# fmt: on

SDKS_GROUP = Group(
    "Send from SDKs of others",
    "What other people's SDKs send, by changing one address.",
    (*SENTRY, *CRASHPAD),
)
