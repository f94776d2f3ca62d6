"""What has been opened of uploads, as much as the process may hold, the last used first."""

from __future__ import annotations

import ctypes
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from stories.symbols.maps import NoPlace

ROOM = 256 * 2**20  # of the whole process; opening a map of 10 MB takes 130 for a moment
_PAGE = 4096
_STATM = Path("/proc/self/statm")
_Opened = TypeVar("_Opened")


class OpenedFiles:
    """One process's. What could not be opened is remembered too: it is not tried for each crash."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._files: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, memory: int, open_it: Callable[[], _Opened]) -> _Opened:
        """What `open_it` gave for this key. memory: about how many bytes it takes. Raises what it
        raises; NoPlace again and again."""
        opened = self._files.get(key)
        if opened is None:
            self._make_room(memory)
            try:
                opened = open_it()
            except NoPlace as trouble:
                opened = trouble
            except MemoryError:
                opened = NoPlace("It is too large for the memory that there is.")
            self._files[key] = opened
            self._make_room(0)
        self._files.move_to_end(key)
        if isinstance(opened, NoPlace):
            raise opened
        file: _Opened = opened
        return file

    def __len__(self) -> int:
        return len(self._files)

    def _make_room(self, needed: int) -> None:
        """Let go of the least recently used until `needed` bytes fit, but of the last one only before
        another."""
        while len(self._files) > (needed == 0) and resident() + needed > self._room:
            self._files.popitem(last=False)
            _return_memory()


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
