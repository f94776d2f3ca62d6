"""Native crashes of real processes, with real symbols; our walk held against Breakpad's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stories.crashes.minidump import Minidump
from stories.symbols import dumps
from stories.symbols.native import build, name_frames
from stories.symbols.walking import walk_stack
from tests.sdks.dying import (
    ELECTRON,
    die,
    dump_of,
    dump_of_renderer,
    process_of,
    walked_by_breakpad,
    write_symbols,
)
from tests.sdks.sdks import LOGIN, Receiver, ask, sdk, until
from tests.support import require

CALLS = ["open_device", "start_recording", "main"]


@pytest.fixture(scope="module")
def renderer_dump(playwright, tmp_path_factory) -> Path:
    return dump_of_renderer(playwright, tmp_path_factory.mktemp("renderer"))


def upload(receiver: Receiver, symbols: Path) -> dict[str, Any]:
    """By curl, as docs/SYMBOLS.md says."""
    login = LOGIN["Authorization"]
    url = f"{receiver.url}/artifacts?app={receiver.slug}"
    command = ["-sS", "-H", f"Authorization: {login}", "-F", f"symbols=@{symbols}", url]
    done = subprocess.run([require("curl"), *command], capture_output=True, check=True)
    return dict(json.loads(done.stdout))


def frames(receiver: Receiver, number: int = 1) -> list[dict[str, Any]]:
    answer = ask(receiver.url, f"/issues/{receiver.slug}-{number}/crashes")
    named: list[dict[str, Any]] = answer["crashes"][0]["frames"]
    return named


def only_issue(receiver: Receiver, culprit: str) -> dict[str, Any]:
    def is_there() -> Any:
        return [each for each in receiver.issues() if each["culprit"] == culprit]

    [issue] = until(is_there, what=f"an issue in {culprit}")
    assert len(receiver.issues()) == 1
    return dict(issue)


@pytest.mark.parametrize("first", ["symbols", "crash"])
def test_a_crash_gets_function_file_and_line_whatever_came_first(
    start_receiver, proxy, program, handler, first
):
    receiver: Receiver = start_receiver()
    url = f"{proxy.url}/api/minidump?app_key={receiver.key}"
    if first == "symbols":
        assert {each["kind"] for each in upload(receiver, program)["stored"]} == {"symcache", "cfi"}
    die(program, handler, url, **ELECTRON)
    if first == "crash":
        [raw] = until(receiver.issues)
        assert raw["culprit"].startswith("stories-recorder+0x")
        assert upload(receiver, program)["crashes_queued"] == 1
    issue = only_issue(receiver, "stories-recorder:open_device")
    assert issue["number"] == 1
    top = frames(receiver)[:3]
    assert [frame["function"] for frame in top] == CALLS
    assert {Path(frame["file"]).name for frame in top} == {"die.c"}
    assert all(frame["line"] for frame in top)
    assert top[0]["raw"]["module"] == "stories-recorder"


def test_our_walk_by_unwinding_rules_is_that_of_breakpad(program, tmp_path):
    dump = dump_of(program, tmp_path)
    theirs = walked_by_breakpad(dump, write_symbols(program, tmp_path / "symbols"))
    [built] = build(program)
    walked = dumps.walk(dump.read_bytes(), {built.debug_id: built.cfi}.get)
    ours = []
    for number, frame in enumerate(walked.frames[:3]):
        [named] = name_frames(frame, built.symcache or b"", is_caller=number > 0)
        ours.append((named.module, named.function, named.line))
    assert ours == theirs[:3]
    assert [function for _, function, _ in ours] == CALLS
    assert [frame.trust for frame in walked.frames[:3]] == [None] * 3


def test_a_real_renderer_is_walked_as_breakpad_walks_it(renderer_dump):
    theirs = walked_by_breakpad(renderer_dump)
    calls = walk_stack(Minidump(renderer_dump.read_bytes()), lambda _: None)
    ours = [(call.module.name if call.module else "", "", call.offset) for call in calls]
    assert len(ours) >= 13
    assert ours[:13] == theirs[:13]
    assert not any(call.is_guess for call in calls[:13])
    assert process_of(renderer_dump) == "renderer"


def test_the_sdk_of_electron_sends_event_and_dump_and_they_are_one_crash(start, renderer_dump):
    trial = start(sdk("sentry_electron"))
    trial.program.do("gone", str(renderer_dump))
    [crash] = trial.until(trial.receiver.crashes, "a crash")
    assert crash["crash_type"] == "renderer_crash"
    assert " in chromium+0x" in crash["error_message"]
    until(
        lambda: [row for row in trial.receiver.everything() if "'threads': " in str(row)],
        what="the walk of its dump",
    )
    assert len(trial.receiver.crashes()) == 1
    [issue] = until(trial.receiver.issues)
    assert issue["crashes"] == 1
    assert len(frames(trial.receiver)) >= 13
