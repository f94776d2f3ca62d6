"""The server's clock jumps while PostgreSQL's and the clients' stay: libfaketime around the server."""

from __future__ import annotations

from typing import Any

from tools import faked_clock
from tools.drills.scene import CannotRun, Scene

# Every jump of the issue, from every other: an hour ahead, an hour behind, forty days ahead.
OFFSETS = ("+3600", "-3600", "+0", "+40d", "-3600", "+40d", "+3600", "+0")
SECONDS = (6.0, 10.0)


def clock(scene: Scene) -> None:
    library = faked_clock.library()
    if library is None:
        raise CannotRun("libfaketime is not installed (Debian: apt install faketime).")
    offset = scene.folder / "offset"
    offset.write_text("+0\n")
    postgres = scene.postgres()
    settings: dict[str, Any] = faked_clock.settings(library, scene.folder)
    settings |= {"FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1"}
    server = scene.server(postgres.dsn, **settings).wait()
    load = scene.load(server)
    for jump in OFFSETS:
        offset.write_text(f"{jump}\n")
        scene.fault()
        scene.pause(*SECONDS)
        scene.expect(load.wait_for_answers(), f"nothing is answered at {jump}")
    scene.finish(postgres.dsn)
