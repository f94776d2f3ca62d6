"""Which of an app's uploads names a frame of a script: by its debug id, or by release and address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from urllib.parse import urljoin, urlsplit

from database import Row
from stories.crashes.frames import Frame
from stories.crashes.wanted import debug_key, file_key, file_name, key_of, plain_debug_id
from stories.symbols.artifacts import SCRIPT, SOURCE_MAP, SYMCACHE
from stories.symbols.maps import NoPlace

Find = Callable[[Iterable[str]], list[Row]]


def largest(rows: Iterable[Row], kind: str) -> Row | None:
    """Of what was built of one native module's files: a binary that was stripped has a few names too,
    and the files that say more are larger."""
    return max((row for row in rows if row["kind"] == kind), key=_bytes, default=None)


class Sources:
    """Those of one crash. Asks for uploads twice at most: for what its frames name, and for maps that
    their scripts name."""

    def __init__(self, frames: Iterable[Frame], release: str | None, dist: str, find: Find) -> None:
        """release: as a crash's version is stored. dist: "" where the crash tells none."""
        self._release, self._dist = release, dist
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self._add(find(dict.fromkeys(filter(None, (key_of(frame, release) for frame in frames)))))
        scripts = [row for rows in self.rows.values() for row in rows if row["kind"] == SCRIPT]
        named = dict.fromkeys(self._map_keys(scripts))
        self._add(find([key for key in named if key not in self.rows]))

    def of(self, frame: Frame) -> tuple[Row, Row | None]:
        """The map and, if there is one, the script. Raises NoPlace, a sentence that says what is
        missing."""
        debug_id = plain_debug_id(frame.build)
        if debug_id:
            rows = self.rows[debug_key(debug_id)]
            source_map, script = _first(rows, SOURCE_MAP), _first(rows, SCRIPT)
            if source_map is None:
                raise NoPlace(f"No source map is there for the debug id {debug_id}.")
            return source_map, script
        if self._release is None or not frame.file:
            raise NoPlace("The crash names neither a release nor a debug id for it.")
        return self._of_file(frame.file, self._release)

    def symcache(self, frame: Frame) -> Row:
        """Of a native frame. Raises NoPlace."""
        debug_id = plain_debug_id(frame.build) or ""
        row = largest(self.rows[debug_key(debug_id)], SYMCACHE)
        if row is None:
            raise NoPlace(f"No symbols are there for the debug id {debug_id or frame.build}.")
        return row

    def _of_file(self, file: str, release: str) -> tuple[Row, Row | None]:
        rows, name = self.rows[file_key(release, file)], file_name(file)
        script = self._nearest(rows, SCRIPT, file)
        if script is None:
            source_map = self._nearest(rows, SOURCE_MAP, f"{file}.map")
            if source_map is None:
                raise NoPlace(f"Release {release} has no map called {name}.map.")
            return source_map, None
        for where in _map_urls(script):
            maps = self.rows[file_key(release, where)]
            if (source_map := self._nearest(maps, SOURCE_MAP, where)) is not None:
                return source_map, script
        raise NoPlace(f"Release {release} has {name}, but no map called {_map_name(script)}.")

    def _map_keys(self, scripts: Iterable[Row]) -> Iterable[str]:
        for script in scripts:
            for where in _map_urls(script) if self._release else ():
                yield file_key(str(self._release), where)

    def _add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.rows[row["key"]].append(row)

    def _nearest(self, rows: Iterable[Row], kind: str, file: str) -> Row | None:
        """The row whose address fits best; of those that fit as well the newest, of the crash's own
        distribution before others."""
        best, most = None, (-1, False)
        for row in rows:
            if row["kind"] == kind and (fit := _fit(row["url"], file)) >= 0:
                releases = {(each["release"], each["dist"]) for each in row["releases"]}
                score = (fit, (self._release, self._dist) in releases)
                if score > most:
                    best, most = row, score
        return best


def _first(rows: Iterable[Row], kind: str) -> Row | None:
    return next((row for row in rows if row["kind"] == kind), None)


def _fit(url: str, file: str) -> int:
    """How well an upload's address fits a frame's file; -1: not at all."""
    if url == file:
        return 1_001
    own, other = _parts(url), _parts(file)
    if own == other:
        return 1_000
    same = 0
    for one, two in zip(reversed(own), reversed(other), strict=False):
        if one != two:
            break
        same += 1
    return same or -1


def _parts(url: str) -> list[str]:
    """The folders and the name of an address or a path, without host, `~` and query."""
    path = url.replace("\\", "/")
    if "://" in path:
        try:
            path = urlsplit(path).path
        except ValueError:
            path = path.partition("://")[2].partition("/")[2]
    path = path.partition("?")[0].partition("#")[0]
    return [part for part in path.split("/") if part not in ("", ".", "~")]


def _map_urls(script: Row) -> list[str]:
    """Where a script's map may be: where the script says, and beside it under its own name."""
    beside = f"{script['url'].partition('?')[0]}.map"
    said = script["map_url"]
    if not said or said.startswith("data:"):
        return [beside]
    try:
        return list(dict.fromkeys((urljoin(script["url"], said), beside)))
    except ValueError:
        return [beside]


def _map_name(script: Row) -> str:
    return file_name(_map_urls(script)[0])


def _bytes(row: Row) -> int:
    size: int = row["bytes"]
    return size
