"""Good envelopes and minidumps of now: what mutations of Sentry's and Crashpad's requests start from."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tools.minidumps import BOUNDARY, Dump, form

APP_ID = 1  # of the default desktop app
EVENT_ID = "5d167e7d21004858ae9dfba46d370377"
REPORT = {"prod": "Electron", "ver": "37.2.0", "_version": "1.4.2", "ptype": "renderer"}


def native_requests(key: str) -> Iterator[tuple[str, str, bytes]]:
    """(address, content type, body) of each."""
    when = datetime.now(UTC).isoformat(timespec="milliseconds")
    dump = Dump(report_id=UUID(EVENT_ID)).pack()
    envelopes = [
        _envelope({"event_id": EVENT_ID}, [({"type": "event"}, _error(when))]),
        _envelope({"sent_at": when}, _sessions(when)),
        _envelope({}, [({"type": "feedback"}, _feedback(when)), *_left_out(when)]),
        _envelope(
            {"event_id": EVENT_ID},
            [
                ({"type": "event"}, {"timestamp": when, "level": "fatal", "platform": "native"}),
                ({"type": "attachment", "attachment_type": "event.minidump"}, dump),
            ],
        ),
    ]
    address = f"/api/{APP_ID}"
    for envelope in envelopes:
        yield f"{address}/envelope/?sentry_key={key}", "application/x-sentry-envelope", envelope
    dsn = {"dsn": f"http://{key}@localhost:5000/{APP_ID}"}
    yield "/api/tunnel", "text/plain", _envelope(dsn, [({"type": "event"}, _error(when))])
    yield f"{address}/store/?sentry_key={key}", "text/plain", json.dumps(_error(when)).encode()
    multipart = f"multipart/form-data; boundary={BOUNDARY}"
    report = form(dump, **REPORT, user_id="jane", url="https://a.example/?token=x")
    yield f"/api/minidump?app_key={key}", multipart, report
    yield f"/api/minidump?app_key={key}", multipart, gzip.compress(report)
    yield f"{address}/minidump/?sentry_key={key}", multipart, form(Dump(offset=None).pack())


def _envelope(header: dict[str, Any], items: list[tuple[dict[str, Any], Any]]) -> bytes:
    lines = [json.dumps(header).encode()]
    for head, item in items:
        payload = item if isinstance(item, bytes) else json.dumps(item).encode()
        lines += [json.dumps({**head, "length": len(payload)}).encode(), payload]
    return b"\n".join(lines) + b"\n"


def _error(when: str) -> dict[str, Any]:
    frame = {
        "filename": "app:///main.js",
        "abs_path": "/home/jane/main.js",
        "function": "save",
        "lineno": 3,
        "colno": 7,
        "in_app": True,
        "context_line": "save()",
        "pre_context": ["a", "b"],
        "post_context": ["c"],
        "vars": {"password": "x"},
    }
    thrown = {
        "type": "TypeError",
        "value": "me@example.org is not iterable",
        "stacktrace": {"frames": [frame, frame]},
        "mechanism": {"type": "onunhandledrejection", "handled": False},
    }
    return {
        "event_id": EVENT_ID,
        "timestamp": when,
        "level": "error",
        "platform": "javascript",
        "release": "stories@1.4.2",
        "environment": "production",
        "transaction": "https://a.example/b?c=d",
        "fingerprint": ["{{ default }}", "x"],
        "user": {"id": "jane", "email": "me@example.org", "ip_address": "{{auto}}"},
        "tags": {"flavour": "plain"},
        "contexts": {
            "os": {"name": "macOS", "version": "14.5"},
            "culture": {"timezone": "Europe/Berlin"},
            "device": {"arch": "arm64", "memory_size": 17179869184},
        },
        "breadcrumbs": [
            {
                "timestamp": 1795877032.5,
                "category": "fetch",
                "data": {"url": "/a?b", "method": "GET"},
            }
        ],
        "exception": {"values": [{"type": "Error", "value": "cause"}, thrown]},
        "debug_meta": {"images": [{"type": "macho", "code_file": "/a/b", "debug_id": EVENT_ID}]},
        "request": {"url": "https://a.example/b?c=d", "headers": {"Cookie": "x"}},
        "server_name": "host",
    }


def _sessions(when: str) -> list[tuple[dict[str, Any], Any]]:
    attributes = {"release": "stories@1.4.2", "environment": "production", "ip_address": "{{auto}}"}
    session = {
        "sid": EVENT_ID,
        "did": "jane",
        "init": True,
        "started": when,
        "timestamp": when,
        "status": "crashed",
        "errors": 1,
        "duration": 3.5,
        "attrs": attributes,
    }
    counts = {"started": when, "exited": 4, "errored": 1, "abnormal": 0, "crashed": 1}
    return [
        ({"type": "session"}, session),
        ({"type": "sessions"}, {"attrs": attributes, "aggregates": [counts]}),
    ]


def _feedback(when: str) -> dict[str, Any]:
    message = {
        "message": "It broke",
        "contact_email": "me@example.org",
        "associated_event_id": EVENT_ID,
    }
    return {"event_id": EVENT_ID, "timestamp": when, "contexts": {"feedback": message}}


def _left_out(when: str) -> list[tuple[dict[str, Any], Any]]:
    discarded = [{"reason": "queue_overflow", "category": "error", "quantity": 3}]
    return [
        ({"type": "client_report"}, {"timestamp": when, "discarded_events": discarded}),
        ({"type": "transaction"}, {"spans": []}),
        ({"type": "check_in"}, {"status": "ok"}),
        ({"type": "attachment", "filename": "a.txt"}, b"\0\1\2"),
    ]
