import json
import sys

from segment.analytics import Client
from steps import follow

settings = json.loads(sys.argv[1])
client = Client(
    settings["key"],
    host=settings["url"],
    gzip=settings["coding"] == "gzip",
    upload_interval=0.2,
    send=True,
)
follow(
    {
        "event": lambda name: client.track("jane@example.org", name, {"format": "png", "n": 3}),
        "screen": lambda name: client.screen("jane@example.org", "main", name),
        "flush": lambda _: None,
    }
)
