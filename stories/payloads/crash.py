"""What becomes of the body of POST /crash: a crash, or the event of a handled error, and its group.

All text is scrubbed first, so that the fingerprint is a function of what is stored and group_names
holds nothing of a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from models import (
    RULES,
    CrashPayload,
    CrashRow,
    EventRow,
    Refusal,
    Repeats,
    check_level,
    check_size,
    is_other_channel,
    left_out,
    moment,
    storable,
)
from stories import catalogue
from stories.catalogue import App
from stories.crashes.frames import (
    CONTEXT_FRAMES,
    MAX_FRAMES,
    MAX_LINKS,
    MAX_TEXT,
    Frame,
    Link,
    is_chain,
    read_frames,
)
from stories.crashes.grouping import Grouping, group
from stories.crashes.patterns import read_patterns
from stories.privacy import labels, scrub

MAX_MESSAGE, MAX_STACK = 4_000, 64_000
MAX_THIN_MESSAGE = 200
OTHER = "other"  # a version or a system that is none
MAX_FINGERPRINT, MAX_PART = 20, 200
MAX_TYPE = 100
MAX_FRAME_TEXT = 400  # characters of a function, a file, a line of source
MAX_FRAMES_TEXT = 32_000  # of all frames: a hundred with source lines have 22,000
MEMBERS = tuple(field.name for field in msgspec.structs.fields(Frame))
# Members that scrubbing would take for keys: a debug id is 32 hex digits and more.
NUMBERS = {
    "address": re.compile("0x[0-9A-Fa-f]{1,16}"),
    "build": re.compile("[0-9A-Fa-f-]{1,64}"),
}
CUT_ROOM = 1_000


class GroupName(Struct):
    """A row of `group_names`: what a fingerprint stands for."""

    app_id: int
    fingerprint: bytes
    title: str
    culprit: str
    crash_type: str
    raw: bool
    handled: bool
    why: list[str]
    keys: list[str]


class HandledRow(EventRow, kw_only=True):
    """The event `error_handled`, and what `error_details` keeps of the error."""

    detail: dict[str, Any] | None


@dataclass
class Report:
    """A crash or a handled error, ready to be stored."""

    row: CrashRow | HandledRow
    name: GroupName  # of its own group
    version: str | None
    fingerprint: bytes  # of the group that it is counted in

    def count_in(self, fingerprint: bytes) -> None:
        """Count it in another group. Its own fingerprint is the first of `also` then, and of a handled
        error, whose thin row tells nothing, what names its own group is kept."""
        self.fingerprint = fingerprint
        if isinstance(self.row, CrashRow):
            self.row.also = [self.name.fingerprint, *(self.row.also or ())]
            self.row.fingerprint = fingerprint
        else:
            properties = self.row.properties or {}
            self.row.properties = {
                **properties,
                "fingerprint": fingerprint.hex(),
                "also": [self.name.fingerprint.hex(), *properties.get("also", ())],
                "title": self.name.title,
                "crash_type": self.name.crash_type,
            }

    def thin(self) -> None:
        """Leave only what is counted: the row, without what makes it long."""
        self.row.detail = None
        if isinstance(self.row, CrashRow):
            self.row.stack_trace = self.row.context = None
            self.row.error_message = self.row.error_message[:MAX_THIN_MESSAGE]


def read_report(item: CrashPayload, app: App, now: datetime, person_key: bytes) -> Report:
    """The body, scrubbed and cut to size; what was cut or left out is noted in its context under
    `_notes`. Raises Refusal."""
    if item.crash_type not in catalogue.CRASH_TYPES:
        raise Refusal("invalid_crash_type", f"crash_type {RULES['crash_type']}")
    when = moment(item.timestamp, app, now)
    item.timestamp = when
    handled = item.handled is True
    key = _key(item, app, handled)
    texts = _Texts()
    version = texts.version(item.app_version)
    os_version = texts.system(item.os_version)
    message = texts.cut("error_message", item.error_message, MAX_MESSAGE) or ""
    stack = texts.cut("stack_trace", item.stack_trace, MAX_STACK)
    context = texts.context(item.context)
    fingerprint = texts.fingerprint(item.fingerprint)
    chain = texts.frames(item.frames)
    channel = labels.channel(item.channel or None)
    if is_other_channel(item.channel, channel):
        texts.notes["channel"] = "left out"
    if texts.notes:
        said = (context or {}).get("_notes")  # by an adapter, of what did not fit
        said = said if isinstance(said, dict) else {}
        context = {**(context or {}), "_notes": {**said, **texts.notes}}

    sent_chain = None if chain is None else msgspec.to_builtins(chain)
    grouping = group(
        item.crash_type,
        message,
        stack,
        chain=chain,
        client_fingerprint=fingerprint,
        patterns=read_patterns(app.grouping),
        former=[read_patterns(setting) for setting in app.former_groupings],
    )
    if chain is not None and not stack:
        stack = rendered(chain)[:MAX_STACK]
    common: dict[str, Any] = {
        "app_id": app.app_id,
        "user_id": item.user_id,
        "timestamp": when,
        "dedupe_key": key,
        "session_id": labels.session_id(item.session_id, app.app_id, person_key),
        "channel": channel,
    }
    row: CrashRow | HandledRow
    if handled:
        detail = {
            "error_message": message,
            "stack_trace": stack,
            "context": context,
            "chain": sent_chain,
        }
        row = _handled_row(common, item, grouping, version, detail)
    else:
        row = CrashRow(
            **common,
            crash_type=item.crash_type,
            # In the row itself: the notes go when the crash is thinned.
            app_version=version or (OTHER if item.app_version else ""),
            os_version=os_version,
            error_message=message,
            stack_trace=stack,
            context=context,
            fingerprint=grouping.fingerprint,
            also=grouping.also or None,
            detail=None if sent_chain is None else {"chain": sent_chain},
        )
    name = _name(item.crash_type, app, grouping, handled)
    return Report(row, name, version, grouping.fingerprint)


def _key(item: CrashPayload, app: App, handled: bool) -> int:
    repeats = Repeats(app.app_id)
    if item.id is not None:  # a crash and an event may have the same one
        return repeats.key(item, f"{catalogue.ERROR_HANDLED}\0{item.id}" if handled else item.id)
    try:
        return repeats.key(item, None)
    except UnicodeEncodeError:  # half a surrogate pair in what is too large to be kept
        plain = {"context": None, "frames": UNSET, "fingerprint": UNSET}
        return repeats.key(msgspec.structs.replace(item, **plain), None)


def _handled_row(
    common: dict[str, Any],
    item: CrashPayload,
    grouping: Grouping,
    version: str | None,
    detail: dict[str, Any],
) -> HandledRow:
    platform = labels.platform(item.os_version)
    notes = left_out(app_version=(item.app_version, version), platform=(item.os_version, platform))
    properties: dict[str, Any] = {
        "fingerprint": grouping.fingerprint.hex(),
        "type": _type_of(grouping) or item.crash_type,
    }
    if grouping.also:
        properties["also"] = [other.hex() for other in grouping.also]
    return HandledRow(
        **common,
        event=catalogue.ERROR_HANDLED,
        app_version=version,
        platform=platform,
        country=None,
        properties={**properties, "_notes": notes} if notes else properties,
        detail={name: value for name, value in detail.items() if value is not None},
    )


def crash_id(row: CrashRow | HandledRow) -> str:
    """The name of a crash in URLs and answers: its dedupe key as 16 hex digits."""
    return crash_name(row.dedupe_key)


def crash_name(dedupe_key: int) -> str:
    return f"{dedupe_key & 0xFFFF_FFFF_FFFF_FFFF:016x}"


def rendered(chain: list[Link]) -> str:
    """Frames as the text of a stack, for a crash that came without one."""
    lines = []
    for number, link in enumerate(chain):
        head = ": ".join(part for part in (link.type, link.message) if part)
        if head or number:
            lines.append(f"Caused by: {head}" if number else head)
        for frame in link.frames:
            place = ":".join(
                str(part) for part in (frame.file, frame.line, frame.column) if part is not None
            )
            lines.append(f"    at {frame.function or '<anonymous>'} ({place})")
    return "\n".join(lines)


def _name(crash_type: str, app: App, grouping: Grouping, handled: bool) -> GroupName:
    return GroupName(
        app_id=app.app_id,
        fingerprint=grouping.fingerprint,
        title=grouping.title,
        culprit=grouping.culprit,
        crash_type=crash_type,
        raw=grouping.raw,
        handled=handled,
        why=grouping.why,
        keys=grouping.keys,
    )


def _type_of(grouping: Grouping) -> str:
    """The error's type, such as TypeError: a name of code, never a sentence. Empty without one."""
    name = grouping.chain[0].type
    is_name = name.replace(".", "").replace("_", "").isalnum() and len(name) <= MAX_TYPE
    return name if is_name else ""


class _Texts:
    """Scrubs and cuts the fields of one report; `notes` says what happened to them."""

    def __init__(self) -> None:
        self.notes: dict[str, str] = {}

    def cut(self, name: str, text: str | None, most: int) -> str | None:
        if text is None:
            return None
        clean, is_whole = _clean(text, most)
        if not is_whole:
            self.notes[name] = f"cut from {len(text)} characters"
        return clean

    def system(self, text: str | None) -> str | None:
        """A system's name and version. What is none could be anything: it counts as "other", and stands
        in the notes as long as the crash is kept."""
        clean = self.cut("os_version", text, 50) or None
        system = labels.platform(clean)
        if clean is None or system == clean:
            return clean
        self.notes.setdefault("os_version", clean)
        return system or OTHER

    def version(self, text: str) -> str | None:
        version = labels.version(text)
        if text and version != text:
            self.notes["app_version"] = (
                f"cut from {len(text)} characters" if version else "left out: no version"
            )
        return version

    def context(self, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is None:
            return None
        try:
            check_level(value, 1, "context")  # before it is walked
            value = storable(value)
            check_size(value, "context")
            clean: dict[str, Any] = scrub.value(value)
            return clean
        except Refusal as refusal:
            self.notes["context"] = f"left out: {refusal.sentence}"
            return None

    def fingerprint(self, value: Any) -> list[str] | None:
        if value is UNSET or value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            self.notes["fingerprint"] = "left out: fingerprint must be a list of texts"
            return None
        if len(value) > MAX_FINGERPRINT or any(len(part) > MAX_PART for part in value):
            self.notes["fingerprint"] = f"cut to {MAX_FINGERPRINT} texts of {MAX_PART} characters"
        return [_clean(storable(part), MAX_PART)[0] for part in value[:MAX_FINGERPRINT]] or None

    def frames(self, value: Any) -> list[Link] | None:
        if value is UNSET or value is None:
            return None
        try:
            if isinstance(value, list | dict):
                check_level(value, 1, "frames")  # before it is walked
            return read_frames(_FrameTexts().value(storable(value))) or None
        except Refusal as refusal:
            is_long = refusal.code == "properties_too_large"
            sentence = "frames holds too many values" if is_long else refusal.sentence
        except ValueError as error:
            sentence = str(error)
        self.notes["frames"] = f"left out: {sentence}"
        return None


def _clean(text: str, most: int) -> tuple[str, bool]:
    """Text scrubbed and cut, and whether nothing is missing. It is cut before scrubbing, so that a
    hostile megabyte costs nothing; what stands at that edge may be half a secret that no pattern
    knows, so the last stretch of it goes too."""
    clean = scrub.text(text[: most + CUT_ROOM])
    if len(text) > most + CUT_ROOM:
        clean = clean[: max(0, len(clean) - CUT_ROOM)]
    return clean[:most], len(text) <= most and len(clean) <= most


class _FrameTexts:
    """Scrubs the frames of a crash as they were sent, before read_frames cuts them, until `left`
    characters have been looked at: scrubbing is what costs."""

    def __init__(self) -> None:
        self.left = MAX_FRAMES_TEXT

    def value(self, value: Any) -> Any:
        """The same lists and objects, as many as are read of them; what else is wrong stays so."""
        if not isinstance(value, list):
            return value
        if value and isinstance(value[0], list):
            return [self.value(frames) for frames in value[:MAX_LINKS]]
        if value and is_chain(value):
            return [self._link(item) for item in value[:MAX_LINKS]]
        return [
            self._frame(frame, n < CONTEXT_FRAMES) for n, frame in enumerate(value[:MAX_FRAMES])
        ]

    def _link(self, item: Any) -> Any:
        if not isinstance(item, dict):
            return item
        named = {
            name: item[name] for name in ("type", "message") if isinstance(item.get(name), str)
        }
        return {
            **{name: _clean(text, MAX_TEXT)[0] for name, text in named.items()},
            "frames": self.value(item.get("frames")),
        }

    def _frame(self, frame: Any, with_context: bool) -> Any:
        if not isinstance(frame, dict):
            return frame
        return {
            name: self._member(name, frame[name])
            for name in MEMBERS
            if name in frame and (with_context or name != "context")
        }

    def _member(self, name: str, item: Any) -> Any:
        if isinstance(item, list):
            return [self._member(name, line) for line in item[:MAX_FRAMES]]
        if (form := NUMBERS.get(name)) is not None:
            return item if isinstance(item, str) and form.fullmatch(item) else None
        return self._text(item) if isinstance(item, str) else item

    def _text(self, text: str) -> str:
        if self.left <= 0:
            return ""
        self.left -= min(len(text), MAX_FRAME_TEXT + CUT_ROOM)
        return _clean(text, MAX_FRAME_TEXT)[0]
