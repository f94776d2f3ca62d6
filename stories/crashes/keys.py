"""Keys of frames: `renderer/history.js:renderResult`, the same on every machine and in every build."""

from __future__ import annotations

from collections.abc import Sequence

from stories.crashes import functions, places
from stories.crashes.error_types import bare_type
from stories.crashes.frames import Frame, Link
from stories.crashes.glue import is_glue, owner_of_class
from stories.crashes.kinds import kind_of
from stories.crashes.places import Owner

# One would merge all callers of a helper that asserts, all would split one bug by who called.
TOP_FRAMES = 3
MAX_KEY = 200
_LAST_KEYS = 3  # recursion: a function that calls itself, or does so by way of two others


class KeyedLink:
    """The frames of one exception, each with its key and whose code it is in."""

    def __init__(self, link: Link, in_app: Sequence[str], not_in_app: Sequence[str]) -> None:
        self.link = link
        self.type = bare_type(link.type)
        self.kind = kind_of(link.type, link.message)
        dense = {f.file for f in link.frames if f.column is not None and f.column > 500}
        self.keys: list[str] = []  # of the app's own frames, the newest first, recursion and all
        self.other_keys: list[str] = []
        self.library_key = self.file = self.culprit = ""
        self.raw = self.is_native = False
        own_frames, first_own = 0, ""
        for frame in link.frames:
            native = is_native(frame)
            self.is_native = self.is_native or native
            owner = _owner(frame, native, in_app, not_in_app)
            frame.in_app = owner is Owner.APP
            name = _function(frame, native)
            minified = not native and bool(name) and _is_minified(frame, name, dense)
            key = "" if minified else _key(frame, name, native)
            if owner is Owner.APP:
                own_frames += 1
                if own_frames <= TOP_FRAMES:
                    self.raw = self.raw or minified or (native and not name and bool(key))
                if not self.file and frame.file:
                    self.file = places.file_name(frame.file)
                first_own = first_own or key or (f"{self.file}:{name}" if name else self.file)
                if key and not is_glue(name):
                    self.keys.append(key)
            elif key and not is_glue(name):
                self.other_keys.append(key)
                if owner is Owner.LIBRARY:
                    self.library_key = self.library_key or key
        self.top = self._top()
        if not self.top and self.is_native:
            self.top = _first_keys(self.other_keys)
        self.culprit = self.top[0] if self.top else first_own

    def _top(self) -> list[str]:
        if self.kind is not None and self.kind.name == "stack-overflow":
            # Which function of the cycle was the last is chance.
            repeated = sorted({key for key in self.keys if self.keys.count(key) > 1})
            if repeated:
                return repeated[: 2 * TOP_FRAMES]
        return _first_keys(self.keys)


def _first_keys(keys: list[str]) -> list[str]:
    top: list[str] = []
    for key in keys:
        if key not in top[-_LAST_KEYS:]:
            top.append(key)
        if len(top) == TOP_FRAMES:
            break
    return top


def is_native(frame: Frame) -> bool:
    """Whether a name is to be read as that of a compiled language."""
    if frame.address is not None:
        return True
    if frame.file:
        return functions.is_native_file(frame.file)
    return bool(frame.module) or bool(frame.function and "::" in frame.function)


def _owner(frame: Frame, native: bool, in_app: Sequence[str], not_in_app: Sequence[str]) -> Owner:
    if in_app or not_in_app:
        text = f"{frame.file or ''}\n{frame.module or ''}".replace("\\", "/").lower()
        for owner, marks in ((Owner.APP, in_app), (Owner.LIBRARY, not_in_app)):
            if any(mark and mark.replace("\\", "/").lower() in text for mark in marks):
                return owner
    owner = Owner.APP
    if frame.file:
        owner = places.owner_of_file(frame.file)
    if native and frame.module:
        owner = max(owner, places.owner_of_binary(frame.module))
    if not frame.file:
        if native and not frame.module and not frame.function:
            return Owner.PLATFORM
        if not native:
            owner = owner_of_class(frame.function or "")
    elif frame.function and "." in frame.function:
        owner = max(owner, owner_of_class(frame.function))
    return max(owner, Owner.LIBRARY) if not frame.in_app else owner


def _function(frame: Frame, native: bool) -> str:
    if not frame.function:
        return ""
    name = functions.native_name if native else functions.function_name
    return name(frame.function)[:MAX_KEY]


def _key(frame: Frame, name: str, native: bool) -> str:
    """`file:function`; of native code `binary:function`, or `binary+0x12@build` without symbols."""
    if native:
        binary = places.binary_name(frame.module) if frame.module else ""
        if name:
            where = binary or (places.file_name(frame.file) if frame.file else "")
            return f"{where}:{name}"[:MAX_KEY] if where else name[:MAX_KEY]
        if binary and frame.address is not None:
            build = f"@{frame.build}" if frame.build else ""
            return f"{binary}+{frame.address}{build}"[:MAX_KEY]
        return ""
    if not name:
        return ""
    where = (
        places.file_name(frame.file) if frame.file else functions.class_name(frame.function or "")
    )
    return f"{where}:{name}"[:MAX_KEY]


def _is_minified(frame: Frame, name: str, dense: set[str | None]) -> bool:
    """A name that the next build gives to something else."""
    if len(name) > 3 or frame.file is None or name[0] == "<":
        return False
    return frame.file in dense or (len(name) < 3 and places.is_bundle(frame.file))
