"""Faults of the desktop app that its releases brought and took away, for the page of issues.

Beside the crashes of tools/traffic, which every release has. Who has one was using the app just then:
each follows an event of a session, with its version and system.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tools.traffic.times import iso, parse_ms

Payload = dict[str, Any]
LOCKED = "Error: EBUSY: resource busy or locked, rename 'C:\\Users\\maria\\config.json.tmp'"
WINDOWS = "C:\\Users\\maria\\stories\\resources\\app.asar\\main\\config.js"
EDITOR = [
    "function speakerOf(segment) {",
    "  const segments = editor.document.segments;",
    "  const last = segments.at(segment.index - 1);",
    "  return last ? last.speaker : null;",
    "}",
]
PARTS = [
    "  for (const [number, part] of parts.entries()) {",
    "    const answer = await post(`${url}/${number}`, part);",
    "    if (!answer.ok) throw new UploadError(answer.status);",
    "    report((number + 1) / parts.length);",
    "  }",
]


class Fault(NamedTuple):
    """first, last: of the versions that have it. every: how many events of these versions there are to
    one crash. fields: what POST /crash takes beside who and when."""

    first: str
    last: str
    every: int
    fields: Payload
    systems: tuple[str, ...] = ("darwin", "win32", "linux")


def frame(function: str, file: str, line: int, **more: Any) -> Payload:
    return {"function": function, "file": file, "line": line, "column": 11, **more}


SEGMENTS = Fault(
    "1.2.0",
    "1.2.0",
    150,
    {
        "crash_type": "uncaught_error",
        "error_message": "TypeError: segments.at is not a function",
        "frames": [
            [
                frame("speakerOf", "renderer/editor.js", 214, context=EDITOR, context_start=212),
                frame("EditorView.render", "renderer/editor.js", 88),
                frame("EventEmitter.emit", "node:events", 519, in_app=False),
                frame("process.nextTick", "node:internal/process/task_queues", 85, in_app=False),
                frame("openRecording", "renderer/app.js", 131),
            ]
        ],
        "context": {"last_action": "recording_opened", "window": "main_window"},
    },
)
EXPORT = Fault(
    "1.0.0",
    "1.1.0",
    400,
    {
        "crash_type": "unhandled_rejection",
        "error_message": "ReferenceError: exportQueue is not defined",
        "stack_trace": "ReferenceError: exportQueue is not defined\n"
        "    at drain (/opt/Stories/resources/app.asar/main/export.js:71:9)\n"
        "    at async exportAll (/opt/Stories/resources/app.asar/main/export.js:112:5)\n"
        "    at async Session.<anonymous> (node:electron/js2c/browser_init:2:89034)",
        "context": {"format": "srt", "recordings": 12},
    },
)
MINIFIED = Fault(
    "1.1.1",
    "1.2.0",
    600,
    {
        "crash_type": "uncaught_error",
        "error_message": "TypeError: a is not a function",
        "stack_trace": "TypeError: a is not a function\n"  # of renderer/, with its real columns
        "    at i (app://stories/assets/index-4f2a9c.js:1:872)\n"
        "    at s (app://stories/assets/index-4f2a9c.js:1:1074)\n"
        "    at app://stories/assets/index-4f2a9c.js:1:1223",
    },
)
BUSY = Fault(
    "1.0.0",
    "1.2.0",
    1_000,
    {
        "crash_type": "main_crash",
        "error_message": LOCKED,
        "stack_trace": f"{LOCKED}\n"
        "    at renameSync (node:fs:1013:11)\n"
        f"    at saveConfig ({WINDOWS}:58:8)\n"
        f"    at saveLater ({WINDOWS}:77:3)",
    },
    ("win32",),
)
SOCKET = Fault(
    "1.0.0",
    "1.2.0",
    2_000,
    {
        "crash_type": "unhandled_rejection",
        "error_message": "Error: the connection was closed with code 1006",
        "stack_trace": "Error: the connection was closed with code 1006\n"
        "    at LiveView.onClose (/opt/Stories/resources/app.asar/renderer/live.js:143:13)\n"
        "    at WebSocket.emit (node:events:519:28)\n"
        "    at LiveView.reconnect (/opt/Stories/resources/app.asar/renderer/live.js:97:9)",
        "context": {"last_action": "live_started"},
    },
)
UPLOAD = Fault(
    "1.1.0",
    "1.2.0",
    150,
    {
        "crash_type": "unhandled_rejection",
        "error_message": "UploadError: the server answered 413",
        "handled": True,
        "frames": [
            [
                frame("sendParts", "main/whisper.js", 166, context=PARTS, context_start=164),
                frame("async upload", "main/whisper.js", 120),
            ]
        ],
        "context": {"bytes": 26_214_400, "parts": 3},
    },
)
FAULTS = (SEGMENTS, EXPORT, MINIFIED, BUSY, SOCKET, UPLOAD)


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def crashes(events: list[Payload]) -> Iterator[Payload]:
    """Crashes of people of these desktop events, in their order."""
    counts = [0] * len(FAULTS)
    for event in events:
        if not event.get("app_version") or not event.get("platform"):
            continue
        version, system = numbers(event["app_version"]), event["platform"].partition("-")[0]
        for index, fault in enumerate(FAULTS):
            if system not in fault.systems:
                continue
            if not numbers(fault.first) <= version <= numbers(fault.last):
                continue
            counts[index] += 1
            if counts[index] % fault.every == fault.every // 2:
                yield crash_after(event, fault)


def crash_after(event: Payload, fault: Fault) -> Payload:
    """A crash of who sent this event, a moment later."""
    return {
        **fault.fields,
        "user_id": event["user_id"],
        "app_version": event["app_version"],
        "os_version": event["platform"],
        "session_id": event.get("session_id"),
        "timestamp": iso(parse_ms(event["timestamp"]) + 1),
    }
