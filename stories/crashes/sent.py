"""Types of what a crash may bring to be grouped by, with what the API's documentation says of them."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

# Read by payloads/crash.py, which leaves out and notes what is none.
Fingerprint = Annotated[
    Any,
    Meta(
        description="texts that say which crashes belong together, instead of what the stack says; "
        '"{{ default }}" among them stands for that',
        extra_json_schema={
            "type": ["array", "null"],
            "items": {"type": "string", "maxLength": 200},
            "maxItems": 20,
        },
    ),
]
DebugIds = Annotated[
    Any,
    Meta(
        description="the debug ids of scripts, by their file as the stack names it: what "
        "`sentry-cli sourcemaps inject` puts into them",
        extra_json_schema={
            "type": ["object", "null"],
            "additionalProperties": {"type": "string", "maxLength": 64},
            "maxProperties": 100,
        },
    ),
]
_TEXTS = ("function", "file", "module", "address", "build")
_NUMBERS = ("line", "column", "context_start")
Frames = Annotated[
    Any,
    Meta(
        description="the stack as an SDK sees it, the newest call first: frames; or a list of frames "
        "for the error that was thrown and for each of its causes; or those errors as objects",
        extra_json_schema={
            "type": ["array", "null"],
            "items": {
                "anyOf": [
                    {
                        "type": "object",
                        "description": "a frame",
                        "properties": {
                            **{name: {"type": "string"} for name in _TEXTS},
                            **{name: {"type": "integer", "minimum": 0} for name in _NUMBERS},
                            "in_app": {"type": "boolean"},
                            "context": {
                                "type": ["string", "array"],
                                "items": {"type": "string"},
                                "maxItems": 7,
                            },
                        },
                    },
                    {"type": "array", "items": {"type": "object"}, "description": "frames"},
                    {
                        "type": "object",
                        "description": "an error: type, message and frames; the first has frames",
                        "properties": {
                            "type": {"type": "string"},
                            "message": {"type": "string"},
                            "frames": {"type": "array", "items": {"type": "object"}},
                        },
                    },
                ]
            },
        },
    ),
]
