"""What becomes of the body of POST /crash: a crash, or the event of a handled error, and its group.

All text is scrubbed first, so that the fingerprint is a function of what is stored and group_names
holds nothing of a person.
"""

from __future__ import annotations

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
    is_other_channel,
    left_out,
    moment,
)
from stories import catalogue
from stories.catalogue import App
from stories.crashes.frames import Link
from stories.crashes.grouping import Grouping, group
from stories.crashes.patterns import read_patterns
from stories.crashes.stacks import read_stack
from stories.crashes.wanted import add_debug_ids, is_script, wanted
from stories.dedupe import Repeats
from stories.payloads.crash_texts import OTHER, Texts
from stories.privacy import labels

MAX_MESSAGE, MAX_STACK = 4_000, 64_000
MAX_THIN_MESSAGE = 200
MAX_TYPE = 100


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
    wants: list[str] | None = None
    follows: bool = False


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
        is_own_group = self.fingerprint == self.name.fingerprint
        self.row.follows, self.row.wants = bool(self.row.wants) and is_own_group, None
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
    texts = Texts()
    version = texts.version(item.app_version)
    os_version = texts.system(item.os_version)
    message = texts.cut("error_message", item.error_message, MAX_MESSAGE) or ""
    stack = texts.cut("stack_trace", item.stack_trace, MAX_STACK)
    context = texts.context(item.context)
    fingerprint = texts.fingerprint(item.fingerprint)
    chain = texts.frames(item.frames)
    debug_ids = texts.debug_ids(item.debug_ids)
    add_debug_ids(chain or (), debug_ids)
    channel = labels.channel(item.channel or None)
    if is_other_channel(item.channel, channel):
        texts.notes["channel"] = "left out"
    if texts.notes:
        said = (context or {}).get("_notes")  # by an adapter, of what did not fit
        said = said if isinstance(said, dict) else {}
        context = {**(context or {}), "_notes": {**said, **texts.notes}}

    grouping = group(
        item.crash_type,
        message,
        stack,
        chain=chain,
        client_fingerprint=fingerprint,
        patterns=read_patterns(app.grouping),
        former=[read_patterns(setting) for setting in app.former_groupings],
    )
    kept_chain = chain
    if chain is None and stack and (version or debug_ids) and _has_scripts(grouping.chain):
        kept_chain = read_stack(stack)  # again: the grouping's has marks
        add_debug_ids(kept_chain, debug_ids)
    wants = wanted(kept_chain or (), version) or None
    detail: dict[str, Any] = {}
    if kept_chain is not None and (chain is not None or wants):
        detail["chain"] = msgspec.to_builtins(kept_chain)
        if fingerprint:
            detail["fingerprint"] = fingerprint
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
        detail |= {"error_message": message, "stack_trace": stack, "context": context}
        row = _handled_row(common, item, grouping, version, detail)
        row.wants = wants
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
            detail=detail or None,
            wants=wants,
        )
    name = group_name(item.crash_type, app, grouping, handled)
    return Report(row, name, version, grouping.fingerprint)


def _key(item: CrashPayload, app: App, handled: bool) -> int:
    repeats = Repeats(app.app_id)
    if item.id is not None:  # a crash and an event may have the same one
        return repeats.key(item, f"{catalogue.ERROR_HANDLED}\0{item.id}" if handled else item.id)
    try:
        return repeats.key(item, None)
    except UnicodeEncodeError:  # half a surrogate pair in what is too large to be kept
        plain = {"context": None, "frames": UNSET, "fingerprint": UNSET, "debug_ids": UNSET}
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


def _has_scripts(chain: list[Link]) -> bool:
    return any(is_script(frame) for link in chain for frame in link.frames)


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


def group_name(crash_type: str, app: App, grouping: Grouping, handled: bool) -> GroupName:
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
