"""Crash reports: what they say, what they must not say, and how many."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from standin import MakeClient, StandIn

from stories_analytics import AsyncClient
from stories_analytics._crash import RateLimit
from stories_analytics._scrub import scrub

PACKAGE = Path(__file__).parents[1]
PROGRAM = """
import sys, threading
from stories_analytics import Client
client = Client({url!r}, queue_path={queue!r}, app_version="3.1")
sys.excepthook = lambda *error: print("previous hook", error[1], flush=True)
client.install_excepthook()
{code}
"""


def crash_of(server: StandIn, tmp_path: Path, code: str) -> tuple[str, dict[str, Any]]:
    program = PROGRAM.format(url=server.url, queue=str(tmp_path / "queue"), code=code)
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},
        timeout=30,
        check=False,
    )
    (crash,) = server.items("crash")
    return run.stdout + run.stderr, crash


def test_an_error_that_ends_the_program_is_reported_and_printed_as_before(
    server: StandIn, tmp_path: Path
) -> None:
    output, crash = crash_of(server, tmp_path, "def f():\n    return 1 / 0\nf()")
    assert "previous hook division by zero" in output
    assert crash["crash_type"] == "uncaught_error"
    assert crash["error_message"] == "ZeroDivisionError: division by zero"
    assert crash["app_version"] == "3.1"
    assert "in f" in crash["stack_trace"]
    assert crash["id"]
    assert crash["timestamp"].endswith("Z")


def test_an_error_that_ends_a_thread_is_reported(server: StandIn, tmp_path: Path) -> None:
    code = "t = threading.Thread(target=lambda: [][1], name='worker'); t.start(); t.join()"
    output, crash = crash_of(server, tmp_path, code)
    assert "IndexError" in output
    assert crash["context"] == {"hook": "thread", "thread": "worker"}


def test_ctrl_c_is_no_crash(server: StandIn, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not enough values"):
        crash_of(server, tmp_path, "raise KeyboardInterrupt")


def test_it_reports_the_error_being_handled(client: AsyncClient, server: StandIn) -> None:
    try:
        raise KeyError("missing")
    except KeyError:
        client.report_crash(context={"screen": "main", "mail": "jane@example.com"})
    client.flush()
    (crash,) = server.items("crash")
    assert crash["error_message"] == "KeyError: 'missing'"
    assert crash["context"] == {"screen": "main", "mail": "[email]"}


def test_a_loop_of_errors_cannot_flood(client: AsyncClient, server: StandIn) -> None:
    for _ in range(500):
        try:
            raise ValueError("the same place")
        except ValueError as error:
            client.report_crash(error)
    for number in range(100):
        client.report_crash(f"kind {number}")
    client.flush()
    assert len(server.items("crash")) == 10
    assert client.stats().dropped == {"crash_rate_limit": 590}


def test_the_rate_limit_lets_through_again_and_says_what_it_held_back() -> None:
    limit = RateLimit()
    assert limit.admit("a", 0.0) == 0
    assert limit.admit("a", 30.0) is None
    assert limit.admit("a", 59.0) is None
    assert limit.admit("a", 60.0) == 2
    passed = [limit.admit(str(n), 61.0) for n in range(20)]
    assert passed.count(0) == 9


def test_long_texts_keep_both_ends(client: AsyncClient, server: StandIn) -> None:
    client.report_crash("begin " + "x y " * 30_000 + " end")
    client.flush()
    message = server.items("crash")[0]["error_message"]
    assert len(message) <= 4_000
    assert message.startswith("begin")
    assert message.endswith("end")


def test_hooks_of_others_survive_uninstalling(client: AsyncClient) -> None:
    before, before_thread = sys.excepthook, threading.excepthook
    client.install_excepthook()
    assert sys.excepthook is not before
    client.uninstall_excepthook()
    assert sys.excepthook is before
    assert threading.excepthook is before_thread


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('File "/Users/John Smith/app/main.py", line 3', 'File "~/app/main.py", line 3'),
        ("open /home/maria/secret.txt failed", "open ~/secret.txt failed"),
        (r"C:\Users\Ana María López\AppData\x.log", r"~\AppData\x.log"),
        (r"'C:\\Users\\John Smith\\x'", r"'~\\x'"),
        ("cwd=/Users/John Smith", "cwd=~"),
        ("'/home/maria'", "'~'"),
        ("file:///Users/john/x.js:3:4", "file://~/x.js:3:4"),
        ("mail jane.doe+x@mail.example.co.uk now", "mail [email] now"),
        ("https://bob:hunter2@example.com/x", "https://example.com/x"),
        ("Authorization: Bearer abc.def-ghi_jkl", "Authorization: [secret]"),
        ("api_key=abc123&x=1", "api_key=[secret]&x=1"),
        ('{"password": "p w", "user": 1}', '{"password": "[secret]", "user": 1}'),
        ("key sk-proj-abcdefghijklmnop1234", "key [secret]"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[secret]"),
        ("AKIAIOSFODNN7EXAMPLE", "[secret]"),
        ("bot 123456789:AAabcdefghijklmnopqrstuvwxyz0123456", "bot [secret]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def", "[secret]"),
        ("0123456789abcdef0123456789abcdef", "[secret]"),
        ("an ordinary sentence, at line 12: x = y", "an ordinary sentence, at line 12: x = y"),
        ("/usr/lib/python3.11/json/decoder.py", "/usr/lib/python3.11/json/decoder.py"),
        ("550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"),
    ],
)
def test_it_scrubs(text: str, expected: str) -> None:
    assert scrub(text) == expected


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "/home/",
            "a@",
            "password=",
            "eyJaaaaaaaaa.",
            "C:\\Users\\",
            "=:",
            "/a/b",
            "a.b-",
            "--a-",
        ),
        *(":1", 'key="\\', "A1 ", "?a=", "4 ", "Users/", "://a:", "+1 ", "Ab1/", 'secret="'),
    ],
)
def test_scrubbing_hostile_text_ends(unit: str) -> None:
    assert len(scrub(unit * 20_000)) <= 2_000_000


def test_a_handled_error_says_so_and_what_it_belongs_to(
    server: StandIn, make_client: MakeClient
) -> None:
    client = make_client()
    parts = ["export", "{{ default }}", "of jane@example.com", *map(str, range(30))]
    assert client.report_crash(ValueError("x"), handled=True, fingerprint=parts)
    assert client.report_crash(KeyError("y"))
    assert client.flush(10)
    handled, plain = sorted(server.items("crash"), key=lambda crash: "handled" not in crash)
    assert handled["handled"] is True
    assert handled["fingerprint"] == ["export", "{{ default }}", "of [email]", *map(str, range(17))]
    assert plain.keys().isdisjoint({"handled", "fingerprint"})
