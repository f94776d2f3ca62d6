"""Messages to chat services, through Apprise: an allow-list of its services whose host is fixed, and,
with ALERT_PRIVATE_TARGETS, those whose address names one. None that acts on this machine.

Apprise's addresses take options: `?template=` reads a file of this machine or fetches an address,
`?verify=no` trusts anybody, `?mode=` sends elsewhere. So an address here has no query, and only the form
that its service needs. Apprise itself is loaded by the process that sends, and by no worker.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from stories.alerts import wording
from stories.alerts.messages import CannotSend, Message
from stories.config import Config

_TEAMS_HOST = r"[a-z0-9.-]{1,200}\.(logic\.azure\.com|api\.powerplatform\.com)(:443)?"
_LOGIN = r"([A-Za-z0-9_.~%-]{1,100}(:[^@/?#\s]{1,200})?@)?"
_HOST = _LOGIN + r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]{1,253})(:\d{1,5})?"


class Service(NamedTuple):
    """form: of what follows the scheme. example: as people write it."""

    name: str
    form: str
    example: str
    names_host: bool = False


SERVICES = {
    "slack": Service(
        "Slack",
        r"([\w .-]{1,80}@)?([A-Za-z0-9]+/[A-Za-z0-9]+/[A-Za-z0-9]+|xox[abp]-[A-Za-z0-9-]+)"
        r"(/[#@+]?[\w.-]{1,80}){0,5}",
        "slack://A/B/C/#channel",
    ),
    "discord": Service("Discord", r"([\w .-]{1,80}@)?\d+/[\w-]+", "discord://id/token"),
    "tgram": Service(
        "Telegram", r"(bot)?\d+:[\w-]+(/-?\d{1,32}|/@?[A-Za-z_][\w-]*){1,5}", "tgram://token/chat"
    ),
    "workflows": Service(
        "Microsoft Teams",
        _TEAMS_HOST + r"(/[\w.~%-]+){2,8}",
        "workflows://host.logic.azure.com/workflow/signature",
    ),
    "pover": Service(
        "Pushover",
        r"[A-Za-z0-9]{20,40}@[A-Za-z0-9]{20,40}(/[\w-]{1,25}){0,5}",
        "pover://user@token",
    ),
    "ntfy": Service("ntfy.sh", r"[A-Za-z0-9_-]{1,64}", "ntfy://topic"),
    "ntfys": Service("ntfy", _HOST + r"(/[A-Za-z0-9_-]{1,64}){1,5}", "ntfys://host/topic", True),
    "mmost": Service("Mattermost", _HOST + r"(/[\w.-]{1,80}){1,8}", "mmost://host/token", True),
    "mmosts": Service("Mattermost", _HOST + r"(/[\w.-]{1,80}){1,8}", "mmosts://host/token", True),
}


def check(address: str, config: Config) -> str | None:
    """What is wrong with an address, in a sentence that does not repeat it; None: nothing."""
    scheme, colon, rest = address.partition("://")
    service = SERVICES.get(scheme)
    if not colon or service is None:
        examples = ", ".join(each.example for each in SERVICES.values())
        return f"address must be like one of {examples}"
    if service.names_host and not config.alert_private_targets:
        return f"{service.name} addresses name a host: set ALERT_PRIVATE_TARGETS to use them"
    if "?" in rest:
        return "address must not have options: leave out what follows the ?"
    if not re.fullmatch(service.form + "/?", rest, re.ASCII):
        return f"address is not like {service.example}"
    return None


def _made(address: str) -> Any:
    import apprise  # 28 MB and seconds: never in a worker

    return apprise.Apprise.instantiate(address, suppress_exceptions=True)


def send(message: Message, config: Config) -> str:
    """Raises CannotSend. Apprise says whether it went, and not why it did not."""
    if problem := check(message.address, config):
        raise CannotSend(problem, is_final=True)
    service = _made(message.address)
    if service is None:
        raise CannotSend("the service has no such address", is_final=True)
    went = service.notify(
        title=wording.neutral(wording.title(message)),
        body=_body(message, config),
        body_format="text",
    )
    if not went:
        raise CannotSend("the service did not take it")
    return "accepted by the service"


def _body(message: Message, config: Config) -> str:
    if message.kind == "report":
        link = wording.url(config.base_url, message.content["report"]["link"])
        lines = [wording.neutral(line) for line in message.content["summary"]]
        return "\n".join([*lines, link] if link else lines)
    parts = []
    for says, link in wording.lines(message, config.base_url):
        parts.append(f"{wording.neutral(says)}\n{link}" if link else wording.neutral(says))
    return "\n\n".join(parts)


def name_of(scheme: str) -> str:
    return SERVICES[scheme].name if scheme in SERVICES else scheme
