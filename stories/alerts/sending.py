"""Sends what is due, and ends when nothing is: `python aggregator.py messages`.

A process of its own, started by a worker when something waits: Apprise takes 28 MB and a second or more
to load, and a destination that hangs must hold up no worker. Several may run; each claims its own.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime

from database import Database, Unavailable
from stories.alerts import mail, services, webhook, wording
from stories.alerts.messages import CannotSend, Message, Queue
from stories.config import ROOT, Config
from stories.images.guard import Guard

log = logging.getLogger("stories.alerts")

THREADS = 4  # a destination that hangs keeps one of them


def start(config: Config, dsn: str) -> subprocess.Popen[bytes]:
    """The process that sends, with the settings that this one has."""
    settings = {
        "DATABASE_URL": dsn,
        "SMTP_URL": config.smtp_url,
        "MAIL_FROM": config.mail_from,
        "BASE_URL": config.base_url,
        "ALERT_PRIVATE_TARGETS": str(config.alert_private_targets).lower(),
    }
    return subprocess.Popen(
        [sys.executable, str(ROOT / "aggregator.py"), "messages"],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def send_due(config: Config, database: Database) -> dict[str, int]:
    """Returns {"sent", "failed"}: messages and attempts. Raises nothing that a destination causes."""
    queue, counts = Queue(database), Counter({"sent": 0, "failed": 0})

    def work() -> None:
        try:
            while (message := queue.claim()) is not None:
                counts["sent" if _try(queue, message, config) else "failed"] += 1
        except Unavailable as error:  # claims end by themselves
            log.error("messages are not sent for now: %s", error)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return dict(counts)


def _try(queue: Queue, message: Message, config: Config) -> bool:
    try:
        send(message, config)
    except CannotSend as error:
        log.warning("a message to %s was not sent: %s", message.name, error.sentence)
        queue.not_sent(message, error)
        return False
    queue.sent(message)
    return True


def send(message: Message, config: Config, now: datetime | None = None) -> str:
    """Send one message; returns what came back. Raises CannotSend."""
    try:
        if message.destination_kind == "email":
            return mail.send(message, config)
        if message.destination_kind == "service":
            return services.send(message, config)
        private = config.alert_private_targets
        guard = Guard(any_port=private, allow_private=private)
        return webhook.send(message, _payload(message, config), guard, now or datetime.now(UTC))
    except CannotSend:
        raise
    except Exception as error:  # a library's own: its text may hold the address
        log.error("a message to %s failed", message.name, exc_info=False)
        raise CannotSend(f"it could not be sent ({type(error).__name__})") from None


def _payload(message: Message, config: Config) -> dict[str, object]:
    payload: dict[str, object] = {"title": wording.title(message)}
    if message.kind == "report":
        return {**payload, "report": message.content["report"]}
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
