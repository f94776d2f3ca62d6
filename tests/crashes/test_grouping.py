"""Which crashes have the same fault: the cases of two corpora, and what must hold for any crash."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stories.config import ROOT
from stories.crashes.grouping import CATCH_ALL, Frame, Grouping, Link, group
from stories.crashes.patterns import Patterns
from stories.privacy import scrub
from tools.traffic import Parameters, desktop_crashes

HERE = Path(__file__).parent
CORPUS, MORE = (
    json.loads((HERE / name).read_text(encoding="utf-8"))
    for name in ("corpus.json", "more_cases.json")
)
CASES = [*CORPUS, *MORE]
CRASHES = [crash for case in CASES for crash in case["crashes"]]
STACKS = [crash for crash in CRASHES if crash["stack_trace"]]


def grouped(crash: dict[str, Any]) -> Grouping:
    return group(
        crash["crash_type"],
        crash["error_message"],
        crash["stack_trace"],
        client_fingerprint=crash.get("fingerprint"),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_case_of_the_corpus_is_grouped_as_it_wants(case):
    groupings = [grouped(crash) for crash in case["crashes"]]
    wanted = 1 if case["want"] == "same" else len(groupings)
    assert len({g.fingerprint for g in groupings}) == wanted, [g.why for g in groupings]


def test_the_corpora_are_whole():
    assert len(CORPUS) == 46
    assert len(MORE) >= 140
    assert len({case["name"] for case in CASES}) == len(CASES)
    assert {case["want"] for case in CASES} == {"same", "different"}


# --- what an issue shows ---------------------------------------------------------------------------


def test_an_issue_shows_what_was_grouped_and_why():
    crash = CORPUS[0]["crashes"][0]
    grouping = grouped(crash)
    assert len(grouping.fingerprint) == 16
    assert msgspec.structs.asdict(grouping) | {"fingerprint": b"", "chain": []} == {
        "fingerprint": b"",
        "title": "TypeError: Cannot read properties of undefined (reading 'transcript')",
        "culprit": "renderer/history.js:renderResult",
        "why": [
            "type TypeError",
            "function renderer/history.js:renderResult",
            "function renderer/history.js:update",
            "function renderer/app.js:onTranscription",
            "message is nullish transcript",
        ],
        "keys": [
            "renderer/history.js:renderResult",
            "renderer/history.js:update",
            "renderer/app.js:onTranscription",
            "events:emit",
        ],
        "raw": False,
        "chain": [],
        "also": [],
    }
    [link] = grouping.chain
    assert [frame.in_app for frame in link.frames] == [True, True, False, True]
    assert link.frames[0] == Frame(
        function="renderResult",
        file="/Applications/Stories.app/Contents/Resources/app.asar/renderer/history.js",
        line=212,
        column=31,
    )


VALUES = {
    "quoted": "'Jane Doe'",
    "double": '"Acme GmbH"',
    "curly": "“Acme GmbH”",
    "number": "8412",
    "decimal": "12,50",
    "email": "jane@acme.example",
    "path": "~/Documents/plan.pdf",
    "windows": "~\\Documents\\plan.pdf",
    "url": "https://acme.example/jane?x=8412",
    "uuid": "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "date": "2026-11-28 09:15:00",
    "address": "10.1.2.3:8412",
    "order": "ord-8412",
    "file": "jane-plan.pdf",
    "list": "['Jane', 'Acme', 8412]",
    "scrubbed": "[email]",
}
OF_VALUES = ("jane", "acme", "8412", "plan", "12,50", "3f25", "2026", "09:15", "10.1")
SENTENCES = (
    "could not save {} for now",
    "{} is locked",
    "no access: {}",
    "ENOENT: no such file or directory, open {}",
    "constraint {} failed on insert",
    "x is not a function: {}",
    "Cannot read properties of undefined (reading 'total') at {}",
    "name 'total' is not defined, {}",
    "Failed to fetch {}",
    "(code {})",
)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("sentence", SENTENCES)
def test_title_and_culprit_hold_no_values(sentence, value):
    message = sentence.format(value)
    for stack in (None, "", f"Error: {message}\n    at save (/app/main/store.js:3:1)"):
        for head in ("", "Error: ", "Uncaught StoreError: "):
            grouping = group("uncaught_error", head + message, stack)
            shown = f"{grouping.title}\n{grouping.culprit}".lower()
            assert not [word for word in OF_VALUES if word in shown], shown


LINES = (
    "{}",
    "- {}",
    "1: {}",
    "3 {}!",
    "{}: 3",
    "user {} (line 3:1)",
    "at {}",
    "in {} (3:1)",
    "#0 {}",
)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("line", LINES)
def test_lines_of_a_message_are_no_frames(line, value):
    message = f"Error: import failed\n{line.format(value)}"
    grouping = group("uncaught_error", message, f"{message}\n    at save (/app/main/store.js:3:1)")
    assert grouping.keys == ["main/store.js:save"]
    assert grouping.culprit == "main/store.js:save"
    assert not [word for word in OF_VALUES if word in grouping.title.lower()]


def test_titles_name_the_property_or_function_that_is_missing():
    for message, name in (
        ("TypeError: Cannot read property 'total' of null", "'total'"),
        ("TypeError: undefined is not an object (evaluating 'a.b.total')", "(total)"),
        ("TypeError: cart.total is not a function", "cart.total"),
        ("ReferenceError: Can't find variable: total", "total"),
        ("AttributeError: 'NoneType' object has no attribute 'total'", "'NoneType'"),
    ):
        assert name in group("uncaught_error", message, None).title


def test_a_code_stays_in_the_title_and_what_somebody_was_sent_does_not():
    assert group("main_crash", "ffmpeg ended with exit code 139", None).title.endswith(" 139")
    assert group("main_crash", "HTTP error, status 503", None).title.endswith(" 503")
    assert group("main_crash", "wrong code 482913", None).title == "wrong code <n>"


def test_a_crash_without_any_text_is_called_by_its_type():
    assert group("renderer_crash", "", None).title == "renderer_crash"


# --- what must not change a fingerprint --------------------------------------------------------------

NUMBERS = re.compile(r"(?<=[a-z]:)(\d+)(?::(\d+))?(?=\)?$)|(?<=, line )(\d+)", re.MULTILINE)
HASH = st.from_regex(r"[A-Za-z0-9_-]{3}[0-9][A-Z]{2}[0-9][A-Za-z0-9]", fullmatch=True)
HOMES = ("~/", "/home/sam/", "/Users/zoe/", "C:\\Users\\Sam Fox\\", "D:\\Profiles\\")


def moved(stack: str, lines: int, columns: int) -> str:
    def move(match: re.Match[str]) -> str:
        line, column, python_line = match.groups()
        if python_line:
            return str(int(python_line) + lines)
        # Columns past 500 are those of minified code; these stay where they are.
        right = "" if column is None else f":{int(column) + (columns if int(column) < 400 else 0)}"
        return f"{int(line) + lines}{right}"

    return NUMBERS.sub(move, stack)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 5000), st.integers(0, 90))
def test_lines_and_columns_never_change_a_fingerprint(lines, columns):
    changed = 0
    for crash in STACKS:
        stack = moved(crash["stack_trace"], lines, columns)
        changed += stack != crash["stack_trace"]
        assert grouped(crash | {"stack_trace": stack}).fingerprint == grouped(crash).fingerprint
    assert changed > 100 or lines == columns == 0


@settings(max_examples=60, deadline=None)
@given(HASH, HASH)
def test_hashes_of_bundlers_never_change_a_fingerprint(first, second):
    stack = (
        "at load (https://x.example/assets/Cart-{0}.js:1:90)\n"
        "at open (https://x.example/js/main.{1}.chunk.js:1:90)\n"
        "at start (https://x.example/assets/index-{1}.js:1:90)"
    )
    for template in (stack, stack.replace("at ", "").replace(" (", "@").replace(")", "")):
        one = group("uncaught_error", "Error: bad", template.format(first, second))
        other = group("uncaught_error", "Error: bad", template.format(second, first))
        assert one.fingerprint == other.fingerprint
        assert one.keys == ["cart.js:load", "main.js:open", "index.js:start"]


@pytest.mark.parametrize("home", HOMES)
def test_where_an_app_is_installed_never_changes_a_fingerprint(home):
    for inside in ("stories/app.asar/main/", "bot/venv/lib/python3.11/site-packages/x/", "bot/"):
        path, first = f"{home}{inside}store.py", f"/srv/{inside}store.py"
        if "\\" in home:
            path = path.replace("/", "\\")
        js = "Error: bad\n    at save ({}:3:1)\n    at run ({}:9:1)"
        py = 'Traceback (most recent call last):\n  File "{}", line 3, in save\n    x()\nError: bad'
        for stack in (js, py):
            groups = {
                group("uncaught_error", "Error: bad", stack.replace("{}", file)).fingerprint
                for file in (path, first)
            }
            assert len(groups) == 1, (stack, path)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(list(VALUES.values())), st.sampled_from(list(VALUES.values())))
def test_what_a_message_says_freely_never_changes_the_group_of_known_functions(one, other):
    stack = "Error: {0}\n    at save (/app/main/store.js:3:1)\n    at run (/app/main/app.js:3:1)"
    groups = {
        group("uncaught_error", f"Error: no {value}", stack.format(value)).fingerprint
        for value in (one, other)
    }
    assert len(groups) == 1


def test_the_kind_of_crash_splits_no_group():
    crash = CORPUS[0]["crashes"][0]
    other = crash | {"crash_type": "unhandled_rejection"}
    assert grouped(crash).fingerprint == grouped(other).fingerprint


def test_the_faults_of_made_up_traffic_are_its_groups():
    """On three systems, of many homes and releases: nine faults, each with one title and culprit."""
    traffic = Parameters(now=datetime(2026, 11, 21, tzinfo=UTC), people=1500, days=60)
    titles = defaultdict(set)
    for crash in desktop_crashes(traffic):
        texts = (scrub.text(crash[name]) for name in ("error_message", "stack_trace"))
        grouping = group(crash["crash_type"], *texts)
        titles[grouping.fingerprint].add((grouping.title, grouping.culprit))
    assert len(titles) == 9
    assert all(len(shown) == 1 for shown in titles.values()), titles


def test_a_fingerprint_is_the_same_in_every_process():
    script = (
        "import json,sys;from stories.crashes.grouping import group;"
        "print([(g.fingerprint.hex(), g.why, g.keys) for g in (group(c['crash_type'], "
        "c['error_message'], c['stack_trace']) for c in json.load(sys.stdin))])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            input=json.dumps(CRASHES),
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(outputs) == 1


# --- what an app may say -----------------------------------------------------------------------------

HELPER = (
    "Error: bad\n    at check (/app/lib/guard/check.js:3:1)\n    at save (/app/main/store.js:9:1)"
)


def test_an_app_says_which_files_are_its_own():
    library = "Error: bad\n    at send (/app/node_modules/@acme/net/send.js:3:1)"
    assert group("uncaught_error", "Error: bad", library).chain[0].frames[0].in_app is False
    own = group("uncaught_error", "Error: bad", library, patterns=Patterns(["node_modules/@acme/"]))
    assert own.chain[0].frames[0].in_app is True
    assert own.culprit == "@acme/send.js:send"


def test_an_app_says_which_files_are_not_its_own():
    assert group("uncaught_error", "Error: bad", HELPER).culprit == "guard/check.js:check"
    other = group("uncaught_error", "Error: bad", HELPER, patterns=Patterns([], ["\\LIB\\guard"]))
    assert other.culprit == "main/store.js:save"


def of_frame(patterns: Patterns, **frame: Any) -> bool:
    """Whether a frame is the app's own."""
    chain = [Link("Error", "bad", [Frame(**frame)])]
    [link] = group("uncaught_error", "Error: bad", None, chain=chain, patterns=patterns).chain
    return link.frames[0].in_app


@pytest.mark.parametrize(
    ("pattern", "file", "matches"),
    [
        ("vendor/*", "/srv/app/vendor/csv.js", True),
        ("vendor/*", "vendor/csv.js", True),
        ("vendor/", "https://shop.example/vendor/csv.js?v=3", True),
        ("/vendor/", "vendor/csv.js", True),
        ("vendor/*", "/srv/myvendor/csv.js", False),
        ("cart/*", "/srv/cart.js", False),
        ("*vendor/*", "/srv/myvendor/csv.js", True),
        ("VENDOR", "/srv/Vendor/csv.js", True),
        ("C:\\Program Files\\Acme\\", "c:/program files/acme/main.js", True),
        ("c:/program files/acme/", "C:\\Program Files\\Acme\\main.js", True),
        ("lib/*/gen/*.js", "/srv/lib/a/b/gen/x.js", True),
        ("lib/*/gen/*.js", "/srv/gen/lib/x.js", False),
        ("lib/*/lib/", "/srv/lib/x.js", False),
        ("a.c", "/srv/abc", False),
        ("*", "/srv/anything.js", True),
    ],
)
def test_a_pattern_begins_where_a_name_begins_and_a_star_is_anything(pattern, file, matches):
    assert of_frame(Patterns([], [pattern]), function="save", file=file) is not matches


def test_a_pattern_matches_a_module_and_the_class_of_java_but_not_both_at_once():
    native = {"function": "run", "module": "acme.dll", "address": "0x1f", "file": "core.c"}
    assert not of_frame(Patterns([], ["acme.*"]), **native)
    assert of_frame(Patterns([], ["core*acme"]), **native)
    java = {"function": "com.acme.pay.Till.open", "file": "Till.java"}
    assert not of_frame(Patterns([], ["com.acme.pay.*"]), **java)


def test_what_is_not_the_apps_comes_before_what_is_and_both_before_the_rules_and_the_sdk():
    library = {"function": "send", "file": "/app/node_modules/@acme/net/send.js", "in_app": False}
    assert of_frame(Patterns(["@acme/*"]), **library)
    assert not of_frame(Patterns(["@acme/*"], ["net/*"]), **library)
    assert not of_frame(Patterns(), **library)


VENDORED = "Error: bad\n    at {} (/app/vendor/x.js:3:1)\n    at save (/app/main/store.js:9:1)"
WITHOUT_VENDOR = Patterns([], ["vendor/*"])


def test_stacks_that_differ_only_in_a_vendored_frame_are_one_and_name_what_they_were():
    stacks = [VENDORED.format(name) for name in ("check", "assert")]
    before = [group("uncaught_error", "Error: bad", stack) for stack in stacks]
    after = [
        group("uncaught_error", "Error: bad", stack, patterns=WITHOUT_VENDOR) for stack in stacks
    ]
    assert before[0].fingerprint != before[1].fingerprint
    assert after[0].fingerprint == after[1].fingerprint
    assert [each.also for each in after] == [[each.fingerprint] for each in before]
    assert [each.also for each in before] == [[], []]
    assert [frame.in_app for frame in after[0].chain[0].frames] == [False, True]


def test_patterns_that_an_app_had_before_are_named_first_and_each_fingerprint_once():
    stack = VENDORED.format("check")
    fingerprint = lambda **more: group("uncaught_error", "Error: bad", stack, **more)  # noqa: E731
    plain = fingerprint().fingerprint
    without_vendor = fingerprint(patterns=WITHOUT_VENDOR).fingerprint
    without_main = Patterns([], ["main/*"])
    former = [WITHOUT_VENDOR, Patterns([], ["/vendor/"]), Patterns(["nowhere/*"])]
    assert fingerprint(patterns=without_main, former=former).also == [without_vendor, plain]
    assert fingerprint(former=former).also == [without_vendor]
    assert fingerprint(patterns=WITHOUT_VENDOR, former=former).also == [plain]


def test_a_fingerprint_that_the_app_sends_is_the_same_under_all_patterns():
    stack = VENDORED.format("check")
    grouping = group(
        "uncaught_error", "Error: bad", stack, client_fingerprint=["a"], patterns=WITHOUT_VENDOR
    )
    assert grouping.also == []


def test_apps_with_other_patterns_do_not_share_what_is_remembered_of_frames():
    stack = VENDORED.format("check")
    for _ in range(2):
        for patterns, culprit in (
            (WITHOUT_VENDOR, "main/store.js:save"),
            (Patterns(), "vendor/x.js:check"),
        ):
            grouping = group("uncaught_error", "Error: bad", stack, patterns=patterns)
            assert grouping.culprit == culprit


def test_the_fingerprint_that_an_app_sends_wins():
    groups = {
        group("uncaught_error", message, HELPER, client_fingerprint=["pay", "eu"]).fingerprint
        for message in ("Error: a", "TypeError: b")
    }
    assert len(groups) == 1
    for other in (["pay"], ["pay", "us"], ["payeu"], ["{{ default }}"], ["{{default}}", "eu"], []):
        grouping = group("uncaught_error", "Error: a", HELPER, client_fingerprint=other)
        assert grouping.fingerprint not in groups


def test_default_alone_is_the_fingerprint_that_it_would_be():
    plain = group("uncaught_error", "Error: a", HELPER)
    for form in ("{{ default }}", "{{default}}"):
        same = group("uncaught_error", "Error: a", HELPER, client_fingerprint=[form])
        assert same.fingerprint == plain.fingerprint


def test_frames_of_an_sdk_group_as_the_text_does():
    frames = [
        Frame(function="check", file="/app/lib/guard/check.js", line=3, column=1),
        Frame(function="save", file="/app/main/store.js", line=9, column=1),
    ]
    of_text = group("uncaught_error", "Error: bad", HELPER)
    of_frames = group("uncaught_error", "Error: bad", None, chain=[Link("Error", "bad", frames)])
    assert of_frames.fingerprint == of_text.fingerprint
    without_type = group("uncaught_error", "Error: bad", HELPER, chain=[Link(frames=frames)])
    assert without_type.fingerprint == of_text.fingerprint


def test_frames_that_are_given_stay_as_they_are():
    frames = [Frame(function="parse", file="/app/node_modules/csv/index.js", context=["parse(x)"])]
    given_chain = [Link("Error", "bad", frames)]
    [link] = group("uncaught_error", "Error: bad", None, chain=given_chain).chain
    assert link.frames[0].in_app is False
    assert link.frames[0].context == ["parse(x)"]
    assert frames[0].in_app is True
    assert given_chain == [Link("Error", "bad", frames)]


def test_an_sdk_is_believed_when_it_says_that_a_frame_is_not_the_apps():
    frames = [
        Frame(function="check", file="/app/lib/guard/check.js", in_app=False),
        Frame(function="save", file="/app/main/store.js"),
    ]
    grouping = group("uncaught_error", "Error: bad", None, chain=[Link("Error", "bad", frames)])
    assert grouping.culprit == "main/store.js:save"


def test_names_that_the_next_build_changes_are_raw():
    minified = (
        "Error: bad\n    at t (/app/dist/app.js:1:9000)\n    at save (/app/dist/app.js:1:9100)"
    )
    native = " 0  recorder + 0x1253\n 1  recorder!main"
    assert group("uncaught_error", "Error: bad", minified).raw
    assert group("main_crash", "SIGSEGV", native).raw
    assert not group("uncaught_error", "Error: bad", HELPER).raw
    assert not group("uncaught_error", "Error: bad", minified, client_fingerprint=["a"]).raw


def test_the_catch_all_of_a_storm_is_nobodys_fingerprint():
    assert len(CATCH_ALL) == 16
    assert CATCH_ALL not in {grouped(crash).fingerprint for crash in CRASHES}
