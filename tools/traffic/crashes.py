"""Crash reports of the desktop app, as POST /crash takes them, with stacks as Electron prints them.

Line numbers move from release to release and stay within one, as in the field, so that a fingerprint
has something to hold on to. Paths carry home directories (names with spaces too): they are there to
be scrubbed.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from heapq import merge
from random import Random
from typing import Any, NamedTuple

from tools.traffic.desktop import SESSIONS_PER_DAY, Payload, Timed, by_time
from tools.traffic.parameters import Parameters, Release
from tools.traffic.people import Person, opted_out, population, walk
from tools.traffic.times import iso

CRASHES_PER_DAY = 0.006  # per person and active day, before a release's own factor


class _Fault(NamedTuple):
    crash_type: str
    message: str
    frames: tuple[str, ...]  # "function file": the line comes from the release
    weight: int
    systems: tuple[str, ...] = ("darwin", "win32", "linux")


_FAULTS = (
    _Fault(
        "uncaught_error",
        "TypeError: Cannot read properties of undefined (reading 'transcript')",
        ("renderResult renderer/history.js", "HistoryView.update renderer/history.js",
         "EventEmitter.emit node:events", "onTranscription renderer/app.js"),
        5,
    ),
    _Fault(
        "uncaught_error",
        "RangeError: Maximum call stack size exceeded",
        ("flattenSegments renderer/segments.js", "flattenSegments renderer/segments.js",
         "flattenSegments renderer/segments.js", "showTranscript renderer/app.js"),
        2,
    ),
    _Fault(
        "unhandled_rejection",
        "Error: ENOENT: no such file or directory, open '{home}{sep}recordings{sep}rec-{number}.webm'",
        ("Object.openSync node:fs", "readRecording main/recorder.js", "async upload main/whisper.js"),
        4,
    ),
    _Fault(
        "unhandled_rejection",
        "Error: connect ETIMEDOUT 104.18.7.192:443",
        ("TCPConnectWrap.afterConnect [as oncomplete] node:net", "async upload main/whisper.js"),
        4,
    ),
    _Fault(
        "main_crash",
        "Error: Object has been destroyed",
        ("WidgetWindow.setBounds main/widget.js", "Timeout._onTimeout main/widget.js",
         "listOnTimeout node:internal/timers"),
        4,
    ),
    _Fault(
        "main_crash",
        "Error: EPERM: operation not permitted, rename '{home}{sep}config.json.tmp'",
        ("renameSync node:fs", "saveConfig main/config.js", "quit main/index.js"),
        3,
        ("win32",),
    ),
    _Fault(
        "main_crash",
        "Error: The specified module could not be found. {home}{sep}native{sep}hotkey.node",
        ("Module._extensions..node node:internal/modules/cjs/loader", "load main/hotkey.js"),
        2,
        ("win32", "linux"),
    ),
    _Fault(
        "renderer_crash",
        "Renderer process gone: oom (exit code 536870904)",
        ("WebContents.onRenderGone main/windows.js", "WebContents.emit node:events"),
        3,
    ),
    _Fault(
        "renderer_crash",
        "Renderer process gone: crashed (exit code 11)",
        ("WebContents.onRenderGone main/windows.js", "WebContents.emit node:events"),
        3,
        ("darwin", "linux"),
    ),
)  # fmt: skip

_APP_FOLDER = {
    "darwin": "/Applications/Stories.app/Contents/Resources/app.asar",
    "win32": "{home}\\AppData\\Local\\Programs\\stories\\resources\\app.asar",
    "linux": "/opt/Stories/resources/app.asar",
}
_HOMES = {"darwin": "/Users/{name}", "win32": "C:\\Users\\{name}", "linux": "/home/{name}"}
_NAMES = ("maria", "jlopez", "Anna Schmidt", "sam.taylor", "Juan Carlos Vega", "devbox", "priya")
_WINDOWS = ("main_window", "widget", "settings")
_ACTIONS = ("app_opened", "recording_started", "recording_completed", "transcription_completed")


def _frame(frame: str, folder: str, separator: str, version: str) -> str:
    function, _, file = frame.rpartition(" ")
    drift = zlib.crc32(f"{file}{version}".encode())
    line = zlib.crc32(frame.encode()) % 700 + drift % 40 + 1
    place = file if file.startswith("node:") else f"{folder}/{file}".replace("/", separator)
    return f"    at {function} ({place}:{line}:{zlib.crc32(function.encode()) % 60 + 3})"


def _crash(person: Person, release: Release, platform: str, ms: int, rng: Random) -> Payload:
    system = platform.partition("-")[0]
    separator = "\\" if system == "win32" else "/"
    possible = [fault for fault in _FAULTS if system in fault.systems]
    fault = rng.choices(possible, [fault.weight for fault in possible])[0]
    home = _HOMES[system].format(name=_NAMES[person.index % len(_NAMES)])
    message = fault.message.format(home=home, sep=separator, number=rng.randrange(1000, 9999))
    folder = _APP_FOLDER[system].format(home=home)
    frames = [_frame(frame, folder, separator, release.version) for frame in fault.frames]
    context: dict[str, Any] = {
        "memory_mb": rng.randrange(120, 1800),
        "uptime_seconds": rng.randrange(2, 40_000),
        "last_action": rng.choice(_ACTIONS),
    }
    if fault.crash_type == "renderer_crash":
        context["window"] = rng.choice(_WINDOWS)
    return {
        "user_id": person.user_id,
        "app_version": release.version,
        "os_version": platform,
        "crash_type": fault.crash_type,
        "error_message": message,
        "stack_trace": "\n".join([message, *frames]),
        "context": context,
        "timestamp": iso(ms),
    }


def _one_day(person: Person, day: int, parameters: Parameters, rng: Random) -> list[Timed]:
    """A person's crashes of one active day. Within the hour after a launch, never on its first ms."""
    rng.seed(person.key + day)
    starts = person.session_starts(rng, day, SESSIONS_PER_DAY)
    rng.seed(person.key + day + (1 << 62))
    release = person.release_on(day, parameters.releases)
    silent = person.index >= parameters.people
    chance = 1.0 if silent else CRASHES_PER_DAY * release.crashiness
    ms, crashes = starts[0], list[Timed]()
    # An app that has just crashed tends to crash again.
    while rng.random() < chance and len(crashes) < 4:
        ms += 1 + int(rng.random() * 3_600_000)
        crashes.append(
            (ms, person.index, _crash(person, release, person.platform_on(day), ms, rng))
        )
        chance = 0.0 if silent else 0.3
    return crashes


def desktop_crashes(parameters: Parameters) -> Iterator[Payload]:
    """All crashes by time: of the people of `desktop_events`, and of people known by a crash only."""
    rng = Random()
    people = merge(population(parameters), opted_out(parameters), key=lambda person: person.arrival)
    days = (
        (day, [item for person in active for item in _one_day(person, day, parameters, rng)])
        for day, active in walk(people, parameters)
    )
    yield from by_time(days, parameters.now_ms)
