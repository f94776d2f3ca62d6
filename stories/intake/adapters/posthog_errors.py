"""PostHog's $exception as a crash, or as a handled error."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from models import CrashPayload
from stories.crashes.frames import CONTEXT_WIDTH, MAX_FRAMES, MAX_LINKS
from stories.intake.adapters import fitting, visits
from stories.intake.adapters.people import People
from stories.intake.adapters.posthog_fields import (
    own_properties,
    platform_of,
    sender_of,
    session_of,
)
from stories.intake.adapters.reading import listed, mapping, sent_time, text, truth

AROUND = 3  # lines of source before and behind the call


def crash(
    item: dict[str, Any], moment: datetime, people: People
) -> tuple[CrashPayload, UUID | None]:
    """The crash, and the person to whom the sender's id is linked. Raises Refusal."""
    sent = mapping(item.get("properties"))
    chain = _thrown_first(sent)
    thrown = chain[0] if chain else {}
    mechanism = mapping(thrown.get("mechanism"))
    handled = (
        truth(mechanism.get("handled")) is not False and sent.get("$exception_level") != "fatal"
    )
    rejected = (text(mechanism.get("type")) or "").endswith("onunhandledrejection")
    browser = visits.browser_of(text(sent.get("$raw_user_agent"), 500))
    ours = {
        "sdk": text(sent.get("$lib"), 50),
        "level": text(sent.get("$exception_level"), 20),
        "browser": browser.family,
        "path": visits.origin_path(text(sent.get("$current_url"), 2000)),
    }
    context, _ = fitting.fit(own_properties(sent), ours)
    own_person, linked = sender_of(item, sent, people)
    payload = CrashPayload(
        user_id=own_person,
        app_version=text(sent.get("$app_version")) or "",
        crash_type="unhandled_rejection" if rejected else "uncaught_error",
        error_message=_message(thrown),
        timestamp=sent_time(item.get("timestamp")) or moment,
        os_version=platform_of(sent, browser),
        context=context,
        id=text(item.get("uuid")),
        session_id=session_of(item, sent),
        handled=handled,
    )
    if chain:
        payload.frames = [
            {
                "type": text(link.get("type")),
                "message": text(link.get("value"), 1000),
                "frames": _frames(link),
            }
            for link in chain
        ]
    return payload, linked


def _thrown_first(sent: dict[str, Any]) -> list[dict[str, Any]]:
    """The errors of a chain. What was thrown has no parent, wherever it stands."""
    errors = [mapping(error) for error in listed(sent.get("$exception_list"))[:50]]
    if not errors:  # of SDKs of before
        errors = [{"type": sent.get("$exception_type"), "value": sent.get("$exception_message")}]
    thrown = [e for e in errors if mapping(e.get("mechanism")).get("parent_id") is None]
    causes = [e for e in errors if mapping(e.get("mechanism")).get("parent_id") is not None]
    return [*thrown, *causes][:MAX_LINKS]


def _message(error: dict[str, Any]) -> str:
    parts = (text(error.get("type"), 200), text(error.get("value"), 10_000))
    return ": ".join(part for part in parts if part)


def _frames(error: dict[str, Any]) -> list[dict[str, Any]]:
    """As read_frames wants them, the newest call first. An SDK sends them the other way round."""
    frames = listed(mapping(error.get("stacktrace")).get("frames"))
    return [_frame(mapping(frame)) for frame in reversed(frames[-MAX_FRAMES:])]


def _frame(frame: dict[str, Any]) -> dict[str, Any]:
    file = text(frame.get("abs_path"), 2000) or text(frame.get("filename"), 2000)
    function = text(frame.get("function"))
    before = [text(line) or "" for line in listed(frame.get("pre_context"))[-AROUND:]]
    behind = [text(line) or "" for line in listed(frame.get("post_context"))[:AROUND]]
    kept = {
        "function": None if function == "?" else function,
        "file": (file or "").partition("?")[0].partition("#")[0] or None,
        "line": frame.get("lineno"),
        "column": frame.get("colno"),
        "module": text(frame.get("module")),
        "in_app": truth(frame.get("in_app")),
    }
    line, source = frame.get("lineno"), text(frame.get("context_line"), CONTEXT_WIDTH)
    if source and type(line) is int:
        kept["context"] = [*before, source, *behind]
        kept["context_start"] = max(1, line - len(before))
    return {name: value for name, value in kept.items() if value is not None}
