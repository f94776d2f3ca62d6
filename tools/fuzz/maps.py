"""Source maps as fuzz targets: read by symbolic and by our own reading."""

from __future__ import annotations

import json
from contextlib import suppress

from stories.crashes.frames import MAX_NUMBER
from stories.symbols.maps import NoPlace, SourceMap, Tokens

PLACES = ((1, 1), (1, 30), (2, 9), (MAX_NUMBER, MAX_NUMBER))
_PART = {
    "version": 3,
    "sources": ["webpack://a/./b.js?c"],
    "sourcesContent": ["one()\ntwo()\n"],
    "names": ["one", "two"],
    "mappings": "AAAAA,QCAKC;AACA",
}
_OFFSET = {"line": 0, "column": 4}
MAPS = (
    json.dumps(_PART).encode(),
    json.dumps({"version": 3, "sections": [{"offset": _OFFSET, "map": _PART}]}).encode(),
    b")]}'\n" + json.dumps({**_PART, "sourceRoot": "src"}).encode(),
)


def places(data: bytes) -> None:
    """Each gives a place, or the sentence why not."""
    for script in (None, data):
        with suppress(NoPlace):
            opened = SourceMap(script, data, "m")
            for line, column in PLACES:
                with suppress(NoPlace):
                    opened.place(line, column)
    try:
        own = Tokens(data)
    except Exception:  # of which SourceMap makes a sentence
        return
    for line, column in PLACES:
        own.lookup(line, column)
