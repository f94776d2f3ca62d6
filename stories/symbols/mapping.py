"""Frames to named frames: what each is in the maker's own source, or why it stays as it came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
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
)
from stories.crashes.wanted import is_script
from stories.privacy import scrub
from stories.symbols import artifacts
from stories.symbols.maps import NoPlace, Place
from stories.symbols.opened import OpenedMaps
from stories.symbols.sources import Sources

_RAW = ("function", "file", "line", "column", "module", "address")
_MINIFIED = 3  # characters that such a name has at most


class NamedFrame(Frame, omit_defaults=True):
    """raw: the frame as it came, where it has another name now. why: it stays raw, a sentence. trust:
    "scan" of one that was guessed from what lies on a stack."""

    raw: dict[str, Any] | None = None
    why: str | None = None
    trust: str | None = None


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
    """The chain as it came, all that a map could have named with the same reason."""
    return [
        Link(
            link.type,
            link.message,
            [_as_it_came(frame, why if is_script(frame) else None) for frame in link.frames],
        )
        for link in chain
    ]


class Mapper:
    """Names the frames of one crash after the other, and keeps maps open between them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._opened = OpenedMaps()

    def name(self, app_id: int, chain: list[Link], release: str | None, dist: str) -> Named:
        """release: as a crash's version is stored. Raises Unavailable."""

        def find(keys: Iterable[str]) -> list[Row]:
            with self._database.transaction(read_only=True) as tx:
                return artifacts.find(tx, app_id, list(keys))

        frames = [frame for link in chain for frame in link.frames]
        sources = Sources(frames, release, dist, find)
        named, left = Named([]), CONTEXT_FRAMES
        for link in chain:
            places = [self._place(frame, sources, named) for frame in link.frames]
            own = []
            for number, frame in enumerate(link.frames):
                place = places[number]
                caller = places[number + 1] if number + 1 < len(places) else None
                if isinstance(place, Place):
                    called = caller.name if isinstance(caller, Place) else None
                    own.append(_named(frame, place, called, with_context=left > 0))
                    left -= 1
                else:
                    own.append(_as_it_came(frame, place))
            named.chain.append(Link(link.type, link.message, own))
        return named

    def _place(self, frame: Frame, sources: Sources, named: Named) -> Place | str | None:
        """Where it is in the source, or why that is not known; None: there is nothing to be known."""
        if not is_script(frame):
            return None
        try:
            source_map, script = sources.of(frame)
        except NoPlace as reason:
            return str(reason)
        artifact_id = source_map["artifact_id"]
        try:
            opened = self._opened.get(source_map, script, self._read)
            place = opened.place(frame.line or 0, frame.column or 0)
        except NoPlace as trouble:
            named.trouble[artifact_id] = str(trouble)
            return str(trouble)
        except KeyError:
            return "The map was deleted while the crash was read."
        named.used.add(artifact_id)
        if script is not None:
            named.used.add(script["artifact_id"])
        return place

    def _read(self, artifact_id: int) -> bytes:
        with self._database.transaction(read_only=True) as tx:
            return artifacts.read(tx, artifact_id)


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


def _as_it_came(frame: Frame, why: str | None) -> NamedFrame:
    return NamedFrame(**msgspec.structs.asdict(frame), why=why)


def _raw(frame: Frame) -> dict[str, Any]:
    values = {name: getattr(frame, name) for name in _RAW}
    return {name: value for name, value in values.items() if value is not None}
