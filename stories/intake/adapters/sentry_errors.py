"""An event of Sentry's as a crash or a handled error.

Stored once by its event_id and its time; SDKs send it once, and Electron's again where there was no
connection, with the same two.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from models import CrashPayload
from stories.intake.adapters.reading import listed, mapping, text
from stories.intake.adapters.sentry_context import read_context
from stories.intake.adapters.sentry_frames import read_chain
from stories.intake.adapters.sentry_person import Sender
from stories.payloads.crash import MAX_MESSAGE

MESSAGE = "message"  # the kind of what is left out: messages below the level error
REJECTION = "onunhandledrejection"
PROCESS_ENDED = "' process exited with '"  # Electron's SDK of a process, named before


def read_error(event: dict[str, Any], sender: Sender) -> CrashPayload | None:
    """None: a message that says of no error, such as captureMessage("signed in")."""
    values = exceptions(event)
    thrown = values[-1] if values else {}
    mechanism = mapping(thrown.get("mechanism"))
    crash_type = _crash_type(event, mechanism)
    is_message = not values or (mechanism.get("synthetic") is True and not thrown.get("type"))
    if crash_type is None and is_message and event.get("level", "error") != "error":
        return None
    chain = read_chain(event, values)
    kind, message = chain[0]["type"], chain[0]["message"]
    message = message or (_message(event) if is_message else "")
    return CrashPayload(
        user_id=sender.person(event),
        app_version=release_version(event.get("release")),
        crash_type=crash_type or "uncaught_error",
        error_message=f"{kind}: {message}" if kind and message else kind or message,
        timestamp=sender.time(event.get("timestamp")),
        os_version=sender.system(event),
        context=read_context(event, text(mechanism.get("type"))) or None,
        id=sender.event_id(event),
        fingerprint=event.get("fingerprint", UNSET),
        frames=chain,
        handled=True if crash_type is None else UNSET,
    )


def exceptions(event: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of the event, each {type, value, mechanism, stacktrace}: causes first, the thrown one
    last. Older SDKs send a list, or one alone."""
    sent = event.get("exception")
    values = mapping(sent).get("values")
    if isinstance(sent, list):
        values = sent
    elif values is None and mapping(sent).get("type"):
        values = [sent]
    return [each for each in listed(values) if isinstance(each, dict)]


def release_version(release: Any) -> str:
    """ "stories@1.2.3" is version 1.2.3."""
    return (text(release) or "").rpartition("@")[2]


def _crash_type(event: dict[str, Any], mechanism: dict[str, Any]) -> str | None:
    """None: an error that was handled, or a message. The mechanism is that of the thrown exception:
    its causes were handled by being wrapped."""
    tags, is_fatal = mapping(event.get("tags")), event.get("level") == "fatal"
    if tags.get("event.environment") == "native":
        return "renderer_crash" if tags.get("event.process") == "renderer" else "main_crash"
    if (
        is_fatal
        and not mechanism
        and PROCESS_ENDED in (message := text(event.get("message")) or "")
    ):
        return "renderer_crash" if message.startswith("'renderer'") else "main_crash"
    is_unhandled = mechanism.get("handled") is False
    if is_unhandled and (text(mechanism.get("type")) or "").endswith(REJECTION):
        return "unhandled_rejection"
    return "uncaught_error" if is_unhandled or is_fatal else None


def _message(event: dict[str, Any]) -> str:
    """The text as the program has it, before values were put in: what it says then is the same for
    all, and the whole stands in the context."""
    entry = event.get("logentry")
    message = event.get("message")
    for sent in (mapping(entry).get("message"), mapping(entry).get("formatted"), message):
        if words := text(sent, MAX_MESSAGE):
            return words
    return text(mapping(message).get("formatted"), MAX_MESSAGE) or ""
