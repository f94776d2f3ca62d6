"""Hostile text in every field that an intake takes, for all four kinds of app."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from urllib.error import HTTPError
from urllib.parse import quote

from tests.dashboard.browser import LOGIN, PAGES, ask, wait_for_fold
from tests.dashboard.envelopes import send_envelope
from tests.support import crash, event
from tests.symbols.source_maps import Bundle
from tools.demo import symbols
from tools.server import Server

HOSTILE = '<img src=x onerror="window.pwned=1">\'"><script>window.pwned=2</script>'
TAG = "<img src=x onerror=pwned=1>"
SHORT = "<svg onload=pwned=3>"  # 20 characters: all that a version may have


def hostile_apps(server: Server) -> dict[str, str]:
    """An app of each kind with hostile text in every field that its intake takes."""
    apps = {app["slug"]: app for app in ask(server, "/apps")["apps"]}
    keys = {kind: {"X-App-Key": apps[f"bad-{kind}"]["ingest_key"]} for kind in PAGES}
    now = datetime.now(UTC).isoformat()
    properties = {
        "source": HOSTILE,
        "error_type": HOSTILE,
        "feature": HOSTILE,
        HOSTILE: {HOSTILE: [HOSTILE]},
    }
    for name in ("recording_completed", "transcription_failed", "feature_toggled", "app_opened"):
        ask(
            server,
            "/track",
            {
                "events": [
                    event(
                        event=name,
                        app_version=SHORT,
                        platform=HOSTILE[:50],
                        session_id=HOSTILE[:100],
                        id=HOSTILE,
                        properties=properties,
                    )
                ]
            },
            headers=keys["desktop"],
        )
    hostile_frame = {
        "function": HOSTILE,
        "file": HOSTILE,
        "module": HOSTILE,
        "line": 2,
        "context": [HOSTILE] * 3,
    }
    ask(
        server,
        "/crash",
        crash(
            error_message=HOSTILE,
            stack_trace=f"{HOSTILE}\n    at {HOSTILE} (a.js:1:2)",
            os_version=HOSTILE[:50],
            app_version=SHORT,
            session_id=HOSTILE[:100],
            context={HOSTILE: HOSTILE},
            fingerprint=[HOSTILE, "{{ default }}"],
            frames=[hostile_frame],
        ),
        headers=keys["desktop"],
    )
    for kind in PAGES:
        for handled in (False, True):
            report = crash(
                id=HOSTILE + str(handled),
                error_message=HOSTILE,
                os_version=HOSTILE[:50],
                app_version=SHORT,
                frames=[[hostile_frame, hostile_frame | {"in_app": False}], [hostile_frame]],
                fingerprint=[HOSTILE],
                context={HOSTILE: HOSTILE},
                handled=handled,
            )
            ask(server, "/crash", report, headers=keys[kind])
        error = {
            "event_id": "5d167e7d21004858ae9dfba46d370377",
            "timestamp": now,
            **dict.fromkeys(
                ("logger", "environment", "transaction", "release", "platform"), HOSTILE
            ),
            "tags": {HOSTILE: HOSTILE},
            "contexts": {"os": {"name": HOSTILE}, "runtime": {"name": HOSTILE}},
            "exception": {"values": [{"type": HOSTILE, "value": HOSTILE}]},
            "breadcrumbs": [
                {"timestamp": now, "category": TAG, "message": TAG, "data": {"url": TAG}}
            ],
        }
        said = {"message": HOSTILE, "associated_event_id": error["event_id"]}
        words = {"event_id": HOSTILE, "timestamp": now, "contexts": {"feedback": said}}
        send_envelope(server, apps[f"bad-{kind}"], ("event", error), ("feedback", words))
    crumb = dict.fromkeys(("time", "category", "level", "message"), HOSTILE) | {"data": [HOSTILE]}
    sent = {"breadcrumbs": [crumb, TAG, {"time": 1, "data": TAG}], "tags": {HOSTILE: HOSTILE}}
    odd = crash(error_message=f"Odd: {TAG}", context=sent)
    ask(server, "/crash", odd, headers=keys["desktop"])
    item = {
        "sessionId": TAG,
        "category": TAG,
        "action": TAG,
        "label": TAG,
        "path": f"/{TAG}",
        "title": TAG,
        "referrer": f"https://{TAG}",
        "timestamp": now,
        "utm_source": TAG,
        "utm_campaign": TAG,
        "value": 1,
    }
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"}
    for kind, category in (("pageview", "page"), ("event", TAG), ("event", "conversion")):
        ask(
            server,
            "/api/track",
            {**item, "type": kind, "category": category},
            headers=keys["website"] | agent,
        )
    ask(
        server,
        "/api/visits",
        {"path": f"/{HOSTILE}", "user_agent": HOSTILE, "visitor_id": HOSTILE},
        headers=keys["generator"],
    )
    ask(
        server,
        "/api/generations",
        {"success": False, "error_message": HOSTILE, "processing_time": 1.5, "visitor_id": HOSTILE},
        headers=keys["generator"],
    )
    for name in (
        "user_message",
        "ai_message",
        "image_generated",
        "persona_selected",
        "story_selected",
        "premium_action",
        "command",
    ):
        ask(
            server,
            "/api/bot/events",
            {
                "client_id": TAG,
                "event_name": name,
                "persona_id": HOSTILE[:100],
                "persona_name": HOSTILE[:100],
                "message": HOSTILE,
                "prompt": HOSTILE,
                "negative_prompt": HOSTILE,
                "image_url": f"https://images.invalid/{HOSTILE.replace(' ', '')}",
                "meta": {"story_id": HOSTILE, "action": HOSTILE, "command": HOSTILE},
                "created_at": now,
            },
            headers=keys["bot"],
        )
    wait_for_fold(server)
    hostile_symbols(server)
    mark = {"app": "bad-desktop", "version": "9.9.9", "url": f"https://x.invalid/{quote(HOSTILE)}"}
    ask(server, "/releases", mark)
    ask(server, "/cohorts?app=bad-desktop", {"name": TAG, "definition": {"country": "US"}})
    number = {"name": TAG, "measure": "events", "event": "app_opened"}
    ask(server, "/key-numbers?app=bad-desktop", number)
    for name, question in {
        TAG: {"by": "prop.source", "interval": "none"},
        f"{TAG} 2": {"by": f"prop.{TAG}", "filter": f"prop.{TAG}:not:{TAG}", "view": TAG},
    }.items():
        body = {"report": "explore", "name": name, "question": question, "is_pinned": True}
        ask(server, "/saved?app=bad-desktop", body)
    hostile_alerts(server)
    for issue in ask(server, "/issues?app=bad-desktop")["issues"]:
        ask(server, f"/issues/{issue['id']}", {"note": HOSTILE}, method="PATCH")
    return {kind: f"bad-{kind}" for kind in keys}


def hostile_alerts(server: Server) -> None:
    """Alerts, a destination, a report and notes with hostile names; the alerts fire by what is there."""
    hook = {"name": TAG, "kind": "webhook", "address": "https://hook.invalid/x"}
    destination = ask(server, "/destinations", hook)["destination"]["id"]
    numbers = ask(server, "/numbers?app=bad-desktop")["numbers"]
    key_number = next(number["name"] for number in numbers if number["title"] == TAG)
    segment = {"name": TAG, "filter": [f"country:is:{TAG}"]}
    segment_id = ask(server, "/segments?app=bad-desktop", segment)["segment"]["id"]
    above = {"comparison": "above", "threshold": 0}
    rules = (
        ("number", {**above, "number": key_number}),
        ("number", {**above, "number": "events", "segment_id": segment_id}),
        ("new_issue", {"people": 1}),
    )
    for index, (kind, settings) in enumerate(rules):
        ask(
            server,
            "/alerts?app=bad-desktop",
            {
                "name": f"{TAG} {index}",
                "kind": kind,
                "settings": settings,
                "destinations": [destination],
            },
        )
    ask(server, "/reports?app=bad-desktop", {"destination": destination})
    ask(server, "/annotations?app=bad-desktop", {"text": HOSTILE})
    send_crash = crash(error_message=f"After the alert: {HOSTILE}")
    ask(server, "/crash", send_crash, headers={"X-App-Key": _key(server, "bad-desktop")})


def hostile_symbols(server: Server) -> None:
    """A crash that a map names, all of whose texts are hostile; a file that no upload names; an upload
    that fails."""
    key = {"X-App-Key": _key(server, "bad-desktop")}
    bundle = Bundle()
    bundle.source(HOSTILE, f"{HOSTILE}\nfunction {HOSTILE}() {{\n  {HOSTILE};\n}}")
    bundle.add("function ", 2, 1)
    bundle.add("a", 2, 10, HOSTILE)
    bundle.add("(n){n()}", 3, 3, HOSTILE, at="throw")
    files = {"file": (TAG, bundle.script), "map": (f"{TAG}.map", bundle.map())}
    fields = {"app": "bad-desktop", "release": "6.6.6", "url": f"~/{TAG}.js"}
    symbols.send(server.url, LOGIN, fields, files)
    for file in (f"https://x.invalid/{TAG}.js", f"https://x.invalid/{HOSTILE}.js"):
        frame = {"function": "a", "file": file, "line": 1, "column": bundle.at["throw"]}
        report = crash(id=file, error_message=TAG, app_version="6.6.6", frames=[frame])
        ask(server, "/crash", report, headers=key)
    with suppress(HTTPError):  # it fails, and is listed as that
        symbols.send(server.url, LOGIN, fields, {"symbols": (TAG, b"no symbols")})
    wait_for_fold(server)


def _key(server: Server, slug: str) -> str:
    apps = ask(server, "/apps")["apps"]
    return next(str(app["ingest_key"]) for app in apps if app["slug"] == slug)
