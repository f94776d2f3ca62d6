"""Good input of now, one of each kind: what mutations start from."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from datetime import UTC, datetime
from typing import Any

from database import Database, Inline
from tools.fuzz import uploads
from tools.fuzz.sentry_seeds import native_requests

PERSON = "550e8400-e29b-41d4-a716-446655440000"
LOGIN = b"Basic " + base64.b64encode(b"admin:admin")
UPLOADER = b"Bearer " + uploads.TOKEN.encode()
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 24).decode()
BROWSER = b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
CHANGES = b'{"name": "x", "retention_days": 30, "events": {"own": {"n": {"type": "number"}}}}'


def bodies() -> dict[str, Any]:
    """Path -> a good body of it."""
    when = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {
        "/track": {
            "events": [
                {
                    "user_id": PERSON,
                    "event": "recording_completed",
                    "timestamp": when,
                    "app_version": "0.9.51",
                    "platform": "darwin-24.6.0",
                    "country": "US",
                    "session_id": "s-1",
                    "id": "e-1",
                    "properties": {"duration_seconds": 12.5, "note": "me@example.org", "a": [1, {}]},
                },
                {"user_id": PERSON, "event": "app_opened", "timestamp": when},
            ]
        },
        "/crash": {
            "user_id": PERSON,
            "app_version": "0.9.51",
            "os_version": "darwin-24.6.0",
            "crash_type": "uncaught_error",
            "error_message": "TypeError: token=abcdef0123456789 of undefined",
            "stack_trace": "at f (/Users/Jane Doe/app.js:1:2)\n at https://u:p@h.example/x?k=v",
            "timestamp": when,
            "context": {"memory": 12, "argv": ["--key", "sk-0123456789abcdef0123"]},
            "session_id": "s-1",
            "id": "c-1",
            "fingerprint": ["{{ default }}", "me@example.org"],
            "handled": False,
            "frames": [
                {"function": "f", "file": "/Users/Jane Doe/app.js", "line": 1, "column": 2,
                 "in_app": True, "module": "app", "context": ["a", "b = 'k'", "c"]},
                {"function": "g", "address": "0x1f", "build": "9F86D081884C7D659A2FEAA0C55AD0151"},
            ],
        },
        "/api/track": [
            {
                "sessionId": "v-1",
                "type": "pageview",
                "path": "/pricing?utm_source=mail&x=1#top",
                "referrer": "https://www.search.example/q",
                "title": "Pricing",
                "timestamp": when,
                "consent": True,
            },
            {"sessionId": "v-1", "type": "event", "category": "conversion", "action": "buy",
             "label": "plan", "value": 9.5, "id": "w-1"},
        ],
        "/api/visits": [
            {"path": "/", "user_agent": BROWSER.decode(), "ip": "203.0.113.7", "timestamp": when},
            {"visitor_id": "g-1", "path": "/make", "id": "7"},
        ],
        "/api/generations": [
            {"success": True, "has_text": False, "processing_time": 3.5, "visitor_id": "g-1"},
            {"success": False, "error_message": "timeout of 10.1.2.3", "timestamp": when, "id": "8"},
        ],
        "/api/bot/events": [
            {"client_id": 42, "event_name": "user_message", "persona_id": "p", "persona_name": "P",
             "message": "hello", "created_at": when, "meta": {"a": 1}},
            {"client_id": "x", "event_name": "image_generated", "prompt": "a cat", "id": "b-1",
             "negative_prompt": "dog", "image": {"data": PNG, "content_type": "image/png"}},
        ],
        "/apps": {"slug": "shop-1", "kind": "website", "name": "Shop", "timezone": "Europe/Berlin",
                  "retention_days": 90, "content_days": 30, "hash_rotation": "daily",
                  "funnel": {"pricing_views": "/pricing"}, "testers": ["t-1"],
                  "events": {"signup": {"plan": {"type": "enum", "values": ["a", "b"]},
                                        "n": {"type": "number"}}}},
    }  # fmt: skip


APP_KEY = "0123456789abcdef" * 2  # of the default desktop app, by prepare


def prepare(database: Database) -> None:
    """SDKs of others send the key of an app, so that here it has to be a known one, and builds a token.
    And a report goes to a destination: its address is one that nobody has."""
    with database.transaction() as tx:
        statement = "/* fuzz */ update apps set ingest_key = %(key)s where slug = 'desktop'"
        tx.run(Inline(statement), key=APP_KEY)
        statement = (
            "/* fuzz */ insert into destinations (destination_id, name, kind, address, created_by) "
            "overriding system value values (0, 'Nobody', 'webhook', 'https://203.0.113.7/', 'fuzz') "
            "on conflict do nothing"
        )
        tx.run(Inline(statement))
        uploads.prepare(tx)


def sdk_bodies() -> dict[str, Any]:
    """Address -> what an SDK of others sends there."""
    when = datetime.now(UTC).isoformat(timespec="milliseconds")
    frame = {
        "filename": "/home/jane/app.py",
        "function": "f",
        "lineno": 3,
        "in_app": True,
        "pre_context": ["a"],
        "context_line": "b = 'k'",
        "post_context": [],
        "vars": {"k": "s"},
    }
    error = {
        "type": "ValueError",
        "value": "me@example.org",
        "stacktrace": {"frames": [frame]},
        "mechanism": {"type": "onunhandledrejection", "handled": False, "exception_id": 0},
    }
    sent = {
        "$os": "macOS",
        "$os_version": "14.5",
        "$timezone": "Europe/Berlin",
        "$lib": "web",
        "$session_id": PERSON,
        "$current_url": "https://a.example/b?utm_source=c&d=e",
        "$raw_user_agent": BROWSER.decode(),
        "$set": {"email": "me@example.org"},
        "own": [1, {}],
    }
    posthog = [
        {"event": "app_opened", "distinct_id": "jane", "timestamp": when, "properties": sent},
        {"event": "$pageview", "uuid": PERSON, "distinct_id": "x", "properties": sent, "offset": 5},
        {"event": "$identify", "distinct_id": "jane", "properties": {"$anon_distinct_id": "x"}},
        {"event": "$create_alias", "distinct_id": "jane", "properties": {"alias": "y"}},
        {
            "event": "$exception",
            "distinct_id": "x",
            "timestamp": when,
            "properties": {"$exception_list": [error, error], "$exception_level": "fatal"},
        },
    ]
    segment: list[dict[str, Any]] = [
        {
            "type": "track",
            "event": "app_opened",
            "userId": "jane",
            "messageId": "m",
            "timestamp": when,
            "properties": {"n": 1},
            "context": {
                "app": {"version": "1.2"},
                "os": {"name": "iOS"},
                "timezone": "Asia/Kolkata",
                "ip": "203.0.113.7",
            },
        },
        {
            "type": "page",
            "name": "Home",
            "anonymousId": "x",
            "properties": {"url": "https://a.b/c?d"},
        },
        {"type": "identify", "userId": "jane", "anonymousId": "x", "traits": {"plan": "pro"}},
        {"type": "alias", "userId": "jane", "previousId": "z"},
    ]
    aptabase = {
        "timestamp": when,
        "sessionId": "1795877032",
        "eventName": "app_opened",
        "systemProps": {
            "isDebug": True,
            "osName": "macOS",
            "osVersion": "14.5",
            "appVersion": "1.2",
            "sdkVersion": "x@1",
        },
        "props": {"a": 1},
    }
    key = {"api_key": APP_KEY}
    return {
        **{path: {**key, "batch": posthog}
           for path in ("/batch/", "/i/v0/e/", "/e/?compression=gzip-js")},
        f"/i/v1/analytics/events?api_key={APP_KEY}": {"batch": posthog[:2]},
        f"/capture/?api_key={APP_KEY}": posthog,
        "/flags/?v=2": {"token": APP_KEY, "distinct_id": "x"},
        "/decide/?v=3": {"token": APP_KEY},
        "/v1/batch": {"writeKey": APP_KEY, "batch": segment, "sentAt": when},
        **{f"/v1/{call['type'][0]}": {**call, "writeKey": APP_KEY} for call in segment},
        "/api/v0/event": aptabase,
        "/api/v0/events": [aptabase, aptabase],
    }  # fmt: skip


def _cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


CURSORS = {
    "cursor": _cursor("2026-11-21T10:00:00Z", PERSON, 5),
    "people": _cursor("2026-11-21T10:00:00Z", PERSON),
    "arrival": _cursor("2026-11-21T10:00:00Z"),
    "talk": _cursor("2026-11-21T10:00:00Z", 5),
    "text_cursor": _cursor("2026-11-21 10:00:00", PERSON),
    "entry": _cursor(5),
    "crash_cursor": _cursor("message", "2026-11-21T10:00:00Z", PERSON, 5),
    "issue_cursor": _cursor(5, 1),
    "stop_cursor": _cursor(-5, PERSON, ""),
}

# Who may see what.
ACCESS: dict[bytes, Any] = {
    b"/accounts": {"name": "Ada", "role": "viewer", "apps": ["website"]},
    b"/account/password": {"old": "the old password", "new": "the new password"},
    b"/invite": {"secret": "x" * 43, "password": "the new password"},
    b"/tokens": {"name": "ci", "scopes": ["read", "upload"], "app": "bot", "expires_in_days": 7},
    b"/links": {"name": "board", "app": "desktop", "page": "usage", "period": "7d", "country": "DE",
                "group_by": "week", "expires_in_days": 7, "frame_sites": ["https://a.example"]},
    b"/mcp": {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
              "params": {"name": "ask_number", "arguments": {"number": "summary.total_users"}}},
}  # fmt: skip

# Kept searches for people.
COHORT = {"name": "Exporters", "definition": {"country": "DE", "platform_family": "macOS",
          "last_seen_days": 7, "did": "app_opened", "times": 3, "days": 30}}  # fmt: skip

# What is broken, and where it is fixed.
ISSUES: dict[tuple[bytes, bytes], Any] = {
    (b"PATCH", b"/issues/desktop-1"): {"state": "muted", "until": "2999-01-01T00:00:00Z", "note": "x"},
    (b"PATCH", b"/issues"): {"ids": ["desktop-1"], "state": "resolved", "in_version": "1.0.0"},
    (b"POST", b"/cohorts?app=desktop"): COHORT,
    (b"PATCH", b"/cohorts/1"): COHORT,
    (b"POST", b"/segments?app=desktop"): {"name": "x", "filter": ["version:gte:1", "prop.a:in:b,c"]},
    (b"PATCH", b"/segments/1"): {"name": "y", "filter": ["channel:is:debug"]},
    (b"POST", b"/saved?app=desktop"): {"report": "explore", "name": "x", "is_pinned": True,
                                       "question": {"by": "version", "filter": ["country:is:DE"]}},
    (b"PATCH", b"/saved/1"): {"name": "y", "question": {"by": ["country"]}, "is_pinned": False},
    (b"POST", b"/key-numbers?app=desktop"): {"name": "x", "measure": "share", "event": "feature_toggled",
                                             "property": "enabled", "value": "true", "segment": None},
    (b"PATCH", b"/key-numbers/1"): {"name": "y", "measure": "events", "place": 0},
    (b"POST", b"/alerts?app=desktop"): {"name": "x", "kind": "number", "destinations": [0],
                                        "for_minutes": 5, "is_on": True,
                                        "settings": {"number": "events", "comparison": "above",
                                                     "clear": 1, "threshold": 2, "window": "7d",
                                                     "least": 1}},
    (b"POST", b"/alerts"): {"name": "y", "kind": "disk_full", "settings": {"days": 7}},
    (b"PATCH", b"/alerts/1"): {"name": "y", "destinations": [], "for_minutes": 0, "is_on": False,
                               "settings": {"number": "events", "comparison": "below",
                                            "threshold": 1, "window": "7d"}},
    (b"POST", b"/alerts/1/snooze"): {"minutes": 5, "subject": None},
    # None is tried (/destinations/{id}/test): each try is a process.
    (b"POST", b"/destinations"): {"name": "x", "kind": "webhook", "address": "https://203.0.113.7/x"},
    (b"PATCH", b"/destinations/0"): {"name": "z", "address": "https://203.0.113.7/z"},
    (b"POST", b"/reports?app=desktop"): {"destination": 0, "every": "month"},
    (b"POST", b"/unsubscribe/0123456789abcdef0123456789abcdef"): {},
    (b"POST", b"/annotations?app=desktop"): {"text": "New prices", "at": "2026-11-21T10:00:00"},
    (b"POST", b"/annotations"): {"text": "Moved"},
    (b"POST", b"/issues/desktop-1/merge"): {"issues": ["desktop-2"]},
    (b"POST", b"/issues/desktop-1/unmerge"): {"fingerprints": ["0123456789abcdef" * 2]},
    (b"POST", b"/issues/desktop-1/undo"): {},
    (b"POST", b"/releases"): {"app": "desktop", "version": "1.0.0", "url": "https://a.example/1",
                              "released_at": "2026-11-21T10:00:00Z"},
}  # fmt: skip

# Every parameter of every address that reads; what is missing here, no input will try.
READS = """
/array/x/config /array/x/config.js /dashboard/alerts
/ /health /openapi.json /docs /apps /dashboard /dashboard/overview?app=desktop&period=30d
/stats?period=30d&group_by=day&app=desktop&country=DE&include=costs
/stats/growth?from=2026-11-01&to=2026-11-21&app=desktop&app_version=1
/stats?app=desktop&filter=version:gte:1.2&filter=prop.success:is:true&question_id={person}&include=usage
/stats/quality?app=desktop&filter=country:in:DE,AT&filter=channel:not:debug&filter=platform_family:set
/dashboard/api/stats?app=desktop&page=overview&filter=source:not:widget&filter=event:is:app_opened
/events?app=desktop&filter=prop.source:is:widget&filter=version:lt:2&limit=5&cursor={cursor}
/crashes?app=desktop&filter=version:gt:0.1&filter=platform:not:x /users?app=desktop&filter=country:is:US
/api/export?app=desktop&format=csv&filter=prop.duration_seconds:lte:60 /segments?app=desktop
/events?user_id={person}&event_type=app_opened&app_version=1&platform=x&country=DE&session_id=s
/events?start_date=2026-11-01&end_date=2026-11-21T10:00:00Z&limit=100&cursor={cursor}&app=desktop
/crashes?user_id={person}&crash_type=uncaught_error&os_version=x&start_date=2026-11-01&limit=5
/crashes?cursor={cursor}&app=desktop&app_version=0.9
/issues?app=desktop&state=open&because=new&handled=false&raw=false&crash_type=uncaught_error&version=1
/issues?app=desktop&q=f&first_version=1&platform=x&period=30d&sort=-rise&limit=5&cursor={issue_cursor}
/issues?from=2026-11-01&to=2026-11-21&sort=crashes /issues/desktop-1?period=90d
/issues/desktop-1?from=2026-11-01&to=2026-11-21
/issues/desktop-1/crashes?limit=5&cursor={cursor}&order=oldest&kept=true
/releases?app=desktop&period=30d /releases/0.9.51?app=desktop&from=2026-11-01&to=2026-11-21
/api/metrics?days=7&app=website /api/funnel?days=7&app=website
/api/metrics?days=7&include=visits&filter=prop.path:is:/pricing&filter=source:set
/api/funnel?days=7&filter=event:not:pageview&question_id={person}
/api/analytics?app=generator&filter=prop.success:is:true /api/analytics/stats?app=bot&filter=event:set
/dashboard/api/stats?app=website&page=website&filter=prop.path:is:/
/dashboard/api/stats?app=generator&page=generations&filter=prop.processing_time:gt:2
/dashboard/api/stats?app=bot&page=bot&filter=prop.persona_id:set
/api/export?format=csv&what=events&days=30&app=desktop /api/export?format=ndjson&what=crashes
/api/export?format=json&what=daily&app=bot
/api/export?format=csv&what=issues&app=desktop /api/analytics?key=x&app=generator
/api/analytics/stats?app=bot /api/analytics/users?app=bot&limit=5&cursor={people}
/api/analytics/users/42/events?app=bot&limit=5&cursor={talk}
/explore?app=desktop&event=app_opened&measure=median&property=startup_time_seconds&by=prop.source
/explore?app=desktop&interval=hour&from=2026-11-20&to=2026-11-21&filter=version:gte:1&segment=1&cohort=1
/explore?app=desktop&measure=sessions&by=version&period=all&interval=month&country=DE&question_id={person}
/saved?app=desktop /key-numbers?app=desktop /stats?app=desktop&include=key_numbers
/numbers?app=desktop
/numbers/crash_free_rate?app=desktop&period=7d&filter=platform:not:x
/stats/key_numbers?app=desktop&period=7d&group_by=week&filter=prop.success:is:true
/live?app=desktop&after={arrival}&filter=channel:is:debug&country=DE&app_version=1&platform=x&cohort=1
/cohorts?app=desktop /users?app=desktop&q=550e&country=DE&app_version=1&platform_family=macOS&cohort=1
/users?app=desktop&last_seen_days=7&first_seen_days=30&did=app_opened&times=2&days=30&limit=5
/api/export?format=csv&what=people&app=desktop&q=550e&did=app_opened&times=2&days=7
/releases/0.9.52?app=desktop&compare=0.9.51&days=7&question_id={person}
/alerts /alerts?app=desktop /alerts/kinds /alerts/log?app=desktop&limit=5&cursor={entry} /destinations
/reports?app=desktop /reports/preview?app=desktop&every=day&format=text
/reports/preview?app=website&every=month /annotations?app=desktop&from=2026-11-01&to=2026-11-21
/unsubscribe/0123456789abcdef0123456789abcdef
/images/{person} /funnels?steps=pageview,conversion&app=website&days=30&within=7&question_id={person}
/funnels?step=/a*;country:is:DE&step=pageview;prop.x:gt:1&app=website&period=30d&order=any&by=version
/funnels?steps=/a,/b&from=2026-11-01&to=2026-11-21&filter=source:not:x
/funnels/people?steps=/a,/b&stopped=1&limit=5&cursor={stop_cursor}&app_version=1&platform=x&country=DE
/retention?app=desktop&period=90d&start=app_opened;version:gte:1&return=app_opened&interval=week
/retention?from=2026-11-01&to=2026-11-21&first=any&unbounded=true&filter=country:set
/experiments?app=desktop&property=variant
/experiments/feature_toggled?goal=app_opened&within=7&app=desktop
/experiments/feature_toggled?goal=app_opened&property=enabled&control=true&split=50,50&period=30d
/users?app=desktop&limit=5&cursor={people} /users/{person}/export?app=desktop /drops?days=30&app=bot
/dashboard/api/state?app=desktop /dashboard/api/server /dashboard/api/values?app=desktop&field=version
/dashboard/api/values?app=desktop&field=prop.source /dashboard/api/values?app=desktop&field=property
/dashboard/api/stats?app=desktop&period=30d&page=overview&include=costs
/dashboard/api/search?app=desktop&search=app&limit=5&cursor={cursor}&event_type=app_opened
/dashboard/api/users?app=desktop&sort=-last_active&limit=5&cursor={text_cursor}
/dashboard/api/crashes?app=desktop&sort=message&limit=5&cursor={crash_cursor}
/account /accounts /tokens /links /audit?limit=5&cursor={entry} /audit?format=csv /login?next=/dashboard
/invite /shared/0a1b /shared/0a1b/stats /dashboard/people /dashboard/links?app=desktop /dashboard/log
/dashboard/api/person?app=bot&user_id={person} /static/dashboard/main.js /static/x
"""


def requests() -> list[bytes]:
    """Requests as they stand on the wire, logged in where it takes that."""
    names = {"person": PERSON, **CURSORS}
    made = []
    for path, body in bodies().items():
        made.append(_request(b"POST", path.encode(), json.dumps(body).encode()))
        item = body[0] if isinstance(body, list) else body
        if path != "/apps":
            made.append(_request(b"POST", path.encode() + b"?app_key=", json.dumps(item).encode()))
    other = {
        **bodies()["/crash"],
        "id": "c-2",
        "app_version": "0.9.52",
        "error_message": "RangeError: x",
        "stack_trace": None,
    }
    return [
        *made,
        _request(b"POST", b"/crash", json.dumps(other).encode()),  # for a second issue
        *(
            _request(b"POST", path.encode(), json.dumps(body).encode(), f"A-SH-{APP_KEY}".encode())
            for path, body in sdk_bodies().items()
        ),
        *(
            _request(b"POST", path.encode(), body, kind=kind.encode())
            for path, kind, body in native_requests(APP_KEY)
        ),
        *(_request(b"GET", path.format(**names).encode()) for path in READS.split()),
        *(
            _request(method.encode(), path.encode(), body, kind=kind.encode())
            for method, path, kind, body in uploads.requests()
        ),
        *(
            _request(b"POST", b"/artifacts", body, kind=uploads.FORM.encode(), login=UPLOADER)
            for body in uploads.forms_with_files()
        ),
        _request(b"PATCH", b"/apps/website", CHANGES),
        _request(b"POST", b"/apps/bot/key"),
        _request(b"POST", b"/cleanup"),
        *(_request(b"POST", path, json.dumps(body).encode()) for path, body in ACCESS.items()),
        *(
            _request(method, path, json.dumps(body).encode())
            for (method, path), body in ISSUES.items()
        ),
        _request(b"POST", b"/login", b"name=admin&password=admin&next=%2Fdashboard"),
        _request(b"DELETE", b"/tokens/1"),
        _request(b"DELETE", b"/links/0a1b"),
        _request(b"DELETE", b"/cohorts/1"),
        *(
            _request(b"DELETE", b"/" + name + b"/1")
            for name in (b"alerts", b"reports", b"annotations", b"destinations")
        ),
        _request(b"DELETE", f"/users/{PERSON}?app=desktop".encode()),
    ]


def _request(
    method: bytes,
    target: bytes,
    body: bytes = b"",
    app_key: bytes = b"",
    kind: bytes = b"application/json",
    login: bytes = LOGIN,
) -> bytes:
    head = b"%b %b HTTP/1.1\r\nHost: localhost\r\nAuthorization: %b\r\nUser-Agent: %b\r\n"
    more = b"Content-Type: " + kind + b"\r\nContent-Encoding: identity\r\n" if body else b""
    more += b"App-Key: " + app_key + b"\r\n" if app_key else b""
    return head % (method, target, login, BROWSER) + more + b"\r\n" + body


def cursors() -> list[bytes]:
    return [cursor.encode() for cursor in CURSORS.values()]


def packed(body: bytes) -> list[bytes]:
    """A body by each coding that is taken; a bomb of the same."""
    return [gzip.compress(body), zlib.compress(body), gzip.compress(b" " * 5_000_000)]
