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
Frames = Annotated[
    Any,
    Meta(
        description="the stack as an SDK sees it: frames, or errors with frames, the thrown first",
        extra_json_schema={"type": ["array", "null"], "items": {"type": "object"}},
    ),
]
