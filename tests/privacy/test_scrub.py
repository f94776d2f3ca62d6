"""What may not be stored does not get past `scrub`, and what a crash is read for does."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stories.privacy import scrub, scrub_rules

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


EXAMPLES = json.loads(Path(__file__).with_name("scrubbing_examples.json").read_text())
TEXTS = [(entry["text"], entry["scrubbed"]) for entry in EXAMPLES if "text" in entry]
MEMBERS = [entry["member"] for entry in EXAMPLES if "member" in entry and not entry.get("kept")]
KEPT_MEMBERS = [entry["member"] for entry in EXAMPLES if entry.get("kept")]


@pytest.mark.parametrize(("before", "after"), TEXTS)
def test_every_example_becomes_what_the_table_says(before: str, after: str) -> None:
    assert scrub.text(before) == after
    assert scrub.text(after) == after
    if before != after:
        assert scrub.suspicious(json.dumps({"k": before}, ensure_ascii=False).encode())


def test_a_value_is_scrubbed_at_every_level_names_included() -> None:
    before = {"list": [{"where": "/home/jane/x"}, 5], "jane@example.com": None}
    assert scrub.value(before) == {"list": [{"where": "~/x"}, 5], "[email]": None}


@pytest.mark.parametrize("name", MEMBERS)
def test_what_is_under_a_secret_name_is_blanked(name: str) -> None:
    assert scrub.value({name: "abc"}) == {name: "[secret]"}
    assert scrub.value({name: ["a", {"b": "c"}]}) == {name: ["[secret]", {"b": "[secret]"}]}
    assert scrub.suspicious(json.dumps({name: "abc"}).encode())


@pytest.mark.parametrize("kept", [5, 1.5, True, None, ""])
def test_numbers_and_booleans_are_no_secrets(kept: object) -> None:
    assert scrub.value({"token": kept, "password": kept}) == {"token": kept, "password": kept}


@pytest.mark.parametrize("number", [1234, 12.5])
def test_numbers_are_blanked_under_the_names_of_personal_numbers(number: float) -> None:
    before = {"pin": number, "phone": [number], "cvv": True, "ssn": None}
    assert scrub.value(before) == {
        "pin": "[secret]",
        "phone": ["[secret]"],
        "cvv": True,
        "ssn": None,
    }
    assert scrub.suspicious(json.dumps(before).encode())


@pytest.mark.parametrize("name", KEPT_MEMBERS)
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
    *("550e8400-e29b-41d4-a716-446655440000", RANDOM, HEX, "--password ", "?a=", "=>", "session"),
    *(
        "4242 4242 4242 4242",
        "4242424242424242",
        "DE89370400440532013000",
        "078-05-1120",
        "+49 170",
    ),
    *("1234567", "00:1a:2b:3c:4d:5e", "Profiles", "pin", "email", "whsec_", "r8_", "+"),
]
hostile = st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=14).map("".join)


@settings(max_examples=300, deadline=None)
@given(hostile)
@example("/Users/jane/Users/jane")
@example("password=[secret")
def test_scrubbing_twice_changes_nothing_more(text: str) -> None:
    once = scrub.text(text)
    assert scrub.text(once) == once


LOOKED_FOR = [
    rule.args
    for _, rule in scrub_rules.RULES
    if isinstance(rule, partial) and rule.func is scrub_rules._if_seen
]
macs = st.lists(st.sampled_from(["0a", "FF", "7e"]), min_size=6, max_size=6).flatmap(
    lambda pairs: st.lists(st.sampled_from(":-"), min_size=6, max_size=6).map(
        lambda signs: "".join(map("".join, zip(pairs, signs, strict=True)))[:-1]
    )
)
numbered = (
    st.ip_addresses().map(str)
    | st.ip_addresses(v=6).map(lambda address: address.exploded)
    | st.ip_addresses(v=4).map(lambda address: f"1:2:3:4:5:6:{address}")
    | macs
    | st.from_regex("[0-9A-F:. -]{5,45}", fullmatch=True)
    | st.sampled_from(
        [
            *("4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "378282246310005"),
            *("3782 822463 10005", "3056 930902 5904", "DE89 3704 0044 0532 0130 00"),
            *("DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "NO9386011117947"),
        ]
    )
)


@settings(max_examples=300, deadline=None)
@given(hostile, numbered, hostile)
def test_a_rule_with_a_look_before_it_leaves_out_nothing(before: str, it: str, after: str) -> None:
    assert len(LOOKED_FOR) == 5
    for text in (it, f"{before} {it}", f"{it} {after}", before + it + after):
        for look, rule in LOOKED_FOR:
            assert rule(text) == text or look.search(text), text


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
    *("/Users/O'", "file:///home/", " /home/a", "c:/users/", "--a", "--password ", "?a=", "?a"),
    *("+1 ", "4242 ", "4", "DE89 ", "AB12CDEF", "/a/b", "'/home/", "12-", "00:"),
)


@pytest.mark.parametrize("unit", UNITS)
def test_no_hostile_text_hangs_it(unit: str) -> None:
    text = unit * (150_000 // len(unit))
    with hang_guard(20):
        scrub.text(text)
        scrub.text("x " + text + "\n")
        scrub.suspicious(json.dumps(text).encode())
