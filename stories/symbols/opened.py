"""Opened maps, as many as the process may hold, the last used first."""

from __future__ import annotations

import ctypes
import logging
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from database import Row
from stories.symbols.maps import MAX_BYTES, NoPlace, SourceMap

log = logging.getLogger("stories.symbols")

ROOM = 256 * 2**20  # of the whole process; opening a map of 10 MB takes 130 for a moment
_PAGE = 4096
_STATM = Path("/proc/self/statm")

Key = tuple[int, int | None]  # of the map and its script


class OpenedMaps:
    """One process's. What could not be opened is remembered too: it is not tried for each crash."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._maps: OrderedDict[Key, SourceMap | NoPlace] = OrderedDict()

    def get(self, source_map: Row, script: Row | None, read: Callable[[int], bytes]) -> SourceMap:
        """Rows of artifacts.find(). read: the content of an artifact. Raises NoPlace, KeyError where
        one is gone."""
        key = (source_map["artifact_id"], script and script["artifact_id"])
        opened = self._maps.get(key)
        if opened is None:
            self._make_room(6 * source_map["bytes"])
            try:
                opened = _open(source_map, script, read)
            except NoPlace as trouble:
                opened = trouble
            self._maps[key] = opened
            self._make_room(0)
        self._maps.move_to_end(key)
        if isinstance(opened, NoPlace):
            raise opened
        return opened

    def __len__(self) -> int:
        return len(self._maps)

    def _make_room(self, needed: int) -> None:
        """Let go of the least recently used until `needed` bytes fit, but of the last one only before
        another."""
        while len(self._maps) > (needed == 0) and resident() + needed > self._room:
            self._maps.popitem(last=False)
            _return_memory()


def _open(source_map: Row, script: Row | None, read: Callable[[int], bytes]) -> SourceMap:
    name = source_map["name"] or "without a name"
    if source_map["bytes"] > MAX_BYTES:
        raise NoPlace(
            f"The map {name} is too large: it has {source_map['bytes'] / 2**20:.0f} MB, and at most "
            f"{MAX_BYTES >> 20} are read."
        )
    # A script is for names of functions, and to tell a map of another build: it may be left out.
    has_script = script is not None and script["bytes"] <= MAX_BYTES
    content = read(script["artifact_id"]) if script is not None and has_script else None
    try:
        return SourceMap(content, read(source_map["artifact_id"]), name)
    except MemoryError:
        raise NoPlace(f"The map {name} is too large for the memory there is.") from None


def resident() -> int:
    """The bytes of memory that this process takes; 0 where the system does not say."""
    try:
        return int(_STATM.read_text().split()[1]) * _PAGE
    except OSError:
        return 0


def _return_memory() -> None:
    """glibc keeps what was freed, unless it is asked."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
