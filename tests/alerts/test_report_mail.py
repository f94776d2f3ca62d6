"""A report as a mail server gets it, and the way out of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from stories.alerts import mail, report, schedule, sending, wording
from stories.alerts.messages import Queue
from tests.rollup_tables import run, values
from tests.support import basic, crash, event
from tools.server import free_port

AUTH = basic("admin", "admin")
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)  # the default app's days are UTC's
HOSTILE = "<!channel> <script>alert(1)</script> [x](https://evil.example) *b* \u202eevil"


class Box:
    """Keeps what it is sent, as bytes."""

    def __init__(self):
        self.kept, self.port = [], free_port()

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 (aiosmtpd's)
        self.kept.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"


@pytest.fixture
def box():
    kept = Box()
    controller = Controller(kept, hostname="127.0.0.1", port=kept.port)
    controller.start()
    yield kept
    controller.stop()


@pytest.fixture
def configured(config, box):
    return replace(
        config,
        smtp_url=f"smtp://127.0.0.1:{box.port}",
        mail_from="stats@example.com",
        base_url="https://stats.example.com",
    )


@pytest.fixture
def subscribed(client, services, configured):
    services.config = configured
    body = {"name": "Ada", "kind": "email", "address": "ada@example.org"}
    made = client.post("/destinations", headers=AUTH, json=body).json["destination"]
    answer = client.post("/reports?app=desktop", headers=AUTH, json={"destination": made["id"]})
    assert answer.status_code == 200, answer.json
    run(services.database, "update report_subscriptions set created_at = '2026-01-01'")
    return answer.json["report"]


def key(services):
    [(text,)] = values(services.database, "select unsubscribe_key from report_subscriptions")
    return text


def week(client, hostile=""):
    """Some of two weeks: events, a crash, a release."""

    def on(day, number, **more):
        return event(
            timestamp=f"2026-11-{day:02}T10:00:00+00:00", id=f"{day}-{number}",
            user_id=f"550e8400-e29b-41d4-a716-4466554400{number:02}", **more,
        )  # fmt: skip

    events = [on(11, n, country="US") for n in range(3)] + [
        on(18, n, country="DE") for n in range(8)
    ]
    if hostile:
        events += [on(18, 50 + n, app_version=hostile[:20]) for n in range(9)]
    assert client.post("/track", json={"events": events}).json["events_stored"] == len(events)
    sent = crash(
        error_message=hostile or "It broke",
        stack_trace=f"Error\n    at {hostile or 'draw'} (a.js:1:1)",
        timestamp="2026-11-18T10:00:00+00:00",
    )
    assert client.post("/crash", json=sent).status_code == 200
    client.get("/stats?app=desktop", headers=AUTH)  # folds


def claimed(services):
    message = Queue(services.database).claim()
    assert message is not None
    return message


def sent(services, box):
    """The mail that came out, read back."""
    queued = schedule.queue_due(services.config, services.database, services.apps, MONDAY)
    assert queued == 1
    message = claimed(services)
    assert sending.send(message, services.config) == "accepted by the mail server"
    [(_, _, raw)] = box.kept
    return message_from_bytes(raw, policy=policy.default)


def test_it_arrives_as_plain_text_and_html_with_a_way_out(client, services, subscribed, box):
    week(client)
    mail_read = sent(services, box)
    assert box.kept[0][:2] == ("stats@example.com", ["ada@example.org"])
    assert mail_read.get_content_type() == "multipart/alternative"
    plain, html = mail_read.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    leave = f"https://stats.example.com/unsubscribe/{key(services)}"
    assert mail_read["List-Unsubscribe"].strip() == f"<{leave}>"
    assert mail_read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail_read["Subject"].endswith(": 16 Nov to 22 Nov 2026")
    for text in (plain.get_content(), html.get_content()):
        assert leave in text
        assert "https://stats.example.com/dashboard?app=desktop&" in text.replace("&amp;", "&")
        assert "Crash-free people" in text
        assert "DE" in text
        assert "It broke" in text


def test_it_is_small_and_loads_nothing(client, services, subscribed, box):
    week(client)
    html = sent(services, box).get_body(("html",)).get_content()
    assert len(html.encode()) < 100_000
    assert not re.search(r"<(img|script|link|iframe|object|form)|url\(|@import|\bon\w+=", html)
    assert set(re.findall(r'(?:href|src)="(https?://[^/"]+)', html)) == {
        "https://stats.example.com"
    }


def test_the_longest_that_can_be_is_under_a_hundred_kilobytes(config):
    long = "W\u00f6\u4e16<" * 60
    told = {
        "title": long, "app": long, "every": "week", "from": "2026-11-16", "to": "2026-11-22",
        "before": {"from": "2026-11-09", "to": "2026-11-15"}, "is_empty": False,
        "numbers": [
            {"title": long[:60], "unit": "usd", "value": 123456789.5, "before": 1.0,
             "change": 12345678900.0, "feeling": "good"}
        ] * 33,
        "movers": [
            {"measure": measure, "change": 10**12, "before": 10**12, "value": 2 * 10**12, "parts": [
                {"dim": "platform", "name": long, "value": 10**12, "before": 10**12,
                 "change": 10**12, "share": None}
            ] * 4}
            for measure in ("people", "events", "crashes")
        ],
        "issues": [
            {"what": "new", "title": long * 5, "culprit": long * 5, "people": 10**9, "link": "/x" * 100}
        ] * report.MOST_ISSUES,
        "more_issues": 10**6,
        "releases": [
            {"version": long, "people": 10**9, "crash_free_people": 99.99, "verdict": "worse",
             "compared_to": long, "is_new": True, "link": "/x" * 100}
        ] * report.MOST_RELEASES,
        "storage": None, "link": "/dashboard",
    }  # fmt: skip
    shown = mail.shown_report(
        {"report": told, "unsubscribe": "/unsubscribe/x"},
        replace(config, base_url="https://a.example"),
    )
    assert len(mail.render("report", "html", shown).encode()) < 100_000
    assert len(mail.render("report", "txt", shown).encode()) < 100_000


def test_text_of_strangers_is_only_text_in_it(client, services, subscribed, box):
    week(client, HOSTILE)
    run(services.database, "update apps set name = '<b>App</b>' where slug = 'desktop'")
    services.apps.forget()
    mail_read = sent(services, box)
    html = mail_read.get_body(("html",)).get_content()
    plain = mail_read.get_body(("plain",)).get_content()
    assert "<script" not in html
    assert "<b>" not in html
    assert "ript&gt; [x](" in html
    assert "\u202e" not in html + plain
    assert "evil.example" not in "".join(re.findall(r'href="[^"]*"', html))
    assert mail_read["Subject"].startswith("<b>App</b>: 16 Nov")


def test_a_chat_gets_some_neutral_lines_and_a_webhook_the_facts(client, services, subscribed):
    week(client, HOSTILE)
    schedule.queue_due(services.config, services.database, services.apps, MONDAY)
    message = claimed(services)
    lines = [wording.neutral(line) for line in message.content["summary"]]
    assert len(lines) < 12
    assert not re.search(r"[<>`]|\]\(|https?://", "\n".join(lines))
    assert "Events: 17 (+466.7 %)" in lines
    assert "Crash-free people: 94.1 % (was 100 %)" in lines
    assert any(line.startswith("Most of the change in events: ") for line in lines)
    assert "Issues: 1 new, 0 back" in lines
    payload: dict[str, Any] = sending._payload(message, services.config)
    assert payload["link"].startswith(
        "https://stats.example.com/dashboard?app=desktop&from=2026-11-16"
    )
    assert payload["report"]["numbers"] == message.content["report"]["numbers"]
    assert "unsubscribe" not in str(payload)


@pytest.mark.parametrize("base_url", ["", "http://stats.example.com"])
def test_without_https_it_promises_no_one_click(client, services, subscribed, box, base_url):
    services.config = replace(services.config, base_url=base_url)
    week(client)
    mail_read = sent(services, box)
    assert mail_read["List-Unsubscribe"] is None
    assert mail_read["List-Unsubscribe-Post"] is None
    assert ("/unsubscribe/" in mail_read.get_body(("plain",)).get_content()) is bool(base_url)


# The way out ---------------------------------------------------------------------------------------


def test_opening_the_link_changes_nothing_and_posting_to_it_ends_the_report(
    client, services, subscribed
):
    path = f"/unsubscribe/{key(services)}"
    for _ in range(3):
        page = client.get(path)
        assert page.status_code == 200
        assert "A report of each week goes to" in page.text
    client.head(path)
    client.options(path)
    assert values(services.database, "select count(*) from report_subscriptions") == [(1,)]
    # As RFC 8058 has it: no login, no cookie, from anywhere.
    done = client.post(
        path, data={"List-Unsubscribe": "One-Click"}, headers={"Origin": "https://mail.example"}
    )
    assert done.status_code == 200
    assert "not sent any more" in done.text
    assert values(services.database, "select count(*) from report_subscriptions") == [(0,)]
    assert "not sent any more" in client.post(path).text
    assert "not sent any more" in client.get(path).text


@pytest.mark.parametrize(
    "made_up", ["x", "a" * 32, "%00" * 32, "a" * 5000, "%F0%9F%92%A9", "' or 1=1"]
)
def test_a_key_that_is_none_tells_and_changes_nothing(client, services, subscribed, made_up):
    for answer in (client.get(f"/unsubscribe/{made_up}"), client.post(f"/unsubscribe/{made_up}")):
        assert answer.status_code == 200
        assert "not sent any more" in answer.text
        assert "Ada" not in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
    assert values(services.database, "select count(*) from report_subscriptions") == [(1,)]


def test_the_key_opens_nothing_else_and_is_shown_nowhere(client, services, subscribed):
    for path in (
        "/reports?app=desktop",
        "/reports/preview?app=desktop&format=json",
        "/destinations",
    ):
        assert key(services) not in client.get(path, headers=AUTH).text
    assert client.get(f"/reports?app=desktop&key={key(services)}").status_code == 401


# The preview, and who sees what --------------------------------------------------------------------


def test_a_preview_can_run_and_load_nothing(client, services):
    week(client, HOSTILE)
    answer = client.get("/reports/preview?app=desktop&every=month", headers=AUTH)
    directives = answer.headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in directives
    assert "frame-ancestors 'none'" in directives
    [sandbox] = [each for each in directives if each.startswith("sandbox")]
    assert "allow-scripts" not in sandbox
    assert "allow-same-origin" not in sandbox
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.text
    assert client.get("/reports/preview?every=year", headers=AUTH).status_code == 400


def test_reports_are_of_an_app_and_have_a_bound(client, services, subscribed, monkeypatch):
    body = {"destination": subscribed["destination"]}
    again = client.post("/reports?app=desktop", headers=AUTH, json=body)
    assert (again.status_code, again.json["code"]) == (409, "is_there")
    none = client.post("/reports?app=desktop", headers=AUTH, json={"destination": 999_999})
    assert (none.status_code, none.json["code"]) == (400, "unknown_destination")
    monkeypatch.setattr(schedule, "MOST", 1)
    many = client.post("/reports?app=website", headers=AUTH, json=body)
    assert (many.status_code, many.json["code"]) == (409, "too_many")
    assert client.get("/reports?app=website", headers=AUTH).json["reports"] == []
    assert client.delete("/reports/999999", headers=AUTH).status_code == 404


def test_who_began_and_who_ended_a_report_is_in_the_audit_log(client, services, subscribed):
    client.delete(f"/reports/{subscribed['id']}", headers=AUTH)
    entries = client.get("/audit", headers=AUTH).json["entries"]
    done = [(row["actor"], row["action"], row["subject"], row["app"]) for row in entries]
    assert ("admin", "subscribed to a report", "Ada, every week", "desktop") in done
    assert ("admin", "ended a report", "Ada, every week", "desktop") in done
