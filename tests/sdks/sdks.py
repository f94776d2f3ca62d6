"""The SDKs, each as a program that a test tells what to do, and the app that they speak for."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote
from urllib.request import Request, urlopen

from stories.config import ROOT
from tests.sdks.proxy import Proxy
from tests.support import basic

FOLDER = Path(__file__).parent
INSTALLED = ROOT / ".sdks"
PYTHON = INSTALLED / "venv" / "bin" / "python"
SECONDS = 30.0
LOGIN = basic("admin", "admin")


@dataclass(frozen=True)
class Sdk:
    """An SDK. name: of its file in programs/, whose ending says what runs it. probe: what a test has it
    send when any event will do. sends_again: after a lost answer, a 429 or a 503, and what it could not
    send while the server was away. waits_for_end: once refused, it sends when its program ends.
    refused: the status of a wrong key. codings: how it can be told to compress; None is plain."""

    name: str
    probe: str = "event"
    sends_again: frozenset[str] = frozenset()
    waits_for_end: bool = False
    refused: int = 401
    codings: tuple[str | None, ...] = (None,)

    @property
    def is_page(self) -> bool:
        return self.name.endswith("_browser")


LOST, LIMITED, UNAVAILABLE, AWAY = "lost answer", "429", "503", "away"
ALWAYS = frozenset({LOST, LIMITED, UNAVAILABLE, AWAY})
SDKS = (
    Sdk("sentry_python", "error", refused=403, codings=(None, "gzip", "br")),
    Sdk("sentry_node", "error", refused=403),
    Sdk("sentry_browser", "error", refused=403),
    Sdk("sentry_electron", "error", sends_again=frozenset({LOST, AWAY}), refused=403),
    Sdk("posthog_python", sends_again=ALWAYS, codings=(None, "gzip")),
    Sdk("posthog_node", sends_again=ALWAYS - {LIMITED}, codings=(None, "gzip")),
    Sdk("posthog_browser", sends_again=ALWAYS, codings=(None, "gzip")),
    Sdk("segment_python", sends_again=ALWAYS, codings=(None, "gzip")),
    Sdk("segment_node", sends_again=ALWAYS),
    Sdk("aptabase_python", sends_again=ALWAYS, waits_for_end=True),
    Sdk("aptabase_browser"),
    Sdk("aptabase_electron"),
)


def sdk(name: str) -> Sdk:
    return next(each for each in SDKS if each.name == name)


def ask(url: str, path: str, body: Any = None) -> Any:
    headers = {**LOGIN, "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url + path, data, headers), timeout=SECONDS) as answer:
        return json.load(answer)


def until(is_so: Callable[[], Any], seconds: float = SECONDS, what: str = "it") -> Any:
    """What `is_so` returns when it is true. Raises AssertionError when that takes too long."""
    deadline = time.monotonic() + seconds
    while not (value := is_so()):
        assert time.monotonic() < deadline, f"{what} has not happened within {seconds} s"
        time.sleep(0.1)
    return value


class Receiver:
    """A new app of the server, and what has arrived in it."""

    def __init__(self, url: str, slug: str, query: Callable[[str], list[Any]]) -> None:
        self.url, self.slug, self._query = url, slug, query
        made = ask(url, "/apps", {"slug": slug, "kind": "desktop", "name": slug})["app"]
        self.key: str = made["ingest_key"]
        [(self.app_id,)] = query(f"select app_id from apps where slug = '{slug}'")

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        narrowed = f"&event_type={quote(name)}" if name else ""
        answer = ask(self.url, f"/events?app={self.slug}{narrowed}")
        events: list[dict[str, Any]] = answer["events"]
        return events

    def crashes(self) -> list[dict[str, Any]]:
        crashes: list[dict[str, Any]] = ask(self.url, f"/crashes?app={self.slug}")["crashes"]
        return crashes

    def issues(self) -> list[dict[str, Any]]:
        issues: list[dict[str, Any]] = ask(self.url, f"/issues?app={self.slug}")["issues"]
        return issues

    def handled(self) -> list[str]:
        """The messages of handled errors."""
        column = "detail ->> 'error_message'"
        rows = self._query(f"select {column} from error_details where app_id = {self.app_id}")
        return [message for (message,) in rows if message]

    def everything(self, *tables: str) -> list[Any]:
        """Every row of these tables, or of those that keep what was sent."""
        tables = tables or ("events", "crashes", "error_details", "group_names", "contents")
        return [
            row
            for table in tables
            for row in self._query(
                f"select to_jsonb(t) from {table} t where app_id = {self.app_id}"
            )
        ]

    def drops(self) -> dict[str, int]:
        rows = ask(self.url, f"/drops?app={self.slug}")["drops"]
        return {row["reason"]: row["count"] for row in rows}


class Program(Protocol):
    def do(self, verb: str, text: str = "") -> None:
        """Returns when the SDK has taken it, which is before it has sent it."""

    def close(self) -> None: ...


class Process:
    """A program of Python or Node."""

    def __init__(self, name: str, settings: dict[str, Any]) -> None:
        [path] = FOLDER.glob(f"programs/{name}.*")
        runs = str(PYTHON) if path.suffix == ".py" else "node"
        modules = f"{INSTALLED / 'node_modules'}:{FOLDER / 'stubs'}"
        self._process = subprocess.Popen(
            [runs, str(path), json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={"PATH": os.environ["PATH"], "NODE_PATH": modules, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        self._wait()

    def do(self, verb: str, text: str = "") -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{verb} {text}\n")
        self._process.stdin.flush()
        self._wait()

    def finish(self, seconds: float = SECONDS) -> int:
        """The exit code, when its input has ended."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        return self._process.wait(seconds)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()

    def _wait(self) -> None:
        assert self._process.stdout is not None
        said = []
        watchdog = threading.Timer(SECONDS, self._process.kill)
        watchdog.start()
        try:
            while (line := self._process.stdout.readline()) != "ok\n":
                said.append(line)
                assert line, f"the program ended or hung: {''.join(said)[-2000:]}"
        finally:
            watchdog.cancel()


class Page:
    """A page with a bundle of the SDK, of another origin than the server."""

    def __init__(self, browser: Any, origin: str, name: str, settings: dict[str, Any]) -> None:
        self._context = browser.new_context()
        self._page = self._context.new_page()
        self._page.goto(f"{origin}/page.html?secret=unsaid")
        self._page.add_script_tag(content=bundle(name))
        self._page.evaluate("settings => window.begin(settings)", settings)

    def do(self, verb: str, text: str = "") -> None:
        self._page.evaluate(f"text => window.verbs.{verb}(text)", text)

    def close(self) -> None:
        self._context.close()


_bundles: dict[str, str] = {}


def bundle(name: str) -> str:
    if name not in _bundles:
        modules = INSTALLED / "node_modules"
        made = subprocess.run(
            [modules / ".bin" / "esbuild", FOLDER / f"programs/{name}.js", "--bundle", "--minify"],
            env={"PATH": os.environ["PATH"], "NODE_PATH": str(modules)},
            capture_output=True,
            text=True,
        )
        assert made.returncode == 0, made.stderr
        _bundles[name] = made.stdout
    return _bundles[name]


@dataclass
class Trial:
    """An SDK at work: its program, the app that it speaks for, and the proxy between."""

    sdk: Sdk
    receiver: Receiver
    proxy: Proxy
    program: Program

    def probe(self, text: str) -> None:
        self.program.do(self.sdk.probe, text)

    def arrived(self, name: str) -> int:
        """How often the probe is counted; a trial sends one."""
        if self.sdk.probe == "event":
            return len(self.receiver.events(name))
        return len([message for message in self.receiver.handled() if name in message])

    def until(
        self, is_so: Callable[[], Any], what: str = "its arrival", seconds: float = SECONDS
    ) -> Any:
        """As the function of that name. Pages are looked at meanwhile: they work only then."""

        def is_so_now() -> Any:
            self.look()
            return is_so()

        return until(is_so_now, seconds, f"{self.sdk.name}: {what}")

    def until_sent(self, n: int = 1) -> None:
        self.until(lambda: len(self.proxy.sent()) >= n, "its request")

    def look(self) -> None:
        if isinstance(self.program, Page):
            self.program.do("flush")


Start = Callable[..., Trial]


@contextmanager
def closing(trials: list[Trial]) -> Iterator[None]:
    try:
        yield
    finally:
        for trial in trials:
            trial.program.close()
            with suppress(OSError):
                trial.proxy.go_away()
