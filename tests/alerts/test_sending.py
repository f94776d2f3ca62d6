"""What is queued is sent, once each: over a real mail server and a webhook that is slow, fails, hangs,
redirects or is killed."""

from __future__ import annotations

import hmac
import logging
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from stories.alerts import messages, sending, webhook
from stories.alerts.messages import Queue
from stories.operation.process import Process
from tests.alerts.receivers import mail_server
from tests.alerts.receivers import webhook as webhook_server
from tests.rollup_tables import run, value, values

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")  # of Apprise

CONTENT = {
    "rule": "Many events",
    "app": "Desktop",
    "lines": [{"text": "Events today: 3", "link": "/dashboard?app=desktop"}],
    "more": 0,
    "since": "2026-11-21T12:30+00:00",
    "link": "/dashboard/alerts?app=desktop",
}


@pytest.fixture
def hook():
    with webhook_server() as server:
        yield server


@pytest.fixture
def mail():
    with mail_server() as server:
        yield server


class Outbox:
    """Destinations and messages straight in the database, and the sending of what is due."""

    def __init__(self, services, **settings):
        self.database = services.database
        self.queue = Queue(services.database)
        self.config = replace(services.config, alert_private_targets=True, **settings)

    def destination(self, address, kind="webhook", name=None):
        return value(
            self.database,
            "insert into destinations (name, kind, address, secret, created_by) "
            "values (%(name)s, %(kind)s, %(address)s, 's3cret', 'ann') returning destination_id",
            name=name or address,
            kind=kind,
            address=address,
        )

    def put(self, destination, number=1, **changes):
        with self.database.transaction() as tx:
            for n in range(number):
                once = f"{destination}:{n}:{time.monotonic_ns()}"
                assert messages.enqueue(tx, destination, "firing", once, {**CONTENT, **changes})

    def send(self):
        return sending.send_due(self.config, self.database, threading.Event())

    def rows(self, *columns):
        return values(
            self.database, f"select {', '.join(columns)} from messages order by created_at"
        )


@pytest.fixture
def outbox(services):
    return Outbox(services)


def test_a_hundred_messages_are_sent_by_mail_once_each(services, mail):
    mailbox, url = mail
    outbox = Outbox(services, smtp_url=url, mail_from="stats@example.com")
    outbox.put(outbox.destination("team@example.com", "email"), 100)
    assert outbox.send() == {"sent": 100, "failed": 0}
    ids = {f"<{number}@example.com>" for (number,) in outbox.rows("message_id")}
    assert Counter(each["Message-ID"] for each in mailbox.mails) == dict.fromkeys(ids, 1)
    assert outbox.send() == {"sent": 0, "failed": 0}
    assert set(outbox.rows("sent_at is not null", "answer")) == {
        (True, "accepted by the mail server")
    }


def test_several_processes_that_send_at_once_send_each_once(outbox, hook):
    places = [outbox.destination(f"{hook.url}/slow?{n}") for n in range(3)]
    for place in places:
        outbox.put(place, 20)
    threads = [threading.Thread(target=outbox.send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Counter(hook.keys("/slow")) == {
        str(number): 1 for (number,) in outbox.rows("message_id")
    }
    assert hook.most_at_once["/slow"] <= 3  # of each destination one


def test_a_destination_that_hangs_or_fails_holds_up_no_other(outbox, hook, monkeypatch):
    monkeypatch.setattr(webhook, "SECONDS", 5.0)  # the others are served meanwhile
    for path in ("/hang", "/fail", "/redirect", "/gone"):
        outbox.put(outbox.destination(hook.url + path), 3)
    outbox.put(outbox.destination(hook.url + "/ok"), 50)
    ended = threading.Thread(target=outbox.send)
    ended.start()
    deadline = time.monotonic() + 20
    while len(hook.keys("/ok")) < 50 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert hook.most_at_once["/hang"] == hook.at_once["/hang"] == 1
    ended.join(60)
    assert Counter(hook.keys("/ok")).most_common(1)[0][1] == 1
    assert not hook.taken.get("/secret")  # where the redirect leads to
    whys = dict(
        values(
            outbox.database,
            "select distinct split_part(address, '/', 4), messages.last_error "
            "from messages join destinations using (destination_id) where sent_at is null",
        )
    )
    assert whys == {
        "hang": "the webhook did not answer (TimeoutError)",
        "fail": "the webhook answered 500",
        "redirect": "the webhook answered 302",
        "gone": "the webhook answered 410",
    }
    failed = "select count(*) from messages where failed_at is not null"
    assert value(outbox.database, failed) == 6  # what trying again would not help


def test_a_sender_that_never_comes_back_is_not_waited_for(outbox, hook, monkeypatch):
    monkeypatch.setattr(sending, "HANGS_SECONDS", 1.0)
    hangs = threading.Event()
    monkeypatch.setattr(sending, "send", lambda *_: "late" if hangs.wait(30) else "")
    outbox.put(outbox.destination(hook.url + "/ok"))
    assert outbox.send() == {"sent": 0, "failed": 0}
    assert outbox.rows("attempts", "last_error") == [(1, "no answer for 1 seconds")]
    hangs.set()  # it was sent after all, and does not go again
    until = time.monotonic() + 20
    while outbox.rows("answer") != [("late",)] and time.monotonic() < until:
        time.sleep(0.02)
    assert outbox.rows("sent_at is not null", "last_error") == [(True, None)]


def test_what_failed_goes_again_later_and_later_with_the_same_key(outbox, hook):
    outbox.put(outbox.destination(hook.url + "/fail"))
    waits = []
    for _ in range(len(messages.BACKOFF) + 1):
        assert outbox.send() == {"sent": 0, "failed": 1}
        assert outbox.send() == {"sent": 0, "failed": 0}  # not before its time
        [(minutes,)] = outbox.rows("round(extract(epoch from due_at - now()) / 60)::integer")
        waits.append(minutes)
        run(outbox.database, "update messages set due_at = now()")
    assert tuple(waits[:-1]) == messages.BACKOFF
    assert outbox.rows("attempts", "failed_at is not null") == [(8, True)]
    assert outbox.send() == {"sent": 0, "failed": 0}
    assert len(set(hook.keys("/fail"))) == 1


def test_what_was_sent_after_all_has_not_failed(outbox, hook, monkeypatch):
    place = outbox.destination(hook.url + "/fail")
    outbox.put(place)
    outbox.send()
    run(outbox.database, "update destinations set address = %(url)s", url=hook.url + "/ok")
    run(outbox.database, "update messages set due_at = now()")
    assert outbox.send() == {"sent": 1, "failed": 0}
    assert hook.keys("/fail") == hook.keys("/ok")
    assert values(outbox.database, "select last_error, last_sent_at is null from destinations") == [
        (None, False)
    ]


def test_the_end_of_an_alert_waits_for_its_beginning(outbox, hook):
    place = outbox.destination(f"{hook.url}/fail")
    with outbox.database.transaction() as tx:
        messages.enqueue(tx, place, "firing", "rule:7:firing:1", CONTENT)
    outbox.send()
    with outbox.database.transaction() as tx:
        messages.enqueue(tx, place, "resolved", "rule:7:resolved:2", CONTENT)
    run(outbox.database, f"update destinations set address = '{hook.url}/well'")
    outbox.send()
    assert outbox.rows("kind", "sent_at is not null") == [("firing", False), ("resolved", False)]
    run(outbox.database, "update messages set due_at = now()")
    outbox.send()
    assert outbox.rows("kind", "sent_at is not null") == [("firing", True), ("resolved", True)]


def test_a_message_is_queued_once_by_its_name(outbox):
    place = outbox.destination("https://example.com")
    with outbox.database.transaction() as tx:
        assert messages.enqueue(tx, place, "firing", "rule:1", CONTENT)
        assert not messages.enqueue(tx, place, "firing", "rule:1", CONTENT)
        assert not messages.enqueue(tx, place + 1, "firing", "rule:2", CONTENT)


def test_killed_after_a_claim_it_goes_again_when_the_claim_ends(outbox, hook):
    outbox.put(outbox.destination(hook.url + "/ok"))
    assert outbox.queue.claim() is not None
    assert not outbox.queue.is_due()
    assert outbox.send() == {"sent": 0, "failed": 0}
    run(outbox.database, "update messages set claimed_until = now() - interval '1 second'")
    assert outbox.queue.is_due()
    assert outbox.send() == {"sent": 1, "failed": 0}
    assert len(hook.keys("/ok")) == 1


def test_one_that_kills_its_process_each_time_is_given_up(outbox, hook):
    outbox.put(outbox.destination(hook.url + "/ok"))
    run(
        outbox.database, "update messages set attempts = 20, claimed_until = now() - interval '1 s'"
    )
    assert outbox.send() == {"sent": 0, "failed": 0}
    assert outbox.rows("last_error", "failed_at is null") == [
        ("sending it never came to an end", False)
    ]


def test_a_webhook_can_tell_that_it_is_from_here(outbox, hook):
    outbox.put(outbox.destination(hook.url + "/ok"))
    outbox.send()
    [(headers, body)] = hook.taken["/ok"]
    at, signed = headers["Stories-Signature"].split(",")
    digest = hmac.new(b"s3cret", at.removeprefix("t=").encode() + b"." + body, "sha256").hexdigest()
    assert signed == f"v1={digest}"
    assert abs(int(at.removeprefix("t=")) - time.time()) < 60
    [payload] = hook.payloads("/ok")
    assert (payload["kind"], payload["id"]) == ("firing", headers["Idempotency-Key"])


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x",
        "http://localhost/x",
        "http://[::1]/x",
        "http://10.0.0.1/",
        "http://169.254.169.254/",
    ],
)
def test_without_the_setting_a_webhook_reaches_nothing_private(services, address):
    outbox = Outbox(services)
    outbox.config = replace(outbox.config, alert_private_targets=False)
    outbox.put(outbox.destination(address))
    assert outbox.send() == {"sent": 0, "failed": 1}
    assert outbox.rows("last_error", "failed_at is null") == [
        ("the address is not on the open internet", False)
    ]


def test_an_address_is_in_no_log_and_no_error(services, caplog, hook):
    caplog.set_level(logging.DEBUG)
    outbox = Outbox(
        services, smtp_url="smtp://user:pa55word@127.0.0.1:1", mail_from="a@example.com"
    )
    places = (
        ("webhook", "http://127.0.0.1:1/T0P5ECRET"),
        ("webhook", f"{hook.url}/fail?T0P5ECRET"),
        ("email", "T0P5ECRET@example.com"),
        ("service", "ntfys://127.0.0.1:1/T0P5ECRET"),
        ("service", "mmost://127.0.0.1:1/T0P5ECRET"),
    )
    for number, (kind, address) in enumerate(places):
        outbox.put(outbox.destination(address, kind, f"place {number}"))
    assert outbox.send() == {"sent": 0, "failed": 5}
    errors = str(outbox.rows("last_error"))
    for why in (
        "no connection to the webhook",
        "answered 500",
        "could not be used",
        "did not take it",
    ):
        assert why in errors
    told = errors + caplog.text
    assert "place 4" in told
    assert [secret for secret in ("T0P5ECRET", "pa55word", "s3cret") if secret in told] == []


def test_the_process_is_one_sends_and_ends_and_leaves_nothing(
    services, hook, tmp_path, monkeypatch
):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    outbox, sender = Outbox(services), Process("messages")
    outbox.put(outbox.destination(hook.url + "/hang"))
    sending.start(outbox.config, outbox.database.dsn, sender)
    first = sender._process
    sending.start(outbox.config, outbox.database.dsn, sender)
    assert first is not None
    assert sender._process is first
    until = time.monotonic() + 30
    while not hook.keys("/hang") and time.monotonic() < until:
        time.sleep(0.05)
    hook.released.set()
    while sender.is_running() and time.monotonic() < until:
        time.sleep(0.05)
    assert first.returncode == 0
    assert not Path(f"/proc/{first.pid}").exists()
    assert outbox.rows("sent_at is not null", "answer") == [(True, "the webhook answered 200")]
    assert not list(tmp_path.glob("*.db"))  # of counters


def test_a_stopped_process_ends_and_what_it_was_sending_goes_again_with_its_key(services, hook):
    outbox, sender = Outbox(services), Process("messages")
    outbox.put(outbox.destination(hook.url + "/hang"), 2)
    sending.start(outbox.config, outbox.database.dsn, sender)
    until = time.monotonic() + 30
    while not hook.keys("/hang") and time.monotonic() < until:
        time.sleep(0.05)
    sender.stop()
    assert sender._process is not None
    assert not Path(f"/proc/{sender._process.pid}").exists()
    hook.released.set()
    run(outbox.database, "update messages set claimed_until = now() - interval '1 s'")
    assert outbox.send() == {"sent": 2, "failed": 0}
    assert sorted(Counter(hook.keys("/hang")).values()) == [1, 2]
