"""Sends what is due, and ends when nothing is: `python aggregator.py messages`.

A process of its own, started by a worker when something waits: Apprise takes 28 MB and a second or more
to load, and a destination that hangs must hold up no worker. Several may run; each claims its own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from queue import Empty, SimpleQueue

from database import Database, Unavailable
from stories.alerts import mail, services, webhook, wording
from stories.alerts.messages import CLAIM_SECONDS, CannotSend, Message, Queue
from stories.config import Config
from stories.images.guard import Guard
from stories.operation.process import Process, asked_to_end

log = logging.getLogger("stories.alerts")

THREADS = 8  # one message each; of one destination one at a time, so that one that hangs keeps one
HANGS_SECONDS = CLAIM_SECONDS - 20.0  # then nobody waits for the answer any more
TAKE_SECONDS = 0.5  # how often it looks for messages that have come meanwhile
NOTE_PAUSES = (0.5, 2.0, 5.0)  # between attempts to note what was sent


PROCESS = Process("messages")  # of this worker


def start(config: Config, dsn: str, process: Process = PROCESS) -> None:
    """Start the process with the settings that this one has, unless it runs. What it was sending when
    a worker ended it goes again, with its id."""
    settings = {
        "SMTP_URL": config.smtp_url,
        "MAIL_FROM": config.mail_from,
        "BASE_URL": config.base_url,
        "ALERT_PRIVATE_TARGETS": str(config.alert_private_targets).lower(),
    }
    process.start(dsn, settings)


def send_due(config: Config, database: Database, stopped: threading.Event) -> dict[str, int]:
    """Send until nothing is due, or it is stopped; what is on its way then is waited for. Returns
    {"sent", "failed"}: messages and attempts. Raises Unavailable."""
    _silence_libraries()
    queue, counts = Queue(database), Counter({"sent": 0, "failed": 0})
    queue.give_up()
    ended: SimpleQueue[tuple[Message, bool]] = SimpleQueue()
    began: dict[Message, float] = {}

    def work(message: Message) -> None:
        went = False
        try:
            went = _try(queue, message, config)
        except Unavailable as error:  # the claim ends by itself, and it goes again with its id
            log.error("what became of a message to %s was not noted: %s", message.name, error)
        finally:
            ended.put((message, went))

    while True:
        while not stopped.is_set() and len(began) < THREADS and (message := queue.claim()):
            began[message] = time.monotonic()
            # A daemon: one that hangs for ever does not keep the process.
            threading.Thread(target=work, args=(message,), daemon=True).start()
        if not began:
            return dict(counts)
        with suppress(Empty):
            message, went = ended.get(timeout=TAKE_SECONDS)
            counts["sent" if went else "failed"] += 1
            began.pop(message, None)
        for message in [
            each for each, at in began.items() if time.monotonic() - at > HANGS_SECONDS
        ]:
            log.warning("a message to %s hangs", message.name)
            queue.not_sent(message, CannotSend(f"no answer for {HANGS_SECONDS:.0f} seconds"))
            del began[message]


def send_until_stopped(config: Config, database: Database) -> dict[str, int]:
    """send_due() as a process of its own, which a signal asks to end."""
    return send_due(config, database, asked_to_end())


def _silence_libraries() -> None:
    """Their logs hold addresses, which are secrets."""
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _try(queue: Queue, message: Message, config: Config) -> bool:
    try:
        answer = send(message, config)
    except CannotSend as error:
        log.warning("a message to %s was not sent: %s", message.name, error.sentence)
        queue.not_sent(message, error)
        return False
    for pause in NOTE_PAUSES:
        with suppress(Unavailable):
            queue.sent(message, answer)
            return True
        time.sleep(pause)
    queue.sent(message, answer)
    return True


def send(message: Message, config: Config, now: datetime | None = None) -> str:
    """Send one message; returns what came back. Raises CannotSend."""
    try:
        if message.destination_kind == "email":
            return mail.send(message, config)
        if message.destination_kind == "service":
            return services.send(message, config)
        guard = _guard(config.alert_private_targets)
        return webhook.send(message, _payload(message, config), guard, now or datetime.now(UTC))
    except CannotSend:
        raise
    except Exception as error:  # a library's own: its text may hold the address
        raise CannotSend(f"it could not be sent ({type(error).__name__})") from None


@cache
def _guard(private: bool) -> Guard:
    """Made once: it reads all certificates that are trusted."""
    return Guard(any_port=private, allow_private=private)


def _payload(message: Message, config: Config) -> dict[str, object]:
    payload: dict[str, object] = {"title": wording.title(message)}
    if message.kind == "report":
        told = message.content["report"]
        return {
            **payload,
            "link": wording.url(config.base_url, told["link"]) or None,
            "report": told,
        }
    lines = [
        {"text": text, "link": link or None}
        for text, link in wording.lines(message, config.base_url)
    ]
    content = message.content
    return {
        **payload,
        "rule": content["rule"],
        "app": content["app"],
        "since": content["since"],
        "lines": lines,
    }
