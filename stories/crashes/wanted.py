"""By which keys the uploads are found that would name the frames of a crash.

An upload has the same keys (artifact_keys), so that neither asks what the other looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from stories.crashes.frames import Frame, Link

MAX_WANTED = 20  # keys of a crash
MAX_NAME = 100
_debug_id = re.compile(
    r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?:-?[0-9a-f]{1,8})?", re.ASCII
)
_script = re.compile(r"\.(?:js|mjs|cjs|jsbundle|jsx|ts|tsx)$", re.ASCII)


def plain_debug_id(text: str | None) -> str | None:
    """A debug id as it is stored: small letters in five parts, of a PDB with "-" and its age in hex
    unless that is 0. None: the text is none."""
    if text is None or len(text) > 64 or _debug_id.fullmatch(text := text.strip().lower()) is None:
        return None
    digits = text.replace("-", "")
    head, age = digits[:32], digits[32:].lstrip("0")
    parts = (head[:8], head[8:12], head[12:16], head[16:20], head[20:])
    return "-".join((*parts, age) if age else parts)


def debug_key(debug_id: str) -> str:
    """debug_id: plain."""
    return f"debug:{debug_id}"


def file_key(release: str, file: str) -> str:
    """release: as a crash's version is stored. file: a path or an address."""
    return f"file:{release}:{file_name(file)}"


def file_name(file: str) -> str:
    """The last part of a path or an address, without query and fragment."""
    path = file.partition("?")[0].partition("#")[0].replace("\\", "/")
    return path.rpartition("/")[2][-MAX_NAME:]


def wanted(chain: Iterable[Link], release: str | None) -> list[str]:
    """The keys of a chain's frames, the newest calls' first; at most MAX_WANTED."""
    keys = (key_of(frame, release) for link in chain for frame in link.frames)
    return list(dict.fromkeys(filter(None, keys)))[:MAX_WANTED]


def add_debug_ids(chain: Iterable[Link], debug_ids: Mapping[str, str]) -> None:
    """Give frames of scripts the debug id of their file: by the same text, else by the same last part of
    it where only one file has that, as an app's own addresses of a file may differ."""
    if not debug_ids:
        return
    by_name: dict[str, str | None] = {}
    for file, debug_id in debug_ids.items():
        name = file_name(file)
        by_name[name] = None if by_name.get(name, debug_id) != debug_id else debug_id
    for link in chain:
        for frame in link.frames:
            if frame.file and frame.address is None and not frame.build:
                own = debug_ids.get(frame.file)
                frame.build = own or by_name.get(file_name(frame.file)) or None


def is_script(frame: Frame) -> bool:
    """Whether a source map could name it: a place in a script that is not the engine's own."""
    if frame.line is None or frame.column is None or not frame.file:
        return False
    return not frame.file.startswith(("node:", "internal/")) and bool(
        frame.build or _script.search(file_name(frame.file))
    )


def is_native(frame: Frame) -> bool:
    return frame.address is not None and frame.build is not None


def key_of(frame: Frame, release: str | None) -> str | None:
    """By which uploads are found that would name this frame. None: it needs none, or says too little."""
    debug_id = plain_debug_id(frame.build)
    if not (is_native(frame) or is_script(frame)):
        return None
    if debug_id:
        return debug_key(debug_id)
    if release and frame.file and is_script(frame):
        return file_key(release, frame.file)
    return None
