import json
import sys

from posthog import Posthog
from steps import follow

settings = json.loads(sys.argv[1])
posthog = Posthog(
    settings["key"],
    host=settings["url"],
    flush_interval=0.3,
    gzip=settings["coding"] == "gzip",
    enable_exception_autocapture=True,
)


def error(text):
    password = "unsaid-local"  # noqa: F841 of a frame
    try:
        raise ValueError(text)
    except ValueError as raised:
        posthog.capture_exception(raised, distinct_id="jane@example.org")


follow(
    {
        "event": lambda name: posthog.capture(
            name, distinct_id="jane@example.org", properties={"format": "png", "n": 3}
        ),
        "error": error,
        "flush": lambda _: posthog.flush(),
    }
)
