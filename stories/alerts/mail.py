"""Messages by mail, through SMTP_URL."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from jinja2 import Environment, FileSystemLoader

from stories.alerts import report, storage, wording
from stories.alerts.messages import CannotSend, Message
from stories.config import ROOT, Config

SECONDS = 20.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")  # whose certificate nobody has signed
MOST_CHARACTERS = 160  # of a name or a title in a report
TEMPLATES = Path(ROOT) / "templates" / "mail"
_environment = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_plain = _environment.overlay(autoescape=False)  # of plain text: nothing in it is markup


def compose(message: Message, config: Config) -> EmailMessage:
    """The mail of a message: plain text and HTML. Its Message-ID is the message's own, so that one that
    goes twice can be told."""
    mail = EmailMessage()
    mail["From"] = config.mail_from
    mail["To"] = message.address
    mail["Subject"] = wording.title(message)
    mail["Date"] = formatdate(message.created_at.timestamp())
    mail["Message-ID"] = f"<{message.message_id}@{config.mail_from.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday note answers
    if message.kind == "report":
        leave = wording.url(config.base_url, message.content.get("unsubscribe", ""))
        if leave.startswith("https://"):  # RFC 8058 wants it; programs of mail post there
            mail["List-Unsubscribe"] = f"<{leave}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        name, shown = "report", shown_report(message.content, config)
    else:
        name, shown = "alert", _shown_alert(message, config)
    mail.set_content(render(name, "txt", shown))
    mail.add_alternative(render(name, "html", shown), subtype="html")
    return mail


def render(name: str, kind: str, shown: dict[str, Any]) -> str:
    """kind: html or txt."""
    environment = _environment if kind == "html" else _plain
    return environment.get_template(f"{name}.{kind}").render(shown)


def shown_report(content: dict[str, Any], config: Config) -> dict[str, Any]:
    """What the templates of a report work with."""
    told = content["report"]
    return {
        **told,
        "nothing": report.NOTHING,
        "storage_words": storage.in_words(told["storage"]) if told["storage"] else "",
        "leave": wording.url(config.base_url, content["unsubscribe"]),
        "url": lambda path: wording.url(config.base_url, path),
        "shown": report.shown,
        "people": report.people,
        "plain": _short,
    }


def _short(value: str) -> str:
    """Programs of mail cut off a mail of more than 100 KB, so every text in it has a bound."""
    text = wording.plain(value)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}\u2026"


def _shown_alert(message: Message, config: Config) -> dict[str, Any]:
    return {
        "title": wording.title(message),
        "kind": message.kind,
        "lines": wording.lines(message, config.base_url),
        "since": message.content["since"],
        "rule": wording.plain(message.content["rule"]),
        "rule_link": wording.url(config.base_url, message.content["link"]),
    }


@cache
def _tls() -> ssl.SSLContext:
    """Made once: it reads all certificates that are trusted."""
    return ssl.create_default_context()


def send(message: Message, config: Config) -> str:
    """Returns what the server of mail said. Raises CannotSend."""
    if not config.smtp_url:
        raise CannotSend("SMTP_URL is not set, so no mail can be sent")
    if not config.mail_from:
        raise CannotSend("MAIL_FROM is not set, so no mail can be sent")
    parts = urlsplit(config.smtp_url)
    host, secure = parts.hostname or "", parts.scheme == "smtps"
    tls = _tls()
    try:
        if secure:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, parts.port or 465, timeout=SECONDS, context=tls
            )
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=SECONDS)
        with server:
            server.ehlo_or_helo_if_needed()
            offers = server.has_extn("starttls") and host not in LOOPBACK
            if not secure and (parts.username or offers):
                server.starttls(context=tls)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(compose(message, config))
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise CannotSend(f"the mail server refused the address ({code})", code >= 500) from None
    except smtplib.SMTPResponseException as error:
        raise CannotSend(f"the mail server answered {error.smtp_code}") from None
    except (OSError, smtplib.SMTPException) as error:
        raise CannotSend(f"the mail server could not be used ({type(error).__name__})") from None
    return "accepted by the mail server"
