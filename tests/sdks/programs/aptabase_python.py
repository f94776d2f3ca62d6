import asyncio
import json
import sys

from aptabase import Aptabase

settings = json.loads(sys.argv[1])


async def main():
    """Its client lives in a loop, so lines are read beside it."""
    loop = asyncio.get_running_loop()
    async with Aptabase(
        f"A-SH-{settings['key']}",
        app_version="1.2.3",
        base_url=settings["url"],
        flush_interval=0.3,
    ) as client:
        print("ok", flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            verb, _, text = line.strip().partition(" ")
            if verb == "event":
                await client.track(text, {"format": "png", "n": 3})
            print("ok", flush=True)


asyncio.run(main())
