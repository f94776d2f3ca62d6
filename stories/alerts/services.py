"""Messages to chat services, through Apprise: those of FIXED, whose host is fixed, and, with
ALERT_PRIVATE_TARGETS, those of ANY_HOST, whose address names one. None that acts on this machine."""

from __future__ import annotations

from stories.alerts import wording
from stories.alerts.messages import CannotSend, Message
from stories.config import Config

# Scheme of Apprise's address -> what people call it. The first reach fixed hosts of their makers.
FIXED = {
    "slack": "Slack",
    "discord": "Discord",
    "tgram": "Telegram",
    "msteams": "Microsoft Teams",
    "workflows": "Microsoft Teams (Workflows)",
    "pover": "Pushover",
    "ntfy": "ntfy.sh",
}
ANY_HOST = {"mmost": "Mattermost", "mmosts": "Mattermost", "ntfys": "ntfy"}


def check(address: str, config: Config) -> str | None:
    """What is wrong with an address, in a sentence that does not repeat it; None: nothing."""
    scheme = address.partition("://")[0].lower()
    if scheme in ANY_HOST and not config.alert_private_targets:
        return f"{ANY_HOST[scheme]} addresses name a host: set ALERT_PRIVATE_TARGETS to use them"
    if scheme not in FIXED and scheme not in ANY_HOST:
        names = ", ".join(f"{scheme}://" for scheme in (*FIXED, *ANY_HOST))
        return f"address must begin with one of {names}"
    if scheme == "ntfy" and _ntfy_host(address) and not config.alert_private_targets:
        return "an ntfy address that names a host needs ALERT_PRIVATE_TARGETS"
    try:
        is_readable = _made(address) is not None
    except TypeError:
        is_readable = False
    return None if is_readable else "address is not one that this service has"


def _ntfy_host(address: str) -> bool:
    """ntfy://topic goes to ntfy.sh; ntfy://host/topic does not."""
    return "/" in address.partition("://")[2].partition("?")[0].strip("/")


def _made(address: str):  # type: ignore[no-untyped-def]
    import apprise  # 28 MB and seconds: never in a worker that sends nothing

    return apprise.Apprise.instantiate(address)


def send(message: Message, config: Config) -> str:
    """Raises CannotSend. Apprise says whether it went, and not why it did not."""
    if problem := check(message.address, config):
        raise CannotSend(problem, is_final=True)
    import apprise

    service = _made(message.address)
    went = service.notify(
        title=wording.neutral(wording.title(message)),
        body=_body(message, config),
        body_format=apprise.NotifyFormat.TEXT,
    )
    if not went:
        raise CannotSend("the service did not take it")
    return "accepted by the service"


def _body(message: Message, config: Config) -> str:
    if message.kind == "report":
        return "\n".join(wording.neutral(line) for line in message.content["summary"])
    parts = []
    for says, link in wording.lines(message, config.base_url):
        parts.append(f"{wording.neutral(says)}\n{link}" if link else wording.neutral(says))
    return "\n\n".join(parts)


def name_of(scheme: str) -> str:
    return {**FIXED, **ANY_HOST}.get(scheme.lower(), scheme)
