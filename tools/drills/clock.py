"""The server's clock jumps while PostgreSQL's and the clients' stay: libfaketime around the server."""

from __future__ import annotations

from pathlib import Path

from tools.drills.scene import CannotRun, Scene

# Every jump of the issue, from every other: an hour ahead, an hour behind, forty days ahead.
OFFSETS = ("+3600", "-3600", "+0", "+40d", "-3600", "+40d", "+3600", "+0")
SECONDS = (6.0, 10.0)

# libfaketime 0.9.10 breaks absolute sleeps on the monotonic clock while that is not faked (mended in
# later ones), and those are what Python's time.sleep makes: this one is relative.
SLEEP = """
import select, time
time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""


def clock(scene: Scene) -> None:
    library = next(Path("/usr/lib").glob("**/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        raise CannotRun("libfaketime is not installed (Debian: apt install faketime).")
    offset = scene.folder / "offset"
    offset.write_text("+0\n")
    (scene.folder / "sitecustomize.py").write_text(SLEEP)
    postgres = scene.postgres()
    server = scene.server(
        postgres.dsn,
        PYTHONPATH=str(scene.folder),
        LD_PRELOAD=str(library),
        FAKETIME_TIMESTAMP_FILE=str(offset),
        FAKETIME_NO_CACHE="1",
        # What jumps on a machine is the clock on the wall: not the one for time limits, and not the
        # times of files, which the kernel writes and reads by the same clock.
        FAKETIME_DONT_FAKE_MONOTONIC="1",
        NO_FAKE_STAT="1",
    ).wait()
    load = scene.load(server)
    for jump in OFFSETS:
        offset.write_text(f"{jump}\n")
        scene.fault()
        scene.pause(*SECONDS)
        scene.expect(load.wait_for_answers(), f"nothing is answered at {jump}")
    scene.finish(postgres.dsn)
