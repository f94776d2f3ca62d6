"""Scripts with their source maps, made here: a line of minified code, and where each piece came from."""

from __future__ import annotations

import json
from typing import Any

from stories.symbols import artifacts
from stories.symbols.artifacts import SCRIPT, SOURCE_MAP, Content
from stories.symbols.holding import Symbols, queue_for
from stories.web.services import Services
from tests.rollup_tables import person, value
from tests.support import crash

APP = 1
RELEASE = "1.2.3"
DEBUG_ID = "5ac3ab1a-4b1c-5e6d-9fe3-0123456789ab"
URL = "https://shop.example/assets/app.js"
MESSAGE = "TypeError: Cannot read properties of undefined (reading 'join')"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
HISTORY = """// What was said, the last first.
export function renderResult(entry) {
  return entry.words.join(" ");
}

export function openHistory(store) {
  return renderResult(store.last());
}
"""
SEARCH = """export function showMatch(entry) {
  return entry.words.join(", ");
}
"""


class Bundle:
    """Minified code in one line, piece by piece. `at`: the columns of pieces by the name that they have
    here, from 1."""

    def __init__(self, padding: int = 600) -> None:
        self.text = f"/*{'-' * padding}*/"
        self.sources: list[str] = []
        self.contents: list[str] = []
        self.names: list[str] = []
        self.at: dict[str, int] = {}
        self._segments: list[str] = []
        self._last = [0, 0, 0, 0, 0]

    def source(self, name: str, content: str) -> None:
        self.sources.append(name)
        self.contents.append(content)

    def add(self, text: str, line: int, column: int, name: str = "", at: str = "") -> None:
        """A piece that came from this place of the last source (from 1), where `name` stood."""
        if at:
            self.at[at] = len(self.text) + 1
        numbers = [len(self.text), len(self.sources) - 1, line - 1, column - 1]
        if name:
            if name not in self.names:
                self.names.append(name)
            numbers.append(self.names.index(name))
        changes = [one - two for one, two in zip(numbers, self._last, strict=False)]
        self._segments.append("".join(map(_vlq, changes)))
        self._last[: len(numbers)] = numbers
        self.text += text

    @property
    def script(self) -> bytes:
        return f"{self.text}\n//# sourceMappingURL=app.js.map\n".encode()

    def map(self, **changes: Any) -> bytes:
        document = {
            "version": 3,
            "sources": self.sources,
            "sourcesContent": self.contents,
            "names": self.names,
            "mappings": ",".join(self._segments),
            **changes,
        }
        return json.dumps(document).encode()


def shop(padding: int = 600) -> Bundle:
    """renderResult as `a`, openHistory as `b`, showMatch as `c`; `throw`, `call` and `match` are places
    in them."""
    bundle = Bundle(padding)
    bundle.source("webpack://shop/./src/history.js?f00d", HISTORY)
    bundle.add("function ", 2, 8)
    bundle.add("a", 2, 17, "renderResult")
    bundle.add("(n){", 2, 29)
    bundle.add("return ", 3, 3)
    bundle.add("n", 3, 10, "entry")
    bundle.add(".words", 3, 16)
    bundle.add('.join(" ")}', 3, 22, at="throw")
    bundle.add("function ", 6, 8)
    bundle.add("b", 6, 17, "openHistory")
    bundle.add("(t){", 6, 28)
    bundle.add("return ", 7, 3)
    bundle.add("a", 7, 10, "renderResult", at="call")
    bundle.add("(t.last())}", 7, 23)
    bundle.source("webpack://shop/./src/search.js", SEARCH)
    bundle.add("function ", 1, 8)
    bundle.add("c", 1, 17, "showMatch")
    bundle.add("(n){", 1, 27)
    bundle.add("return ", 2, 3)
    bundle.add('n.words.join(", ")}', 2, 10, "entry", at="match")
    return bundle


def stack(bundle: Bundle, url: str = URL, first: str = "throw", function: str = "a") -> str:
    return (
        f"{MESSAGE}\n    at {function} ({url}:1:{bundle.at[first]})\n"
        f"    at b ({url}:1:{bundle.at['call']})"
    )


def report(bundle: Bundle, number: int = 1, **changes: Any) -> dict[str, Any]:
    """The body of a crash in renderResult, from the person of this number."""
    return crash(
        **{
            "id": f"crash-{number}",
            "user_id": str(person(number)),
            "app_version": RELEASE,
            "error_message": MESSAGE,
            "stack_trace": stack(bundle),
            **changes,
        }
    )


def upload(
    services: Services,
    bundle: Bundle,
    *,
    debug_id: str = "",
    release: str = RELEASE,
    url: str = "~/assets/app.js",
    script: bool = True,
    content: bytes | None = None,
) -> int:
    """As the process does that takes uploads in; how many stored crashes are mapped anew for it."""
    releases = [] if debug_id else [(release, "")]
    parts = [
        Content(SOURCE_MAP, content or bundle.map(), debug_id, f"{url}.map", map_url=""),
        Content(SCRIPT, bundle.script, debug_id, url, map_url="app.js.map"),
    ]
    with services.database.transaction() as tx:
        keys: set[str] = set()
        for part in parts if script else parts[:1]:
            keys.update(artifacts.add(tx, APP, part, releases)["keys"])
        return queue_for(tx, APP, sorted(keys))


def map_all(services: Services) -> dict[str, int]:
    """The work of the process, here, until there is none."""
    symbols = Symbols(services.database, services.apps, services.key)
    while symbols.work():
        pass
    return symbols.counts


def frames(services: Services) -> list[dict[str, Any]]:
    """Of the newest crash: as the page shows them."""
    detail = value(
        services.database,
        "select detail from error_details order by timestamp desc, dedupe_key limit 1",
    )
    chain: list[list[dict[str, Any]]] = detail["symbols"]["chain"]
    return chain[0]


def _vlq(number: int) -> str:
    left = (-number << 1) | 1 if number < 0 else number << 1
    text = ""
    while True:
        digit, left = left & 31, left >> 5
        text += LETTERS[digit | (32 if left else 0)]
        if not left:
            return text
