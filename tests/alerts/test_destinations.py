"""Destinations: only addresses that reach nothing of ours are taken, none is ever shown again, and what
strangers write is harmless where it is read."""

from __future__ import annotations

import subprocess
import sys
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from stories.alerts import mail, services, wording
from stories.alerts.messages import Message
from stories.config import ROOT, Config
from stories.operation import doctor
from tests.alerts.receivers import webhook
from tests.alerts.scene import AUTH
from tests.rollup_tables import run, value
from tests.support import whole_database

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")  # of Apprise

PUBLIC, PRIVATE = Config(), Config(alert_private_targets=True)


@pytest.mark.parametrize(
    "address",
    [
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7/#general",
        "slack://bot@xoxb-1234-1234-4ddbc191d40ee098cbaae6f3523ada2d/#general",
        "discord://123456789/abc-DEF_x",
        "tgram://123456789:abcdefg_hijklmnop/12315544/",
        "pover://abcdefghijklmnopqrstuvwxyz1234@abcdefghijklmnopqrstuvwxyz5678",
        "workflows://prod-1.westeurope.logic.azure.com:443/workflow1/signature1",
        "ntfy://our-topic",
    ],
)
def test_what_a_service_needs_is_taken_and_apprise_reads_it(address):
    assert services.check(address, PUBLIC) is None
    assert services._made(address) is not None


@pytest.mark.parametrize(
    "address",
    [
        "json://example.com/x",
        "xml://127.0.0.1/x",
        "syslog://",
        "dbus://",
        "file:///etc/passwd",
        "exec://id",
        "mailto://user:password@example.com",
        "workflows://127.0.0.1/workflow1/signature1",
        "workflows://evil.example/logic.azure.com/signature1",
        "workflows://a.logic.azure.com.evil.example/workflow1/signature1",
        "workflows://a.logic.azure.com@evil.example/workflow1/signature1",
        "workflows://a.logic.azure.com/w/s?template=/etc/passwd",
        "workflows://a.logic.azure.com/w/s?template=http://169.254.169.254/",
        "ntfy://127.0.0.1/topic",
        "ntfy://user:password@internal/topic",
        "ntfy://topic?mode=private",
        "ntfy://topic?attach=/etc/passwd",
        "ntfys://ntfy.example.com/topic",
        "mmosts://chat.example.com/token",
        "discord://123456789/abc?avatar_url=http://10.0.0.1/",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7?verify=no",
        "tgram://123456789:abc/1#?format=html",
        "SLACK://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7\nX: y",
    ],
)
def test_what_acts_here_names_a_host_or_has_options_is_refused(address):
    problem = services.check(address, PUBLIC)
    assert problem
    assert address not in problem


def test_with_the_setting_services_at_any_host_are_taken_and_still_without_options():
    assert services.check("mmost://127.0.0.1:8065/token", PRIVATE) is None
    assert services.check("ntfys://user:pass@ntfy.internal:8080/topic", PRIVATE) is None
    assert services.check("mmost://127.0.0.1/token?verify=no", PRIVATE)
    assert services.check("workflows://127.0.0.1/workflow1/signature1", PRIVATE)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("webhook", "ftp://example.com/"),
        ("webhook", "https://user:password@example.com/"),
        ("webhook", "https://example.com:22/"),
        ("email", "team@example.com"),  # no SMTP_URL
        ("email", "a@b.example, c@d.example"),
        ("email", "group:a@b.example"),
        ("email", "a@b.example\r\nBcc: c@d.example"),
        ("service", "json://example.com/"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_not_repeated(client, kind, address):
    body = {"name": "Team", "kind": kind, "address": address}
    answer = client.post("/destinations", headers=AUTH, json=body)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_address")
    assert address not in answer.text


def test_an_address_is_nowhere_but_in_its_destination(scene, services, caplog):
    caplog.set_level("DEBUG")
    address = "https://hooks.example.com/T0P5ECRET"
    made = scene.post("/destinations", name="Team", kind="webhook", address=address)
    path = f"/destinations/{made['destination']['id']}"
    taken = scene.client.post(
        "/destinations", headers=AUTH, json={"name": "Team", "kind": "webhook", "address": address}
    )
    assert taken.status_code == 409
    changed = scene.client.patch(path, headers=AUTH, json={"address": f"{address}2"})
    renamed = scene.client.patch(path, headers=AUTH, json={"name": "Hook"})
    assert (changed.status_code, renamed.status_code) == (200, 409)
    texts = [taken.text, changed.text, renamed.text, str(made), caplog.text]
    for page in ("/destinations", "/alerts?app=desktop", "/metrics", "/audit", "/health"):
        texts.append(scene.client.get(page, headers=AUTH).text)
    assert not [text for text in texts if "T0P5ECRET" in text]
    secret = made["secret"]
    assert not [text for text in [*texts[:3], *texts[4:]] if secret in text]
    holding = [
        table for table, rows in whole_database(services.database).items()
        if "T0P5ECRET" in str(rows) or secret in str(rows)
    ]  # fmt: skip
    assert holding == ["destinations"]


def test_a_taken_name_is_no_error_of_the_database_whose_log_would_hold_the_address(
    scene, monkeypatch
):
    errors = []

    def translate(error):
        errors.append(error)
        return error

    monkeypatch.setattr("database.translate", translate)
    body = {"name": "Hook", "kind": "webhook", "address": "https://example.com/T0P5ECRET"}
    answer = scene.client.post("/destinations", headers=AUTH, json=body)
    assert (answer.status_code, answer.json["code"]) == (409, "name_taken")
    assert errors == []


@pytest.mark.parametrize(
    ("path", "sent", "says"),
    [
        ("/ok", True, "the webhook answered 200"),
        ("/fail", False, "the webhook answered 500"),
        ("/redirect", False, "the webhook answered 302"),
    ],
)
def test_the_test_button_tells_what_came_back(scene, path, sent, says):
    scene.services.config = replace(scene.services.config, alert_private_targets=True)
    with webhook() as hook:
        number = scene.destination("Mine", address=hook.url + path)
        answer = scene.post(f"/destinations/{number}/test")
    assert answer == {"success": True, "sent": sent, "answer": says}
    [payload] = hook.payloads(path)
    assert payload["kind"] == "test"
    waiting = "select count(*) from messages where sent_at is null and failed_at is null"
    assert value(scene.services.database, waiting) == 0  # a test is tried once


def test_a_worker_loads_no_apprise():
    """It takes 28 MB and seconds: only the process that sends does."""
    code = (
        "import sys, app, aggregator\n"
        "from stories.alerts import services\n"
        "from stories.config import Config\n"
        "assert services.check('ntfy://topic', Config()) is None\n"
        "print(sorted({'apprise', 'requests'} & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert told.stdout.strip() == "[]"


def test_the_doctor_says_that_messages_fail(scene, services):
    def finding():
        return {each.about: each for each in doctor.examine(services.config)}["messages"]

    services.config = replace(services.config, database_url=services.database.dsn)
    assert finding().state == "ok"
    run(
        services.database,
        "insert into messages (destination_id, kind, once, content, last_error, failed_at) "
        "values (%(hook)s, 'firing', 'x', '{}', 'the webhook answered 410', now())",
        hook=scene.hook,
    )
    warned = finding()
    assert warned.state == "warn"
    assert warned.found == "1 of the last day failed: to Hook, the webhook answered 410"
    run(
        services.database,
        "update messages set failed_at = null, due_at = now() - interval '1 hour'",
    )
    assert finding().found == "one waits for 60 minutes to be sent"


HOSTILE = (
    "<!channel> @everyone <script>alert(1)</script> [click](https://evil.example) `*b*` ||x|| "
    "<https://evil.example|here>\r\nBcc: victim@example.com\u202e\u2028 evil.example"
)


def message(kind="firing", **content):
    return Message(
        uuid.UUID(int=7), 1, kind,
        {
            "rule": HOSTILE, "app": "Desktop", "more": 0, "since": "2026-11-21T12:30+00:00",
            "lines": [{"text": HOSTILE, "link": "/dashboard/issue?app=desktop"}],
            "link": "/dashboard/alerts", **content,
        },
        1, datetime(2026, 11, 21, 12, 30, tzinfo=UTC), "Team", "email", "team@example.com", "",
    )  # fmt: skip


def test_hostile_text_is_harmless_in_a_mail():
    config = Config(base_url="https://stats.example.com", mail_from="stats@example.com")
    sent = mail.compose(message(), config).as_bytes(policy=policy.SMTP)
    read = message_from_bytes(sent, policy=policy.default)
    assert set(read.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert read["To"] == "team@example.com"
    assert read["Message-ID"] == f"<{uuid.UUID(int=7)}@example.com>"
    plain, html = (read.get_body([kind]).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "<script" not in html
    assert "href" in html
    assert {part.partition('"')[0] for part in html.split('href="')[1:]} == {
        "https://stats.example.com/dashboard/issue?app=desktop",
        "https://stats.example.com/dashboard/alerts",
    }
    assert "\u202e" not in html + plain


def test_hostile_text_is_no_markup_and_no_link_in_a_chat():
    config = Config(base_url="https://stats.example.com")
    for text in (
        wording.neutral(wording.title(message())),
        services._body(message(), config),
        services._body(message("report", summary=[HOSTILE], report={"link": ""}), config),
    ):
        ours = text.replace("https://stats.example.com/dashboard/issue?app=desktop", "")
        for markup in (
            "<",
            "@everyone",
            "](",
            "`",
            "*",
            "||",
            "://",
            "evil.example",
            "\r",
            "\u202e",
        ):
            assert markup not in ours
