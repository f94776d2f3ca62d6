"""Frames to named frames: what each is in the maker's own source, or why it stays as it came."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from database import Database, Row
from stories.crashes.frames import (
    CONTEXT_FRAMES,
    CONTEXT_WIDTH,
    MAX_FILE,
    MAX_FUNCTION,
    Frame,
    Link,
    NamedFrame,
)
from stories.crashes.wanted import debug_key, is_native, is_script, plain_debug_id
from stories.privacy import scrub
from stories.symbols import artifacts, maps, native
from stories.symbols.artifacts import CFI
from stories.symbols.maps import NoPlace, Place, SourceMap
from stories.symbols.opened import OpenedFiles
from stories.symbols.sources import Sources, largest

_RAW = ("function", "file", "line", "column", "module", "address")
_MINIFIED = 3  # characters that such a name has at most


@dataclass
class Named:
    """A chain whose frames are NamedFrame. used: the uploads that named some. trouble: of uploads that
    could not be used, why."""

    chain: list[Link]
    used: set[int] = field(default_factory=set)
    trouble: dict[int, str] = field(default_factory=dict)

    @property
    def is_named(self) -> bool:
        return any(
            isinstance(frame, NamedFrame) and frame.raw is not None
            for link in self.chain
            for frame in link.frames
        )


def unnamed(chain: list[Link], why: str) -> list[Link]:
    """The chain as it came, all that an upload could have named with the same reason."""
    return [
        Link(
            link.type,
            link.message,
            [
                _as_it_came(frame, why if is_script(frame) or is_native(frame) else None)
                for frame in link.frames
            ],
        )
        for link in chain
    ]


class Mapper:
    """Names the frames of one crash after the other, and keeps maps open between them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._opened = OpenedFiles()

    def rules(self, app_id: int, build: str) -> bytes | None:
        """How to unwind the calls of a module, by its debug id, if an upload says so. Raises
        Unavailable."""
        debug_id = plain_debug_id(build)
        rows = self._find(app_id, [debug_key(debug_id)]) if debug_id else []
        row = largest(rows, CFI)
        if row is None:
            return None
        try:
            number, memory = row["artifact_id"], row["bytes"]
            return self._opened.get(number, memory, lambda: self._read(number))
        except (KeyError, NoPlace):  # it was deleted just now, or is too large
            return None

    def name(self, app_id: int, chain: list[Link], release: str | None, dist: str) -> Named:
        """release: as a crash's version is stored. Raises Unavailable."""

        frames = [frame for link in chain for frame in link.frames]
        sources = Sources(frames, release, dist, partial(self._find, app_id))
        named, left = Named([]), CONTEXT_FRAMES
        for link in chain:
            places = [
                self._place(frame, number > 0, sources, named)
                for number, frame in enumerate(link.frames)
            ]
            own: list[Frame] = []
            for number, frame in enumerate(link.frames):
                place = places[number]
                if isinstance(place, Place):
                    caller = places[number + 1] if number + 1 < len(places) else None
                    called = caller.name if isinstance(caller, Place) else None
                    own.append(_named(frame, place, called, with_context=left > 0))
                    left -= 1
                elif isinstance(place, list):
                    own += [_as_it_came(each, None, _raw(frame)) for each in place]
                else:
                    own.append(_as_it_came(frame, place))
            named.chain.append(Link(link.type, link.message, own))
        return named

    def _place(
        self, frame: Frame, is_caller: bool, sources: Sources, named: Named
    ) -> Place | list[Frame] | str | None:
        """Where it is in the source, of native code as the frames of inlined calls; or why that is not
        known. None: there is nothing to be known."""
        if not (is_script(frame) or is_native(frame)):
            return None
        used: list[Row] = []
        try:
            if is_native(frame):
                return self._native(frame, is_caller, sources, named, used)
            return self._script(frame, sources, named, used)
        except NoPlace as reason:
            named.trouble.update((row["artifact_id"], str(reason)) for row in used[:1])
            return str(reason)
        except KeyError:
            return "What names it was deleted while the crash was read."

    def _script(self, frame: Frame, sources: Sources, named: Named, used: list[Row]) -> Place:
        source_map, script = sources.of(frame)
        used += [source_map, *([script] if script else [])]
        opened = self._opened.get(
            tuple(row["artifact_id"] for row in used),
            6 * source_map["bytes"],
            lambda: _open(source_map, script, self._read),
        )
        place = opened.place(frame.line or 0, frame.column or 0)
        named.used.update(row["artifact_id"] for row in used)
        return place

    def _native(
        self, frame: Frame, is_caller: bool, sources: Sources, named: Named, used: list[Row]
    ) -> list[Frame]:
        row = sources.symcache(frame)
        used.append(row)
        if not maps.has_names():
            raise NoPlace("This server cannot read symbols: symbolic is not installed.")
        symcache = self._opened.get(
            row["artifact_id"], row["bytes"], lambda: self._read(row["artifact_id"])
        )
        frames = native.name_frames(frame, symcache, is_caller)
        if not frames:
            used.clear()  # not the upload's fault
            raise NoPlace(
                f"The symbols of {frame.module or row['name']} say nothing of this address."
            )
        named.used.add(row["artifact_id"])
        return frames

    def _find(self, app_id: int, keys: Iterable[str]) -> list[Row]:
        with self._database.transaction(read_only=True) as tx:
            return artifacts.find(tx, app_id, list(keys))

    def _read(self, artifact_id: int) -> bytes:
        with self._database.transaction(read_only=True) as tx:
            return artifacts.read(tx, artifact_id)


def _open(source_map: Row, script: Row | None, read: Callable[[int], bytes]) -> SourceMap:
    """read: the content of an artifact. Raises NoPlace, KeyError where one is gone."""
    name, most = source_map["name"] or "without a name", maps.MAX_BYTES
    if source_map["bytes"] > most:
        raise NoPlace(
            f"The map {name} is too large: it has {source_map['bytes'] / 2**20:.0f} MB, and at most "
            f"{most >> 20} are read."
        )
    # A script is for names of functions, and to tell a map of another build: it may be left out.
    content = read(script["artifact_id"]) if script and script["bytes"] <= most else None
    return SourceMap(content, read(source_map["artifact_id"]), name)


def _named(frame: Frame, place: Place, called: str | None, *, with_context: bool) -> NamedFrame:
    """called: how its caller names the function, which is all that is known without symbolic."""
    own = frame.function or ""
    is_minified = len(own) <= _MINIFIED
    function = place.function
    if function is None or (is_minified and function == own):
        function = called or function or (None if is_minified else own)
    context = place.context if with_context and place.context else None
    return NamedFrame(
        function=scrub.text(function)[:MAX_FUNCTION] if function else None,
        file=scrub.text(place.file)[:MAX_FILE],
        line=place.line,
        column=place.column,
        in_app=frame.in_app,
        context=context
        and [scrub.text(line[: 2 * CONTEXT_WIDTH])[:CONTEXT_WIDTH] for line in context],
        context_start=place.context_start if context else None,
        raw=_raw(frame),
    )


def _as_it_came(frame: Frame, why: str | None, raw: dict[str, Any] | None = None) -> NamedFrame:
    return NamedFrame(**msgspec.structs.asdict(frame), why=why, raw=raw)


def _raw(frame: Frame) -> dict[str, Any]:
    values = {name: getattr(frame, name) for name in _RAW}
    return {name: value for name, value in values.items() if value is not None}
