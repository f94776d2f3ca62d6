"""Sentry's SDKs: whose an envelope is, what each item of it becomes, and what a hostile one costs."""

from __future__ import annotations

import json
import random
import re
import zlib
from datetime import timedelta
from typing import Any

import pytest

from app import create_app
from models import check_properties
from stories.config import ROOT, Config
from stories.intake.adapters import sentry_context
from stories.intake.adapters.sentry_envelope import MAX_ITEMS, read_envelope
from stories.storage.expiry import expire
from tests.clock import NOW
from tests.support import PERSON, basic

ERROR_ID = "5d167e7d21004858ae9dfba46d370377"
REJECTED = {"type": "auto.node.onunhandledrejection", "handled": False}
NOBODY = "ffffffff-ffff-ffff-0000-000000000000"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"


@pytest.fixture
def desktop(services, now):
    return services.apps.default("desktop")


@pytest.fixture
def website(services, now):
    return services.apps.default("website")


def thrown(**changes):
    return {
        "type": "TypeError",
        "value": "x is not a function",
        "mechanism": {"type": "auto.node.onuncaughtexception", "handled": False},
        "stacktrace": {
            "frames": [
                {"filename": "app:///main.js", "function": "start", "lineno": 3},
                {"filename": "app:///main.js", "function": "drain", "lineno": 9},
            ]
        },
        **changes,
    }


def event(**changes):
    return {
        "event_id": ERROR_ID,
        "timestamp": NOW.timestamp() - 60.25,
        "platform": "node",
        "level": "error",
        "release": "stories@1.4.2",
        "environment": "production",
        "user": {"id": PERSON, "email": "jane@example.com"},
        "exception": {"values": [thrown()]},
        **changes,
    }


def envelope(*items, header=None):
    """Items are (kind, payload) or (header, payload)."""
    lines = [json.dumps(header or {})]
    for about, payload in items:
        lines.append(json.dumps({"type": about} if isinstance(about, str) else about))
        lines.append(payload if isinstance(payload, str) else json.dumps(payload))
    return "\n".join(lines).encode()


def address(app, key=None):
    return f"/api/{app.app_id}/envelope/?sentry_key={key or app.ingest_key}"


def post(client, app, *items, **options):
    return client.post(address(app), data=envelope(*items), **options)


def stored(client, auth, app="desktop"):
    return client.get(f"/crashes?app={app}", headers=auth).json["crashes"]


def only(client, auth, app="desktop"):
    [crash] = stored(client, auth, app)
    return crash


def drops(client, auth, services):
    services.ledger.write()
    return {row["reason"]: row["n"] for row in client.get("/drops", headers=auth).json["drops"]}


# Whose it is ----------------------------------------------------------------------------------


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_key_stands_in_the_query_in_a_header_or_in_the_envelope(client, auth, desktop, slash):
    place, key = f"/api/{desktop.app_id}/envelope{slash}", desktop.ingest_key
    sentry = f"Sentry sentry_version=7,sentry_key={key}, sentry_client=x/1"
    dsn = f"https://{key}@stories.example/prefix/{desktop.app_id}"
    answers = [
        client.post(f"{place}?sentry_key={key}", data=envelope(("event", event()))),
        client.post(place, data=envelope(("event", event())), headers={"X-Sentry-Auth": sentry}),
        client.post(place, data=envelope(("event", event())), headers={"Authorization": sentry}),
        client.post(place, data=envelope(("event", event()), header={"dsn": dsn})),
        client.post(f"/api/tunnel{slash}", data=envelope(("event", event()), header={"dsn": dsn})),
        client.post(f"/api/{desktop.app_id}/store{slash}?sentry_key={key}", json=event()),
    ]
    assert [(each.status_code, each.json) for each in answers] == [(200, {"id": ERROR_ID})] * 6
    assert len(stored(client, auth)) == 1


def test_a_key_that_is_not_the_apps_is_refused(client, auth, desktop, website):
    body = envelope(("event", event()))
    wrong = [
        client.post(address(desktop, "0" * 32), data=body),
        client.post(address(desktop, website.ingest_key), data=body),
        client.post(f"/api/{desktop.app_id}/envelope/", data=body),
        client.post(f"/api/99999999999/envelope/?sentry_key={desktop.ingest_key}", data=body),
        client.post(f"/api/{desktop.app_id}/store/?sentry_key=x", json=event()),
        client.post("/api/tunnel", data=body),
        client.post("/api/tunnel", data=envelope(header={"dsn": "http://[::1"})),
    ]
    assert [(each.status_code, each.json["code"]) for each in wrong] == [
        (403, "unknown_app_key")
    ] * 7
    assert stored(client, auth) == []


def test_who_sends_too_much_is_told_in_the_words_of_the_sdk(dsn):
    app = create_app(Config(run_jobs=False, ratelimit_ingest=1), dsn)
    client, target = app.test_client(), app.extensions["stories"].apps.default("desktop")
    assert client.post(address(target), data=envelope()).status_code == 200
    answer = client.post(address(target), data=envelope(), headers={"Origin": "https://a.example"})
    assert answer.status_code == 429
    seconds = answer.headers["Retry-After"]
    assert answer.headers["X-Sentry-Rate-Limits"] == f"{seconds}::organization"
    assert "X-Sentry-Rate-Limits" in answer.headers["Access-Control-Expose-Headers"]


def test_a_page_on_another_site_may_send(client, website):
    asked = client.options(
        address(website),
        headers={
            "Origin": "https://a.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-sentry-auth, content-type",
        },
    )
    assert asked.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert "x-sentry-auth" in asked.headers["Access-Control-Allow-Headers"].lower()


# What an error becomes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "crash_type"),
    [
        ({}, "uncaught_error"),
        ({"level": "fatal", "exception": {"values": [thrown(mechanism=None)]}}, "uncaught_error"),
        ({"exception": {"values": [thrown(mechanism=REJECTED)]}}, "unhandled_rejection"),
        ({"exception": None, "message": "it died", "level": "fatal"}, "uncaught_error"),
        ({"tags": {"event.environment": "native"}}, "main_crash"),
        ({"tags": {"event.environment": "native", "event.process": "renderer"}}, "renderer_crash"),
        (
            {"exception": None, "level": "fatal", "message": "'renderer' process exited with 'oom'"},
            "renderer_crash",
        ),
        (
            {"exception": None, "level": "fatal", "message": "'GPU' process exited with 'crashed'"},
            "main_crash",
        ),
    ],
)  # fmt: skip
def test_the_kind_of_a_crash(client, auth, desktop, changes, crash_type):
    assert post(client, desktop, ("event", event(**changes))).status_code == 200
    assert only(client, auth)["crash_type"] == crash_type


@pytest.mark.parametrize(
    "changes",
    [
        {"exception": {"values": [thrown(mechanism={"type": "generic", "handled": True})]}},
        {"exception": {"values": [thrown(mechanism=None)]}},
        {"exception": [thrown(mechanism=None)]},
        {"exception": thrown(mechanism=None)},
        # The cause was not handled, what wraps it was: the last value decides.
        {"exception": {"values": [thrown(), thrown(mechanism={"handled": True})]}},
        {"exception": None, "logentry": {"message": "no %s", "formatted": "no disk"}},
        {"exception": None, "message": "the disk is full"},
        {"exception": {"values": [thrown(mechanism={"handled": True})]}, "level": "info"},
    ],
)
def test_what_was_handled_lowers_no_numbers_of_crashes(client, auth, desktop, changes):
    assert post(client, desktop, ("event", event(**changes))).status_code == 200
    assert stored(client, auth) == []
    [issue] = client.get("/issues?handled=true", headers=auth).json["issues"]
    assert (issue["handled"], issue["crashes"]) == (True, 1)
    summary = client.get("/stats", headers=auth).json["summary"]
    assert (summary["crash_free_rate"], summary["crash_count"]) == (100.0, 0)


@pytest.mark.parametrize("level", ["warning", "info", "debug", "log"])
def test_a_message_below_an_error_is_left_out(client, auth, desktop, services, level):
    post(client, desktop, ("event", event(exception=None, message="signed in", level=level)))
    assert drops(client, auth, services) == {"left_out:message": 1}
    assert client.get("/issues", headers=auth).json["issues"] == []


def test_a_message_is_grouped_as_the_program_has_it_and_not_with_its_values(client, auth, desktop):
    for number, who in enumerate(("anna", "bert")):
        said = {"message": "no mail for %s", "formatted": f"no mail for {who}", "params": [who]}
        sent = event(exception=None, logentry=said, event_id=f"{number:032x}")
        post(client, desktop, ("event", sent))
    [issue] = client.get("/issues", headers=auth).json["issues"]
    assert (issue["title"], issue["crashes"]) == ("no mail for %s", 2)


def test_the_fingerprint_of_an_sdk_groups(client, auth, desktop):
    for number, name in enumerate(("one", "two")):
        values = [thrown(value=name, type=f"{name.title()}Error")]
        sent = event(
            exception={"values": values}, fingerprint=["export"], event_id=f"{number:032x}"
        )
        post(client, desktop, ("event", sent))
    [issue] = client.get("/issues", headers=auth).json["issues"]
    assert issue["crashes"] == 2


def test_an_error_is_known_again_by_its_id_and_its_time(client, auth, desktop):
    for sent in (event(), event(level="fatal"), event(event_id=ERROR_ID.upper())):
        post(client, desktop, ("event", sent))
    assert len(stored(client, auth)) == 1
    post(client, desktop, ("event", event(event_id="0" * 32)))
    assert len(stored(client, auth)) == 2


def test_a_native_frame_has_its_binary_its_build_and_its_place_in_it(client, auth, desktop):
    image = {
        "type": "elf",
        "code_file": "/opt/stories/libeditor.so",
        "debug_id": "a3e5dd2c-1c2f-4c3b-9f3e-0a1b2c3d4e5f",
        "image_addr": "0x7f0000000000",
        "image_size": 4096,
    }
    frames = [{"instruction_addr": "0x7f0000000123"}, {"instruction_addr": "0x1234"}]
    sent = event(
        platform="native",
        exception={"values": [{"type": "SIGSEGV", "value": "SEGV_MAPERR"}]},
        threads={"values": [{"crashed": True, "stacktrace": {"frames": frames[::-1]}}]},
        debug_meta={"images": [image]},
        level="fatal",
    )
    post(client, desktop, ("event", sent))
    [issue] = client.get("/issues", headers=auth).json["issues"]
    [crash] = client.get(f"/issues/{issue['id']}/crashes", headers=auth).json["crashes"]
    first, second = crash["chain"][0]["frames"]
    assert (first["module"], first["address"]) == ("libeditor.so", "0x123")
    assert first["build"] == image["debug_id"]
    assert (second["module"], second["address"]) == (None, "0x1234")


def test_a_script_has_the_build_of_its_source_map(client, auth, desktop):
    build = "a3e5dd2c-1c2f-4c3b-9f3e-0a1b2c3d4e5f"
    image = {"type": "sourcemap", "code_file": "app:///main.js", "debug_id": build}
    post(client, desktop, ("event", event(debug_meta={"images": [image]})))
    [issue] = client.get("/issues", headers=auth).json["issues"]
    [crash] = client.get(f"/issues/{issue['id']}/crashes", headers=auth).json["crashes"]
    assert [frame["build"] for frame in crash["chain"][0]["frames"]] == [build, build]
    assert [frame["function"] for frame in crash["chain"][0]["frames"]] == ["drain", "start"]


@pytest.mark.parametrize(
    ("contexts", "system"),
    [
        ({"os": {"name": "macOS", "version": "14.5"}}, "macOS 14.5"),
        ({"os": {"name": "Debian", "version": "12.11\n"}}, "Debian 12.11"),
        ({"os": {"name": "OpenEuler", "version": "22", "kernel_version": "6.1"}}, "Linux"),
        ({"os": {"name": "Windows", "version": "10.0.22631"}}, "Windows 10.0.22631"),
        ({}, None),
    ],
)
def test_the_system_is_named_as_pages_know_it(client, auth, desktop, contexts, system):
    post(client, desktop, ("event", event(contexts=contexts)))
    assert only(client, auth)["os_version"] == system


# Who it happened to ---------------------------------------------------------------------------


def test_a_page_of_a_website_has_a_visitor_of_the_day(client, auth, website):
    def send(number, when, address, **more):
        sent = event(
            user=None, platform="javascript", event_id=f"{number:032x}", timestamp=when, **more
        )
        agent = {"User-Agent": FIREFOX}
        post(client, website, ("event", sent), headers=agent, environ_base={"REMOTE_ADDR": address})

    client.patch("/apps/website", json={"hash_rotation": "daily"}, headers=auth)
    now = NOW.timestamp()
    for number, (when, where) in enumerate(
        [(now - 60, "203.0.113.9"), (now - 50, "203.0.113.9"), (now - 60, "203.0.113.8"),
         (now - 60 - 86400, "203.0.113.9")]
    ):  # fmt: skip
        send(number, when, where)
    crashes = stored(client, auth, "website")
    people = {crash["user_id"] for crash in crashes}
    assert (len(crashes), len(people)) == (4, 3)
    assert NOBODY not in people
    assert {crash["os_version"] for crash in crashes} == {"Linux"}


def test_without_a_user_a_server_and_a_desktop_app_are_nobody(client, auth, desktop, website):
    anonymous = event(user={"email": "jane@example.com", "ip_address": "203.0.113.9"})
    for app in (desktop, website):
        assert post(client, app, ("event", anonymous)).status_code == 200
        assert only(client, auth, app.slug)["user_id"] == NOBODY


def test_an_id_of_the_apps_own_is_keyed_and_found_again(client, auth, desktop):
    post(client, desktop, ("event", event(user={"id": 42})))
    copy = client.get("/users/42/export?app=desktop", headers=auth).json
    assert len(copy["crashes"]) == 1


# What is left out -----------------------------------------------------------------------------


def test_environments_of_people_at_work_are_left_out_and_others_are_kept(
    client, auth, desktop, services
):
    for number, name in enumerate(("development", "Test", "production", "staging", None)):
        sent = event(environment=name, event_id=f"{number:032x}")
        assert post(client, desktop, ("event", sent)).status_code == 200
    kept = {crash["context"].get("environment") for crash in stored(client, auth)}
    assert kept == {"production", "staging", None}
    assert drops(client, auth, services) == {"environment": 2}


def test_an_app_says_itself_which_environments_it_wants(client, auth, desktop):
    client.patch("/apps/desktop", json={"ignored_environments": ["Staging"]}, headers=auth)
    for number, name in enumerate(("development", "staging")):
        sent = event(environment=name, event_id=f"{number:032x}")
        post(client, desktop, ("event", sent))
    assert only(client, auth)["context"]["environment"] == "development"


def test_items_of_other_kinds_are_answered_and_counted_by_kinds_of_ours(
    client, auth, desktop, services
):
    kinds = [
        "transaction",
        "span",
        "log",
        "profile",
        "replay_event",
        "check_in",
        "<script>",
        None,
        3,
    ]
    items: list[tuple[dict[str, Any], Any]] = [({"type": kind}, {}) for kind in kinds]
    items.append(({"type": "attachment", "attachment_type": "event.minidump"}, "MDMP"))
    items.append(({"type": "attachment", "filename": "jane.txt"}, "text"))
    assert post(client, desktop, *items, ("event", event())).json == {"id": ERROR_ID}
    assert drops(client, auth, services) == {
        **dict.fromkeys([f"left_out:{kind}" for kind in kinds[:4]], 1),
        "left_out:replay": 1,
        "left_out:check_in": 1,
        "left_out:other": 3,
        "left_out:minidump": 1,
        "left_out:attachment": 1,
    }
    assert len(stored(client, auth)) == 1


def test_what_an_sdk_did_not_send_is_counted_by_reasons_of_its_documentation(
    client, auth, desktop, services
):
    reasons = [
        {"reason": "ratelimit_backoff", "category": "error", "quantity": 7},
        {"reason": "ratelimit_backoff", "category": "session", "quantity": 2},
        {"reason": "jane@example.com", "category": "error", "quantity": 5},
        {"reason": "sample_rate", "category": "error", "quantity": -5},
        {"reason": "before_send", "quantity": "many"},
        *["x", None, {}],
    ]
    post(client, desktop, ("client_report", {"discarded_events": reasons}))
    assert drops(client, auth, services) == {"sdk:ratelimit_backoff": 9}


# The context ----------------------------------------------------------------------------------


def test_a_context_too_large_loses_its_oldest_breadcrumbs_and_says_so(client, auth, desktop):
    crumbs = [
        {"timestamp": NOW.timestamp() - n, "category": "log", "message": f"{n} " + "wort " * 40}
        for n in range(100, 0, -1)
    ]
    # No list of words: each tag is kept as long as it may be.
    tags = {f"tag{n}": "wort " * 30 for n in range(40)}
    post(client, desktop, ("event", event(breadcrumbs={"values": crumbs}, tags=tags)))
    context = only(client, auth)["context"]
    kept = [crumb["message"].split()[0] for crumb in context["breadcrumbs"]]
    assert kept == [str(n) for n in range(len(kept), 0, -1)]
    assert 10 < len(kept) < 30
    assert context["_notes"] == {"breadcrumbs": f"the newest {len(kept)} of 30"}
    assert len(context["tags"]) == 20
    assert {len(value) for value in context["tags"].values()} == {100}


def test_the_largest_context_fits_with_something_of_everything():
    long = "\U0001f600" * 3000
    fields = dict.fromkeys(
        ("level", "environment", "transaction", "logger", "platform", "dist"), long
    )
    inner = dict.fromkeys(("name", "version", "arch", "locale", "timezone"), long)
    context = sentry_context.read_context(
        {
            **fields,
            "sdk": inner,
            "contexts": dict.fromkeys(
                ("os", "runtime", "browser", "device", "gpu", "culture"), inner
            ),
            "tags": {f"{n}{long}": long for n in range(40)},
            "breadcrumbs": [{"category": long, "message": long}] * 50,
            "logentry": {"message": "x", "formatted": long},
        },
        long,
    )
    assert context["_notes"].keys() >= {"tags", "breadcrumbs"}
    assert {"level", "environment", "transaction", "message"} <= context.keys()
    check_properties(context)


@pytest.mark.parametrize(
    "wrong", [None, 3, "x", [], [3], {"values": [3]}, {"x": {"y": []}}, True, 1e300]
)
def test_a_field_of_another_type_costs_that_field_only(client, auth, desktop, wrong):
    names = [
        *("breadcrumbs", "tags", "contexts", "request", "sdk", "logentry", "debug_meta", "threads"),
        *(
            "fingerprint",
            "level",
            "environment",
            "transaction",
            "logger",
            "dist",
            "platform",
            "user",
        ),
        *("release", "message", "extra", "modules"),
    ]
    assert post(client, desktop, ("event", event(**dict.fromkeys(names, wrong)))).status_code == 200
    assert only(client, auth)["error_message"] == "TypeError: x is not a function"


@pytest.mark.parametrize(
    "wrong", [None, 3, "x", [], [3], {}, {"frames": 3}, {"frames": [3, None, {}]}]
)
def test_a_stack_that_is_none_costs_the_stack_only(client, auth, desktop, wrong):
    values = [
        {"type": "TypeError", "value": "x", "stacktrace": wrong, "mechanism": {"handled": False}}
    ]
    assert post(client, desktop, ("event", event(exception={"values": values}))).status_code == 200
    assert only(client, auth)["error_message"] == "TypeError: x"


def test_what_is_kept_stands_in_the_document_for_everybody_as_it_is_in_the_code():
    document = (ROOT / "docs" / "PRIVACY_TELEMETRY.md").read_text(encoding="utf-8")
    section = document.partition("### Sentry\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| `([a-z_.]+)` \| (\d+) \|$", section, re.MULTILINE)
    assert [(name, int(most)) for name, most in rows] == list(sentry_context.KEPT.items())
    assert f"{sentry_context.MAX_TAGS} tags" in section
    assert f"newest {sentry_context.MAX_CRUMBS} breadcrumbs" in section


# Feedback -------------------------------------------------------------------------------------


def words(about=ERROR_ID, **changes):
    said = {"message": "It broke.", "name": "Jane Doe", "contact_email": "jane@example.com"}
    said |= {"associated_event_id": about}
    sent = {"event_id": "f" * 32, "timestamp": NOW.timestamp() - 5, "contexts": {"feedback": said}}
    return sent | {"user": {"id": PERSON}, **changes}


def feedback_of(client, auth):
    [issue] = client.get("/issues", headers=auth).json["issues"]
    [crash] = client.get(f"/issues/{issue['id']}/crashes", headers=auth).json["crashes"]
    return [each["message"] for each in crash["feedback"]]


@pytest.mark.parametrize("handled", [True, False])
def test_feedback_belongs_to_its_crash_or_handled_error(client, auth, desktop, handled):
    sent = event(exception={"values": [thrown(mechanism={"handled": handled})]})
    post(client, desktop, ("event", sent), ("feedback", words()))
    post(client, desktop, ("feedback", words()))  # a repeat
    other = words(about="0" * 32, event_id="e" * 32)
    post(client, desktop, ("feedback", other))
    assert feedback_of(client, auth) == ["It broke."]


def test_feedback_has_the_country_of_its_time_zone(client, auth, desktop):
    sent = words()
    sent["contexts"]["culture"] = {"timezone": "Europe/Brussels"}
    post(client, desktop, ("feedback", sent))
    [event] = client.get("/events?event_type=feedback", headers=auth).json["events"]
    assert event["country"] == "BE"


def test_a_report_of_older_sdks_is_feedback_too_once(client, auth, app, desktop):
    report = {
        "event_id": ERROR_ID,
        "comments": "It broke.",
        "name": "Jane",
        "email": "j@example.com",
    }
    post(client, desktop, ("event", event()), ("user_report", report))
    post(client, desktop, ("user_report", report))
    assert feedback_of(client, auth) == ["It broke."]
    events = client.get("/events?event_type=feedback", headers=auth).json["events"]
    assert len(events) == 1
    assert events[0]["properties"] == {"crash_id": only(client, auth)["crash_id"]}


def test_feedback_is_in_a_persons_copy_and_goes_with_them(client, auth, database, desktop):
    post(client, desktop, ("event", event()), ("feedback", words()))
    copy = client.get(f"/users/{PERSON}/export", headers=auth).json
    assert [each["message"] for each in copy["contents"]] == ["It broke."]
    deleted = client.delete(f"/users/{PERSON}", headers=auth).json["deleted"]
    assert deleted["contents"] == 1
    copy = client.get(f"/users/{PERSON}/export", headers=auth)
    assert copy.json.get("contents", []) == []


def test_feedback_goes_with_the_days_of_content_and_its_event_stays(
    client, auth, services, desktop
):
    client.patch("/apps/desktop", json={"content_days": 7}, headers=auth)
    post(client, desktop, ("event", event()), ("feedback", words()))
    assert feedback_of(client, auth) == ["It broke."]
    expire(services.database, services.apps, services.key, NOW + timedelta(days=8))
    assert feedback_of(client, auth) == []
    assert len(client.get("/events?event_type=feedback", headers=auth).json["events"]) == 1


def test_feedback_without_words_is_refused_and_costs_no_other_item(client, auth, desktop, services):
    empty = words()
    empty["contexts"]["feedback"]["message"] = ""
    assert post(client, desktop, ("feedback", empty), ("event", event())).status_code == 200
    assert drops(client, auth, services) == {"missing_field": 1}
    assert len(stored(client, auth)) == 1


# Hostile bodies -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"", b"\n", b"x", b"[]", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 20_000],
)
def test_what_does_not_begin_as_an_envelope_is_a_400(client, desktop, body):
    answer = client.post(address(desktop), data=body)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_envelope")


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (b'{"type":"event","length":1000000}\n{}', "invalid_envelope"),
        (b"no header\n{}", "invalid_envelope"),
        (b'{"type":"event"}\n{', "invalid_json"),
        (b'{"type":"event"}\n' + b"[" * 1000 + b"]" * 1000, "too_deep"),
        (b'{"type":"event"}\n[]', "not_an_object"),
        (b'{"type":"event"}\n' + b"[" * 200_000, "too_many_values"),
        (b'{"type":"event"}', "invalid_json"),
    ],
)
def test_an_item_that_cannot_be_read_costs_none_before_it(
    client, auth, desktop, services, item, reason
):
    body = envelope(("event", event())) + b"\n" + item
    assert client.post(address(desktop), data=body).status_code == 200
    assert len(stored(client, auth)) == 1
    assert drops(client, auth, services) == {reason: 1}


def test_items_past_the_limit_are_not_looked_at(client, auth, desktop, services):
    kept = [({"type": "log"}, "{}")] * 10_000
    assert post(client, desktop, *kept).status_code == 200
    assert drops(client, auth, services) == {"left_out:log": MAX_ITEMS, "too_many_items": 1}


def test_lengths_are_of_bytes_and_a_payload_may_hold_line_breaks():
    payload = '{"ä":\n1}'
    size = len(payload.encode())
    body = envelope(({"type": "a", "length": size}, payload), ({"type": "b", "length": 0}, ""))
    items = read_envelope(body).items
    assert [(item.kind, item.payload.decode()) for item in items] == [("a", payload), ("b", "")]


def test_empty_lines_are_passed_over():
    body = b'\n\n{"type":"a"}\n{}\n\n\n{"type":"b"}\n{}\n\n'
    assert [item.kind for item in read_envelope(b"{}\n" + body).items] == ["a", "b"]
    assert read_envelope(b"{}" + b"\n" * 1000).items == []


def test_random_damage_to_a_body_is_never_the_servers_error(client, desktop):
    chance = random.Random(7)
    whole = envelope(("event", event()), ("feedback", words()), ("client_report", {}))
    for _ in range(300):
        body = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            place = chance.randrange(len(body))
            if chance.random() < 0.5:
                body[place] = chance.randrange(256)
            else:
                del body[place : place + chance.randint(1, 40)]
        assert client.post(address(desktop), data=bytes(body)).status_code in (200, 400)


def test_a_body_may_be_deflated_and_no_larger_than_the_limit(client, auth, desktop):
    sent = {"Content-Encoding": "deflate"}
    body = zlib.compress(envelope(("event", event())))
    assert client.post(address(desktop), data=body, headers=sent).status_code == 200
    assert len(stored(client, auth)) == 1
    bomb = zlib.compress(b"{}\n" + b" " * (21 * 1024 * 1024))
    answer = client.post(address(desktop), data=bomb, headers=sent)
    assert answer.status_code == 413


def test_text_that_cannot_be_stored_costs_those_characters_only(client, auth, desktop):
    values = [thrown(value="a\0b\ud800c", mechanism={"handled": False})]
    post(client, desktop, ("event", event(exception={"values": values}, tags={"a\0": "\ud800"})))
    assert only(client, auth)["error_message"].startswith("TypeError: a")


def test_basic_credentials_are_no_key(client, desktop):
    answer = client.post(
        f"/api/{desktop.app_id}/envelope/", data=envelope(), headers=basic("admin", "admin")
    )
    assert answer.status_code == 403
