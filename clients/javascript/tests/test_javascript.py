"""The JavaScript clients: their own tests, and their contract with the real server.

The tests are written for `node --test` in clients/javascript/tests; this runs them, the contract
ones against a server that it starts.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support import require
from tools.server import Server

CLIENT = Path(__file__).parent.parent
RUN_SECONDS = 600


@pytest.fixture(scope="module")
def node() -> str:
    """Path of Node 20 or newer. Skips without one; under CI=true that is a failure."""
    found = require("node")
    version = subprocess.run([found, "--version"], capture_output=True, text=True).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < 20:
        reason = f"the JavaScript clients need Node 20 or newer, not {version}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def _run(node: str, tests: list[Path], **environment: str) -> None:
    """`node --test` on these files; its report is the failure's text, its skips are said aloud."""
    done = subprocess.run(
        [node, "--test", "--test-concurrency=1", "--test-reporter=tap", *map(str, tests)],
        cwd=CLIENT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
    )
    assert done.returncode == 0, done.stdout[-12_000:] + done.stderr
    counts = {name: int(n) for name, n in re.findall(r"^# (\w+) (\d+)$", done.stdout, re.MULTILINE)}
    if counts["skipped"]:
        pytest.skip(re.findall(r"# SKIP (.*)", done.stdout)[0])
    assert counts["pass"] > 0, done.stdout


def test_the_javascript_client_passes_its_own_tests(node: str) -> None:
    _run(node, sorted((CLIENT / "tests").glob("*.test.mjs")))


@pytest.mark.parametrize(
    "contract",
    sorted((CLIENT / "tests" / "contract").glob("*.test.mjs")),
    ids=lambda path: path.name.removesuffix(".test.mjs"),
)
def test_the_javascript_client_and_the_real_server_agree(
    node: str, contract: Path, lasting_server: Server
) -> None:
    """All on one server: every contract is about people of its own, new ones each time."""
    _run(node, [contract], SERVER_URL=lasting_server.url)
