"""Crashes of a minified app and its source map of 6 MB: how soon the first has real names, what a later
one takes, the memory of the process that maps; and /health while a map of 10 MB is opened."""

from __future__ import annotations

import http.client
import json
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from database import Database
from stories.symbols import artifacts
from stories.symbols.artifacts import SCRIPT, SOURCE_MAP, Content
from tools.benchmarks.place import Place, query
from tools.benchmarks.server import OURS, serving
from tools.server import Server, children

MAP_BYTES, LARGE_BYTES = 6 * 2**20, 10 * 2**20
LATER = 100  # crashes
HEALTH_SECONDS = 6.0
FRAMES = 20
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
WORDS = (
    *("load", "store", "entry", "user", "cart", "price"),
    *("draw", "history", "open", "close", "render", "update"),
)
NAMED = "select count(*) from error_details where detail ? 'symbols'"


def measure_symbols(place: Place) -> dict[str, Any]:
    """{"map_bytes", "script_bytes", "tokens", "first" and "each" ms, "memory" and "peak" MB, "health"
    and "health_opening": p99 in ms}."""
    dsn = place.create("bench_symbols")
    rng = Random(20)
    try:
        with serving(OURS, dsn, LOG_LEVEL="error") as server:
            sender = _Sender(server, dsn)
            small = sender.upload("app.js", MAP_BYTES, rng)
            large = sender.upload("large.js", LARGE_BYTES, rng)
            first = sender.until_named([sender.crash("app.js", small, rng)])
            each = sender.until_named([sender.crash("app.js", small, rng) for _ in range(LATER)])
            resting = _health(server, lambda: None)
            opening = _health(
                server, lambda: sender.until_named([sender.crash("large.js", large, rng)])
            )
            memory, peak = _memory(server)
    finally:
        place.drop("bench_symbols")
    script, source_map, places = small
    return {
        "map_bytes": len(source_map),
        "script_bytes": len(script),
        "tokens": len(places),
        "large_bytes": len(large[1]),
        "first": first,
        "each": each / LATER,
        "later": LATER,
        "memory": memory,
        "peak": peak,
        "health": resting,
        "health_opening": opening,
    }


App = tuple[bytes, bytes, list[int]]  # the script, its map, and columns that the map knows


class _Sender:
    """Sends crashes of minified apps to a server, and waits for their names."""

    def __init__(self, server: Server, dsn: str) -> None:
        self._dsn = dsn
        self._database = Database(dsn, 2)
        self._port = server.port
        self._sent = 0

    def upload(self, name: str, size: int, rng: Random) -> App:
        app = _app(size, rng)
        url = f"~/{name}"
        with self._database.transaction(seconds=60) as tx:
            for content in (
                Content(SCRIPT, app[0], url=url, map_url=f"{name}.map"),
                Content(SOURCE_MAP, app[1], url=f"{url}.map"),
            ):
                artifacts.add(tx, 1, content, [("1.0.0", "")])
        return app

    def crash(self, name: str, app: App, rng: Random) -> bytes:
        self._sent += 1
        columns = rng.sample(app[2], FRAMES)
        stack = [f"    at a (https://x.example/{name}:1:{column + 1})" for column in columns]
        return json.dumps(
            {
                "user_id": f"00000000-0000-4000-8000-{self._sent:012d}",
                "app_version": "1.0.0",
                "crash_type": "uncaught_error",
                "error_message": f"TypeError: {rng.choice(WORDS)} is not a function",
                "stack_trace": "\n".join(["TypeError: it is not a function", *stack]),
                "timestamp": datetime.now(UTC).isoformat(),
            }
        ).encode()

    def until_named(self, bodies: list[bytes]) -> float:
        """Milliseconds from the first request until all have names."""
        [(before,)] = query(self._dsn, NAMED)
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        began = time.perf_counter()
        for body in bodies:
            link.request("POST", "/crash", body, {"Content-Type": "application/json"})
            answer = link.getresponse()
            if answer.read() and answer.status != 200:
                raise RuntimeError(f"a crash was answered {answer.status}")
        while query(self._dsn, NAMED)[0][0] < before + len(bodies):
            if time.perf_counter() - began > 60:
                raise RuntimeError("not all crashes got names")
            time.sleep(0.01)
        return (time.perf_counter() - began) * 1_000


def _app(size: int, rng: Random) -> App:
    """Functions of a few calls each, until the map has `size` bytes: half of it is source, as in maps of
    bundlers."""
    script: list[str] = []
    segments: list[str] = []
    contents: list[list[str]] = []
    places: list[int] = []
    names = [f"{one}{two.title()}" for one in WORDS for two in WORDS]
    column = length = lines = 0
    last = [0, 0, 0, 0, 0]
    source = -1
    while length < size:
        if lines % 500 == 0:
            source, lines = source + 1, 0
            contents.append([])
        name = rng.randrange(len(names))
        text = (
            f"  {names[name]}(entry, {rng.choice(WORDS)}); // {' '.join(rng.choices(WORDS, k=4))}"
        )
        contents[-1].append(text)
        for piece, at, named in (("a", 3, True), ("(b,", 10, False), ("c);", 17, False)):
            numbers = [column, source, lines, at, name if named else last[4]]
            fields = 5 if named else 4
            segment = "".join(
                _vlq(one - two) for one, two in zip(numbers[:fields], last, strict=False)
            )
            places.append(column)
            last = numbers
            segments.append(segment)
            script.append(piece)
            column += len(piece)
            length += len(segment) + 1
        length += len(text) + 2
        lines += 1
    document = {
        "version": 3,
        "sources": [f"../src/{number}.js" for number in range(source + 1)],
        "sourcesContent": ["\n".join(lines) for lines in contents],
        "names": names,
        "mappings": ",".join(segments),
    }
    return "".join(script).encode(), json.dumps(document).encode(), places


def _vlq(number: int) -> str:
    left, text = (-number << 1) | 1 if number < 0 else number << 1, ""
    while True:
        digit, left = left & 31, left >> 5
        text += LETTERS[digit | (32 if left else 0)]
        if not left:
            return text


def _health(server: Server, meanwhile: Any) -> float:
    """p99 of /health in ms, asked 100 times a second for HEALTH_SECONDS; something else begins after a
    second of them."""
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    other = threading.Timer(1.0, meanwhile)
    other.start()
    took, until = [], time.perf_counter() + HEALTH_SECONDS
    while (began := time.perf_counter()) < until:
        link.request("GET", "/health")
        link.getresponse().read()
        took.append(time.perf_counter() - began)
        time.sleep(max(0.0, 0.01 - took[-1]))
    other.join()
    return sorted(took)[int(len(took) * 0.99)] * 1_000


def _memory(server: Server) -> tuple[float, float]:
    """What the process that maps holds, and the most that it held, in MB."""
    for worker in server.workers():
        for pid in children(worker):
            folder = Path(f"/proc/{pid}")
            if b"symbols" in (folder / "cmdline").read_bytes():
                status = dict(
                    line.split(":", 1) for line in (folder / "status").read_text().splitlines()
                )
                resident, most = (int(status[name].split()[0]) for name in ("VmRSS", "VmHWM"))
                return resident / 1024, most / 1024
    raise RuntimeError("no process maps")
