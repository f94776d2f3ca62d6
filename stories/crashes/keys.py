"""Keys of frames: `renderer/history.js:renderResult`, the same on every machine and in every build."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from stories.crashes import functions, places
from stories.crashes.error_types import bare_type
from stories.crashes.frames import GUESS, Link
from stories.crashes.glue import is_glue, owner_of_class
from stories.crashes.kinds import kind_of
from stories.crashes.places import Owner

# One would merge all callers of a helper that asserts, all would split one bug by who called.
TOP_FRAMES = 3
MAX_KEY = 200
_CYCLE = 6  # functions that call each other without end
_DENSE = 500  # a column that only minified code has
_LAST_KEYS = 3  # recursion: a function that calls itself, or does so by way of two others


class _Keyed(NamedTuple):
    """What is known of a frame by its names alone."""

    owner: Owner
    name: str
    key: str  # "" of a frame that has no name
    is_native: bool
    is_glue: bool


class KeyedLink:
    """An exception with the keys of its frames, the newest first.

    `top`: the keys that stand for it in a fingerprint. `keys`: of the app's own frames, `other_keys`: of
    the rest. `in_app`: of each frame. `place`: the file or key to fall back on. `raw`: names are of one
    build only.
    """

    def __init__(self, link: Link, owners: Sequence[Owner | None]) -> None:
        """owners: of each frame, as the app's patterns have it; None where they say nothing."""
        self.link = link
        self.type = bare_type(link.type)
        self.kind = kind_of(link.type, link.message)
        self.keys: list[str] = []
        self.other_keys: list[str] = []
        self.in_app: list[bool] = []
        self.raw = False
        own_frames = 0
        library_key = own_file = own_name = ""
        any_native = False
        dense = {f.file for f in link.frames if f.column is not None and f.column > _DENSE}
        for frame, by_pattern in zip(link.frames, owners, strict=True):
            keyed = _keyed(
                frame.function, frame.file, frame.module, frame.address, frame.build, frame.in_app
            )
            owner, name, key, native, glue = keyed
            any_native = any_native or native
            if by_pattern is not None:
                owner = by_pattern
            self.in_app.append(owner is Owner.APP)
            if frame.trust == GUESS:
                continue
            is_minified = not native and name != "" and _is_minified(frame.file, name, dense)
            if is_minified:
                key = ""
            if owner is Owner.APP:
                own_frames += 1
                if own_frames <= TOP_FRAMES and (is_minified or (native and not name and key)):
                    self.raw = True
                if not own_file and frame.file:
                    own_file = places.file_name(frame.file)
                    own_name = f"{own_file}:{name}" if name else own_file
            if key and not glue:
                (self.keys if owner is Owner.APP else self.other_keys).append(key)
                if owner is Owner.LIBRARY and not library_key:
                    library_key = key
        self.top = self._top() or (_first_keys(self.other_keys) if any_native else [])
        self.place = own_file or library_key
        self.culprit = self.top[0] if self.top else own_name

    def mark_frames(self) -> None:
        """Say of each frame whether it is the app's own."""
        for frame, in_app in zip(self.link.frames, self.in_app, strict=True):
            frame.in_app = in_app

    def _top(self) -> list[str]:
        if self.kind is not None and self.kind.name == "stack-overflow":
            # Which function of the cycle was the last is chance.
            repeated = sorted({key for key in self.keys if self.keys.count(key) > 1})
            if repeated:
                return repeated[:_CYCLE]
        return _first_keys(self.keys)


def _first_keys(keys: list[str]) -> list[str]:
    top: list[str] = []
    for key in keys:
        if key not in top[-_LAST_KEYS:]:
            top.append(key)
        if len(top) == TOP_FRAMES:
            break
    return top


# An app's crashes have the same few hundred frames.
@lru_cache(maxsize=4096)
def _keyed(
    function: str | None,
    file: str | None,
    module: str | None,
    address: str | None,
    build: str | None,
    in_app: bool,
) -> _Keyed:
    if address is not None:
        native = True
    elif file:
        native = functions.is_native_file(file)
    else:
        native = bool(module) or bool(function and "::" in function)
    owner = _owner(function, file, module, native)
    if not in_app:
        owner = max(owner, Owner.LIBRARY)
    if native:
        name = functions.native_name(function or "")[:MAX_KEY]
        key = _native_key(name, file, module, address, build)
    else:
        name = functions.function_name(function or "")[:MAX_KEY]
        where = places.file_name(file) if file else functions.class_name(function or "")
        key = f"{where}:{name}" if name else ""
    return _Keyed(owner, name, key[:MAX_KEY], native, is_glue(name, native))


def _native_key(
    name: str, file: str | None, module: str | None, address: str | None, build: str | None
) -> str:
    """`binary:function`, or `binary+0x12@build` without symbols."""
    binary = places.binary_name(module) if module else ""
    if name:
        # Rust's panics have no binary, and files in builds with debug information only.
        where = binary or (places.file_name(file) if file and "::" not in name else "")
        return f"{where}:{name}" if where else name
    if binary and address is not None:
        return f"{binary}+{address}@{build}" if build else f"{binary}+{address}"
    return ""


def _owner(function: str | None, file: str | None, module: str | None, native: bool) -> Owner:
    owner = places.owner_of_file(file) if file else Owner.APP
    if native and module:
        owner = max(owner, places.owner_of_binary(module))
    if not native and function and (not file or file.endswith(places.CLASS_FILES)):
        owner = max(owner, owner_of_class(function))
    return owner


def _is_minified(file: str | None, name: str, dense: set[str | None]) -> bool:
    """A name that the next build gives to something else."""
    if len(name) > 3 or file is None or name[0] == "<":
        return False
    return file in dense or (len(name) < 3 and places.is_bundle(file))
