"""The lines that Settings gives for SDKs of others, pasted as they are, send to this server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from playwright.sync_api import Browser

from stories.config import ROOT
from tests.sdks.sdks import INSTALLED, PYTHON, SECONDS, ask, until
from tools.server import Server

TABLE = ("sdk_lines.js", "sdk_lines_python.js")
WRITE = """
import { SDKS } from "./sdk_lines.js";
const app = JSON.parse(process.argv[1]);
const files = SDKS.filter((entry) => !entry.kinds && !entry.second)
  .map(({ platform, sdk, file, lines }) => [`${platform} ${sdk}`, file, lines(app)]);
console.log(JSON.stringify(files));
"""
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
# What is done after the lines, in JavaScript or Python, where they send nothing by themselves.
THROWS = {
    "js": "setTimeout(() => { throw new Error('it broke'); });",
    "py": "raise ValueError('it broke')",
}
SENDS_EVENTS = {
    "Node posthog-node",
    "Node @segment/analytics-node",
    "Python posthog",
    "Python aptabase",
    "Browser posthog-js",
    "Browser @aptabase/web",
}
REPORTS_ERRORS = {
    "Node @sentry/node",
    "Node posthog-node",
    "Python sentry-sdk",
    "Python posthog",
    "Browser @sentry/browser",
    "Browser posthog-js",
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where imports find the SDKs."""
    with TemporaryDirectory(dir=INSTALLED) as name:
        yield Path(name)


def lines_for(app: dict[str, Any], url: str, folder: Path) -> dict[str, tuple[str, str]]:
    """By program and SDK: a file's name and its lines, as the dashboard fills them in."""
    for name in TABLE:
        shutil.copy(ROOT / "static" / "dashboard" / name, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    values = json.dumps({"server": url, "key": app["ingest_key"], "dsn": app["dsn"]})
    written = subprocess.run(
        ["node", "--input-type=module", "--eval", WRITE, values],
        cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {name: (file, text) for name, file, text in json.loads(written.stdout)}


def run_process(file: str, text: str, folder: Path, throws: bool) -> None:
    after = (THROWS["py" if file.endswith(".py") else "js"] if throws else "") + "\n"
    (folder / file).write_text(f"{text}\n{after}")
    command = [str(PYTHON), file] if file.endswith(".py") else ["node", file]
    ended = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=2 * SECONDS
    )
    assert ended.returncode == int(throws), ended.stderr


def run_page(text: str, folder: Path, browser: Browser, origin: str) -> None:
    """Throws ever. The page stays until it has sent."""
    (folder / "page.js").write_text(f"{text}\n{THROWS['js']}")
    made = subprocess.run(
        [INSTALLED / "node_modules" / ".bin" / "esbuild", "page.js", "--bundle", "--minify"],
        cwd=folder, env=ENVIRONMENT, capture_output=True, text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    page = browser.new_context(user_agent="Mozilla/5.0 Chrome/144.0").new_page()
    page.add_init_script("Object.defineProperty(navigator, 'webdriver', {get: () => false})")
    page.goto(f"{origin}/page.html")
    page.add_script_tag(content=made.stdout)
    page.wait_for_timeout(5_000)  # longer than posthog-js waits for more
    page.context.close()


@pytest.mark.parametrize("name", sorted(SENDS_EVENTS | REPORTS_ERRORS))
def test_the_lines_of_settings_send_what_they_say(
    sdk_server: tuple[Server, str],
    folder: Path,
    request: pytest.FixtureRequest,
    name: str,
) -> None:
    url = sdk_server[0].url
    slug = "lines-" + "".join(letter for letter in name.lower() if letter.isalpha())
    app = ask(url, "/apps", {"slug": slug, "kind": "desktop", "name": slug})["app"]
    file, text = lines_for(app, url, folder)[name]
    throws = name in REPORTS_ERRORS
    if name.startswith("Browser"):
        values = [request.getfixturevalue(each) for each in ("browser", "origin")]
        run_page(text, folder, *values)
    else:
        run_process(file, text, folder, throws)
    if throws:
        [crash] = until(lambda: ask(url, f"/crashes?app={slug}")["crashes"], what="a crash")
        assert "it broke" in crash["error_message"]
        assert crash["app_version"] == "1.0.0"
    if name in SENDS_EVENTS:
        [event, *_] = until(lambda: ask(url, f"/events?app={slug}")["events"], what="an event")
        assert event["event"] in ("app_started", "page_viewed")
        assert event["app_version"] == "1.0.0"


def test_every_program_that_is_tried_is_in_the_table(folder: Path) -> None:
    app = {"ingest_key": "k", "dsn": "http://k@h/1"}
    offered = lines_for(app, "http://h", folder)
    assert offered.keys() >= SENDS_EVENTS | REPORTS_ERRORS
