"""An example of a crash, as GET /crashes/{crash_id} and GET /issues/{id}/crashes have it."""

from __future__ import annotations

from typing import Any

# Named by a source map.
FRAME: dict[str, Any] = {
    "function": "renderResult", "file": "src/renderer/history.ts", "line": 42, "column": 18,
    "module": None, "address": None, "in_app": True,
    "context": ["  const entry = entries[index];", "  return entry.text.trim();", "}"],
    "context_start": 41,
    "raw": {"function": "r", "file": "app.js", "line": 1, "column": 48210},
    "why": None, "trust": None,
}  # fmt: skip
UNNAMED: dict[str, Any] = {
    **dict.fromkeys(FRAME), "function": "t", "file": "vendor.js", "line": 1, "column": 1204,
    "in_app": False,
    "why": "Release 1.2.1 has no map called vendor.js.map.",
}  # fmt: skip
CRASH: dict[str, Any] = {
    "crash_id": "9f86d081884c7d65", "timestamp": "2026-11-21T09:58:40.000Z",
    "received_at": "2026-11-21T09:58:41.000Z", "user_id": "7b1f6c1e-0d0f-4b4b-9a57-3f7f0a2f6f11",
    "crash_type": "uncaught_error", "app_version": "1.2.1", "os_version": "win32-10.0.26100",
    "session_id": None, "channel": "release",
    "error_message": "TypeError: Cannot read properties of undefined (reading 'text')",
    "stack_trace": "TypeError: …\n    at r (app.js:1:48210)", "context": None, "handled": False,
    "whole": True, "fingerprint": "5f0c6f0a7b1b4d0c9a52d1f5b0a4c7e1",
    "chain": [{"type": "TypeError",
               "message": "Cannot read properties of undefined (reading 'text')",
               "frames": [FRAME | {"build": None}, UNNAMED | {"build": None}]}],
    "frames": [FRAME, UNNAMED], "mapped": True, "dump": None,
    "feedback": [{"timestamp": "2026-11-21T10:00:00.000Z", "message": "It broke"}],
}  # fmt: skip
