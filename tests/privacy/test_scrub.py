"""What may not be stored does not get past `scrub`, and what a crash is read for does."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stories.privacy import scrub

# Made up here, piece by piece, so that no scanner takes them for real ones.
RANDOM = "Zx81kQ4mVb7TnR2cLw9Ys3Hd6Jf5Gp0A"
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxIn0." + "c2lnbmF0dXJl_1-x"
HEX = "9f86d081884c7d659a2feaa0c55ad015"

NODE = """\
Error: ENOENT: no such file or directory, open '/Users/Jane Doe/Library/Application Support/a.json'
    at Object.openSync (node:fs:601:3)
    at load (/Users/Jane Doe/Documents/stories/dist/main.js:123:45)
    at async Promise.all (index 0)
    at file:///Users/Jane%20Doe/stories/src/index.mjs:5:7 {
  errno: -2, code: 'ENOENT', path: '/Users/Jane Doe/Library/Application Support/a.json' }"""
NODE_CLEAN = """\
Error: ENOENT: no such file or directory, open '~/Library/Application Support/a.json'
    at Object.openSync (node:fs:601:3)
    at load (~/Documents/stories/dist/main.js:123:45)
    at async Promise.all (index 0)
    at file://~/stories/src/index.mjs:5:7 {
  errno: -2, code: 'ENOENT', path: '~/Library/Application Support/a.json' }"""
ELECTRON = r"""TypeError: Cannot read properties of undefined (reading 'id')
    at T (C:\Users\Jane Doe\AppData\Local\Programs\stories\resources\app.asar\dist\main.js:2:1701)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
    at WebContents.<anonymous> (node:electron/js2c/browser_init:2:87023)
Electron/28.0.0 Chrome/120.0.0.0 Windows 10.0.22631.1 app 0.9.51.2"""
ELECTRON_CLEAN = ELECTRON.replace(r"C:\Users\Jane Doe", "~")
CHROMIUM = """\
Uncaught (in promise) Error: 401 for jane.doe@example.co.uk
    at fetchUser (https://app.example.com/static/js/main.9f86d081.js?token=abc&v=2:10:5)
    at https://app.example.com/chunk-5KQZ.js#state=1:1:200
    at wss://jane:hunter2@10.1.2.3:8443/socket?key=1"""
CHROMIUM_CLEAN = """\
Uncaught (in promise) Error: 401 for [email]
    at fetchUser (https://app.example.com/static/js/main.9f86d081.js:10:5)
    at https://app.example.com/chunk-5KQZ.js:1:200
    at wss://[ip]:8443/socket"""
PYTHON = """\
Traceback (most recent call last):
  File "/home/jane/.venv/lib/python3.12/site-packages/openai/_client.py", line 1020, in _request
    raise self._make_status_error_from_response(err.response) from None
openai.AuthenticationError: 401 - Incorrect API key: sk-proj-Ab12Cd34Ef56Gh78Ij90"""
PYTHON_CLEAN = PYTHON.replace("/home/jane", "~").replace("sk-proj-Ab12Cd34Ef56Gh78Ij90", "[secret]")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (NODE, NODE_CLEAN),
        (ELECTRON, ELECTRON_CLEAN),
        (CHROMIUM, CHROMIUM_CLEAN),
        (PYTHON, PYTHON_CLEAN),
    ],
    ids=["node", "electron", "chromium", "python"],
)
def test_it_cleans_a_stack_trace_and_keeps_its_frames(before: str, after: str) -> None:
    assert scrub.text(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/Users/Jane Doe/Library/x.js:1:2", "~/Library/x.js:1:2"),
        ("/Users/jane doe/x.js", "~/x.js"),
        ("/Users/María de la Cruz/x.js", "~/x.js"),
        ("/Users/Doe, Jane (Work)/x.js", "~/x.js"),
        ("open '/Users/Sean O'Brien/a.txt'", "open '~/a.txt'"),
        ('in "/Users/jane the second"', 'in "~"'),
        ("cwd: /Users/Jane Doe", "cwd: ~"),
        ("/home/jane", "~"),
        ("/home/jane/app.py:3", "~/app.py:3"),
        ("/var/home/jane/app.py", "~/app.py"),
        ("/root/app.py and /root", "~/app.py and ~"),
        (r"C:\Users\Jane Doe\x.js", r"~\x.js"),
        (r"c:\users\jane\x.js", r"~\x.js"),
        ("C:/Users/Jane Doe/x.js:1:2", "~/x.js:1:2"),
        (r"C:\Documents and Settings\Jane Doe\x.js", r"~\x.js"),
        (r'{"path":"C:\\Users\\Jane Doe\\x.js"}', r'{"path":"~\\x.js"}'),
        (r"\\server\Users\jane\x.js", r"\\server~\x.js"),
        ("/mnt/c/Users/jane/x.js", "~/x.js"),
        ("file:///Users/Jane%20Doe/x.js", "file://~/x.js"),
        ("file:///C:/Users/Jane%20Doe/x.js", "file:///~/x.js"),
        ("vscode-file://vscode-app/home/jane/x.js", "vscode-file://vscode-app~/x.js"),
        ("http://localhost:3000/@fs/home/jane/x.ts", "http://localhost:3000/@fs~/x.ts"),
        ("webpack:///../../home/jane/x.js", "webpack:///../..~/x.js"),
    ],
)
def test_it_replaces_a_home_directory_with_the_whole_name(before: str, after: str) -> None:
    assert scrub.text(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "cannot open /Users/jane and then see /etc/hosts",
            "cannot open ~ and then see /etc/hosts",
        ),
        ("copied /home/jane to /tmp/x", "copied ~ to /tmp/x"),
        ("read /Users/jane in and/or out", "read ~ in and/or out"),
        ("no /Users/jane directory", "no ~ directory"),
    ],
)
def test_it_leaves_the_prose_after_a_home_directory(before: str, after: str) -> None:
    assert scrub.text(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("sk-Ab12Cd34Ef56Gh78Ij90", "[secret]"),
        ("sk-ant-api03-Ab12Cd34Ef56Gh78", "[secret]"),
        ("AKIA" + "IOSFODNN7EXAMPLE", "[secret]"),
        ("ghp" + "_Ab12Cd34Ef56Gh78Ij90Kl12", "[secret]"),
        ("github" + "_pat_11ABCDEFG0123456789_abc", "[secret]"),
        ("xox" + "b-1234567890-abcdef", "[secret]"),
        ("AIza" + "SyA1234567890abcdefghijklmnopqrstuv", "[secret]"),
        ("sk" + "_live_4eC39HqLyjWDarjtT1", "[secret]"),
        (f"got {JWT}!", "got [secret]!"),
        ("Bearer abc123def456", "Bearer [secret]"),
        ("Basic amFuZTpodW50ZXIy", "Basic [secret]"),
        ("Authorization: Basic amFuZTpodW50ZXIy", "Authorization: [secret]"),
        ("Cookie: a=b; c=d", "Cookie: [secret]"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nx", "[secret]\nx"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE cut off", "[secret]"),
        ("password=hunter2", "password=[secret]"),
        ("PASSWORD: 'correct horse'", "PASSWORD: '[secret]'"),
        ("DB_PASSWORD=1234, x", "DB_PASSWORD=[secret], x"),
        ("client_secret: abc", "client_secret: [secret]"),
        ("apiKey = abc)", "apiKey = [secret])"),
        ("access_token=abc&x=1", "access_token=[secret]&x=1"),
        ("token: abcdef123456", "token: [secret]"),
        ('{"token":"abcdef123456","n":1}', '{"token":"[secret]","n":1}'),
        (r"{\"api_key\":\"abc\"}", r"{\"api_key\":\"[secret]\"}"),
        (f"id {RANDOM}.", "id [secret]."),
        (f"id {HEX}.", "id [secret]."),
        (f"/v1/keys/{RANDOM}/use", "/v1/keys/[secret]/use"),
        ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "[secret]"),
    ],
)
def test_it_removes_secrets(before: str, after: str) -> None:
    assert scrub.text(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("mail jane.doe+x@example.com.", "mail [email]."),
        ("mailto:jörg@müller.de", "mailto:[email]"),
        ("/u/jane%40example.com/x", "/u/[email]/x"),
        ("connect ECONNREFUSED 192.168.1.20:5432", "connect ECONNREFUSED [ip]:5432"),
        ("from ::ffff:203.0.113.7", "from [ip]"),
        ("[2001:db8::1]:443", "[[ip]]:443"),
        ("fe80::1c2d:3", "[ip]"),
        ("postgres://jane:hunter2@db.example.com:5432/x", "postgres://db.example.com:5432/x"),
        ("postgres://jane:hun/ter2@db/x", "postgres://db/x"),
        (
            "https://x.com/p?utm_source=a&gclid=1&utm_medium=b#frag",
            "https://x.com/p?utm_source=a&utm_medium=b",
        ),
        ("(https://x/app.js?token=1:10:5)", "(https://x/app.js:10:5)"),
    ],
)
def test_it_removes_who_somebody_is(before: str, after: str) -> None:
    assert scrub.text(before) == after


@pytest.mark.parametrize(
    "harmless",
    [
        "auto_paste",
        "550e8400-e29b-41d4-a716-446655440000",
        "2026-11-21T04:03:00.000Z",
        "darwin-24.6.0",
        "Version 1.2.3.4, v10.0.0.1, build 4.5.6.7",
        "0.9.51.2",
        "10.0.22631.1",
        "1.3.6.1.4.1.311",
        "connect ECONNREFUSED 127.0.0.1:5432 and ::1",
        "std::vector<int> a::b dead::beef 12:34:56",
        "react@18.2.0, icon@2x.png, render@main.js:1:2, @scope/name",
        "SyntaxError: Unexpected token: punc (})",
        "Unexpected token < in JSON at position 0",
        "key: Enter, keyboard: US, monkey=bananas12",
        "max_tokens=4096, token_count: 512",
        "Bearer authentication failed; Basic authentication too",
        "subscription_upgrade_completed_successfully",
        "/app/node_modules/@scope/pkg/dist/esm/internal/operators/distinctUntilKeyChanged.js",
        f"/static/main.{HEX}.js and {HEX}.chunk.css:1:2",
        "_ZN4node9inspector16InspectorIo11StopThreadEv",
        "https://example.com/home/pricing",
        "task-runner-with-a-long-name",
    ],
)
def test_it_leaves_what_is_harmless(harmless: str) -> None:
    assert scrub.text(harmless) == harmless


def test_a_value_is_scrubbed_at_every_level_names_included() -> None:
    before = {"list": [{"where": "/home/jane/x"}, 5], "jane@example.com": None}
    assert scrub.value(before) == {"list": [{"where": "~/x"}, 5], "[email]": None}


SECRET_NAMES = (
    *("password", "Passwd", "db_password", "clientSecret", "api-key", "APIKEY", "x-api-key", "key"),
    *(
        "authorization",
        "Cookie",
        "set-cookie",
        "cookies",
        "access_key",
        "private_key",
        "auth token",
    ),
)


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_what_is_under_a_secret_name_is_blanked(name: str) -> None:
    assert scrub.value({name: "abc"}) == {name: "[secret]"}
    assert scrub.value({name: ["a", {"b": "c"}]}) == {name: ["[secret]", {"b": "[secret]"}]}
    assert scrub.suspicious(json.dumps({name: "abc"}).encode())


@pytest.mark.parametrize("kept", [5, 1.5, True, None, ""])
def test_numbers_and_booleans_are_no_secrets(kept: object) -> None:
    assert scrub.value({"token": kept, "password": kept}) == {"token": kept, "password": kept}


@pytest.mark.parametrize("name", ["token_count", "token_type", "hotkey", "grid_key", "author"])
def test_a_name_that_only_contains_a_secret_word_is_none(name: str) -> None:
    assert scrub.value({name: "abc"}) == {name: "abc"}


def test_a_version_of_four_numbers_is_no_address() -> None:
    assert scrub.value({"osVersion": "10.1.2.3", "host": "10.1.2.3"}) == {
        "osVersion": "10.1.2.3",
        "host": "[ip]",
    }


def test_an_ordinary_batch_is_not_suspicious() -> None:
    event = {
        "user_id": "550e8400-e29b-41d4-a716-446655440000",
        "event": "transcription_completed",
        "timestamp": "2026-11-21T04:03:00.000Z",
        "properties": {"duration_seconds": 12.5, "source": "main", "token_count": 5},
        "app_version": "0.9.51",
        "platform": "darwin-24.6.0",
        "country": "XX",
        "session_id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    }
    assert not scrub.suspicious(json.dumps({"events": [event] * 20}).encode())


# Text made of what the rules look for, so that they meet at every seam.
PARTS = [
    *(
        "@",
        ".",
        ":",
        "/",
        "\\",
        "//",
        "://",
        "::",
        "?",
        "#",
        "=",
        "&",
        "%",
        "%40",
        "%2F",
        " ",
        "\n",
    ),
    *(
        '"',
        "'",
        "-",
        "_",
        "(",
        ")",
        "[",
        "]",
        ",",
        ";",
        "~",
        "v",
        "a",
        "F",
        "1",
        "25",
        "255",
        "jane",
    ),
    *("Jane", "Doe", "com", "js", "http", "file", "utm_a", "Users", "users", "home", "root", "C:"),
    *("documents and settings", "key", "token", "Secret", "password", "PASS", "word", "pwd", "api"),
    *("cookie", "Authorization", "Bearer", "basic", "amFuZTpwdw", "sk-", "AKIA", "ghp_", "xoxb-"),
    *("eyJ", "AIza", "SG.", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "2001:db8"),
    *(
        "10.0.0.1",
        "/home/",
        "/Users/",
        "/root",
        "@fs",
        "[secret]",
        "[email]",
        "[ip]",
        "é",
        "\u212a",
    ),
    *("utm_source=a", "é", "0123456789abcdef", "a1B2c3D4e5F6g7H8", "_Z", "$", ".js", "version"),
    *("550e8400-e29b-41d4-a716-446655440000", RANDOM, HEX),
]
hostile = st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=14).map("".join)


@settings(max_examples=300, deadline=None)
@given(hostile)
@example("/Users/jane/Users/jane")
@example("password=[secret")
def test_scrubbing_twice_changes_nothing_more(text: str) -> None:
    once = scrub.text(text)
    assert scrub.text(once) == once


@settings(max_examples=300, deadline=None)
@given(hostile, hostile)
@example("\u212aey=Ab12Cd34Ef56Gh78Ij90Kl", "to\u212aen")
def test_a_body_without_suspicion_needs_no_scrubbing(text: str, name: str) -> None:
    for obj in ({"k": text}, {text: "k"}, [text], {name: text}):
        for ascii_only in (True, False):
            body = json.dumps(obj, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
            assert scrub.suspicious(body) or scrub.value(obj) == obj


@contextmanager
def hang_guard(seconds: int) -> Iterator[None]:
    """Not a limit on speed: what is quadratic takes minutes at this length."""

    def fail(*_: object) -> None:
        raise AssertionError("still running: not linear in its input")

    previous = signal.signal(signal.SIGALRM, fail)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


UNITS = (
    *("a@", "a@a.", "a", "a.", "/", "//", "eyJ", "eyJ-", "eyJa.", "eyJaaaaa", "eyJaaaaa.", "://"),
    *("::", "://a", "://a?", "://a:", "a:a@", "1.", "1:", "1.1.1.1", "f:", "/Users/", "/Users/a "),
    *("/home/", "/Users/a Bc ", "'/Users/a'", "C:\\", "C:\\\\Users\\\\", "%2F", "%2FUsers", "\\"),
    *("file://", " ", "-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "token", "token=", 'token="'),
    *(
        "token ",
        "key: ",
        "password='",
        'password=\\"',
        "Bearer ",
        "Bearer a",
        "sk-",
        "sk-a",
        "xoxb-",
    ),
    *("[secret]", "a/", "aB1", "aB1/", "550e8400-e29b-41d4-a716-446655440000-", HEX, "abc_", "="),
    *("?", "/@fs", "SG.a", "Cookie: ", "version", "é", "@", "a@-", "..", "?utm_a=b&", "/root"),
    *("/Users/O'", "file:///home/", " /home/a", "c:/users/"),
)


@pytest.mark.parametrize("unit", UNITS)
def test_no_hostile_text_hangs_it(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    with hang_guard(20):
        scrub.text(text)
        scrub.text("x " + text + "\n")
        scrub.suspicious(json.dumps(text).encode())
