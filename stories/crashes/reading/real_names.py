"""The frames of stored crashes with the names that symbols gave them; of the others, why they have none.

What symbols gave is stored with a crash (error_details.detail.symbols). Why a frame has nothing is told
when it is read: what was missing when the crash came may have been uploaded since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from database import Row, Transaction
from stories.catalogue import App
from stories.crashes.frames import Frame, Link, NamedFrame
from stories.crashes.grouping import group
from stories.crashes.patterns import read_patterns
from stories.crashes.wanted import (
    file_name,
    is_native,
    is_script,
    key_of,
    plain_debug_id,
)

# Of a frame in `frames`; those of `chain` have all of NamedFrame.
SHOWN = (
    *("function", "file", "line", "column", "module", "address", "in_app"),
    *("context", "context_start", "raw", "why", "trust"),
)
WAITS = "It waits for its names."
MAX_TEXT_FRAMES = 60

Key = tuple[Any, Any, int]  # user_id, timestamp, dedupe_key


class Named(Struct):
    """A crash's chain. is_raw: names of its own functions are minified, or missing. mapped: symbols
    gave some frame its names."""

    chain: list[Link]
    is_raw: bool

    @property
    def mapped(self) -> bool:
        return any(frame.raw for frame in self.frames())

    def frames(self) -> Iterable[NamedFrame]:
        return (frame for link in self.chain for frame in link.frames)  # type: ignore[misc]


class Uploads(Struct):
    """What an app has uploaded, as far as some crashes are concerned. keys: of those that their frames
    want. has_any: anything at all. waiting: crashes that are mapped in a moment."""

    keys: frozenset[str] = frozenset()
    has_any: bool = False
    waiting: frozenset[Key] = frozenset()


NOTHING = Uploads()


def named(app: App, row: Row) -> Named:
    """row: of crashes/group_crashes. The error and its causes, as an SDK sent them, else read from the
    stack, with the names of symbols. Whose code a frame is in follows the app's patterns of today."""
    detail = row["detail"] or {}
    sent = detail.get("chain")
    patterns = read_patterns(app.grouping)
    message = row["error_message"] or ""
    chain = msgspec.convert(sent, list[Link]) if sent else None
    grouping = group(row["crash_type"], message, row["stack_trace"], chain=chain, patterns=patterns)
    given = (detail.get("symbols") or {}).get("chain")
    if given:
        of_links = msgspec.convert(given, list[list[NamedFrame]])
        links = list(grouping.chain)
        for link, frames in zip(links, of_links, strict=False):
            link.frames = [*frames] or link.frames
        grouping = group(row["crash_type"], message, None, chain=links, patterns=patterns)
    for link in grouping.chain:
        link.frames = [_named(frame) for frame in link.frames]
    return Named(grouping.chain, grouping.raw)


def _named(frame: Frame) -> NamedFrame:
    return frame if isinstance(frame, NamedFrame) else NamedFrame(**msgspec.structs.asdict(frame))


def read_uploads(tx: Transaction, app: App, rows: Sequence[Row], crashes: list[Named]) -> Uploads:
    """rows: of crashes/group_crashes, of the same crashes. One statement, or none for crashes whose
    frames no upload could name."""
    keys = {
        key
        for row, crash in zip(rows, crashes, strict=True)
        for frame in crash.frames()
        if (key := key_of(frame, row["app_version"])) is not None
    }
    if not keys and not any(is_native(frame) for crash in crashes for frame in crash.frames()):
        return NOTHING
    answer = tx.row(
        "crashes/uploads_for",
        app_id=app.app_id,
        keys=sorted(keys),
        user_ids=[row["user_id"] for row in rows],
        timestamps=[row["timestamp"] for row in rows],
        dedupe_keys=[row["dedupe_key"] for row in rows],
    )
    assert answer is not None
    waiting = set(answer["waiting"])
    return Uploads(
        frozenset(answer["keys"]),
        answer["has_any"],
        frozenset(key_of_row(row) for row in rows if row["dedupe_key"] in waiting),
    )


def key_of_row(row: Row) -> Key:
    return row["user_id"], row["timestamp"], row["dedupe_key"]


def explain(crash: Named, row: Row, uploads: Uploads) -> None:
    """Give each frame that has no other names its `why`. Where the names can be read as they are, and
    the app has never uploaded anything, there is nothing to be said."""
    if not (crash.is_raw or uploads.has_any):
        return
    waits = key_of_row(row) in uploads.waiting
    for frame in crash.frames():
        if frame.raw is None and (frame.why is None or waits):
            frame.why = why_raw(frame, row["app_version"], uploads.keys, waits=waits)


def why_raw(
    frame: Frame, release: str | None, uploaded: frozenset[str], *, waits: bool = False
) -> str | None:
    """Why a frame has no names but its own, a sentence; None of one that no upload could name.
    release: the crash's version. uploaded: keys of uploads. waits: the crash does."""
    native = frame.address is not None and not frame.function
    if not native and not is_script(frame) and not is_native(frame):
        return None
    key = key_of(frame, release)
    if key in uploaded:
        return WAITS if waits else _NOT_AGAIN
    debug_id = plain_debug_id(frame.build)
    if frame.address is not None:
        module = file_name(frame.module or frame.file or "") or "its module"
        if debug_id is None:
            return f"The crash names no debug id of {module}."
        return f"No symbols are there for {module} with the debug id {debug_id}."
    if debug_id is not None:
        return f"No source map is there for the debug id {debug_id}."
    if release is None:
        return "The crash names neither a release nor a debug id for it."
    return f"Release {release} has no map called {file_name(frame.file or '')}.map."


_NOT_AGAIN = (
    "What names it was uploaded later, and only the newest crashes of a fault are mapped anew."
)


def chain_shown(crash: Named) -> list[dict[str, Any]]:
    """[{type, message, frames: [all of a NamedFrame]}], what was thrown first, the newest call first."""
    return [
        {
            "type": link.type,
            "message": link.message,
            "frames": [msgspec.structs.asdict(frame) for frame in link.frames],
        }
        for link in crash.chain
    ]


def frames_shown(crash: Named) -> list[dict[str, Any]]:
    """The frames of what was thrown, each with SHOWN."""
    return [{name: getattr(frame, name) for name in SHOWN} for frame in crash.chain[0].frames]


def text_of(crash: Named) -> str:
    """A chain as a stack is printed, for who reads text."""
    lines = []
    for place, link in enumerate(crash.chain):
        head = ": ".join(filter(None, (link.type, link.message.partition("\n")[0])))
        lines.append(f"Caused by: {head}" if place else head)
        lines += [f"    at {_place(frame)}" for frame in link.frames[:MAX_TEXT_FRAMES]]
    return "\n".join(lines).strip("\n")


def _place(frame: Frame) -> str:
    if frame.address is not None and not frame.file:
        where = f"{frame.address} in {frame.module}" if frame.module else frame.address
    else:
        where = frame.file or frame.module or "unknown place"
    numbers = [str(number) for number in (frame.line, frame.column) if number is not None]
    where = ":".join([where, *numbers])
    return f"{frame.function} ({where})" if frame.function else where
