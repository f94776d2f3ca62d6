"""What a message says. Its content holds facts; this makes texts of them, for whoever reads them.

Content of an alert: {"rule": its name, "app": the app's or null, "lines": [{"text", "link"}], "more":
how many lines are left out, "since": an ISO time, "link": of the rule}. Links are paths of the
dashboard. A test has the same. Reports: report.py.
"""

from __future__ import annotations

import re

from stories.alerts.messages import Message

MAX_TITLE = 150

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

_DOT_OF_NAME = re.compile(r"\.(?=[A-Za-z])")


def title(message: Message) -> str:
    """One line: what it is about, how it stands, what it says."""
    content = message.content
    if message.kind == "test":
        return "Stories Analytics: a test message"
    if message.kind == "report":
        return str(content["title"])
    about = content["app"] or "Server"
    lines = content["lines"]
    rest = len(lines) + content["more"]
    says = f"{content['rule']}: {rest} at once" if rest > 1 else lines[0]["text"]
    over = "Over: " if message.kind == "resolved" else ""
    return plain(f"[{about}] {over}{says}")[:MAX_TITLE]


def lines(message: Message, base_url: str) -> list[tuple[str, str]]:
    """(text, link) of each line; the link is "" without BASE_URL."""
    shown = [
        (plain(line["text"]), url(base_url, line["link"])) for line in message.content["lines"]
    ]
    if message.content["more"]:
        shown.append(
            (f"and {message.content['more']} more", url(base_url, message.content["link"]))
        )
    return shown


def text(message: Message, base_url: str) -> str:
    """The whole message as plain text."""
    parts = [f"{says}\n{link}" if link else says for says, link in lines(message, base_url)]
    return "\n\n".join(
        [*parts, f"Since {message.content['since']}. Rule: {plain(message.content['rule'])}"]
    )


def url(base_url: str, path: str) -> str:
    return f"{base_url.rstrip('/')}{path}" if base_url and path else ""


def plain(value: str) -> str:
    """One line without characters that cannot be seen: names of events and titles of crashes come from
    anybody."""
    return " ".join(_CONTROL.sub(" ", value).split())


def neutral(value: str) -> str:
    """The same where a chat would read commands in it: mentions, links and markup of Slack, Discord,
    Telegram and Markdown are broken by a space of no width or a likeness."""
    value = plain(value).replace("<", "\u2039").replace(">", "\u203a").replace("`", "'")
    value = value.replace("@", "@\u200b").replace("](", "] (").replace("://", ":/\u200b/")
    value = _DOT_OF_NAME.sub(".\u200b", value)  # chats make links of example.com, too
    return value.replace("*", "\u2217").replace("||", "| |")
