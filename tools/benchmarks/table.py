"""Figures, and how they are written down: on the screen, and in docs/BENCHMARKS.md between two
marks. What stands outside the marks is written by hand and stays."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stories.config import ROOT

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
DOCUMENT = ROOT / "docs" / "BENCHMARKS.md"


@dataclass
class Figure:
    """One line: what was measured, the aim, and the limit that the same run measured beside it."""

    name: str
    value: str
    aim: str = ""
    limit: str = ""


@dataclass
class Section:
    """title: what comes before a colon tells it from the others, whatever its numbers are."""

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    note: str = ""


def figures(title: str, lines: list[Figure], note: str = "") -> Section:
    rows: list[tuple[str, ...]] = [(line.name, line.value, line.aim, line.limit) for line in lines]
    return Section(title, ("", "measured", "aim", "limit, or beside it"), rows, note)


def render(sections: list[Section], about: str, when: str = "") -> str:
    """about: of the machine, at the top; when: below each title."""
    parts = [about]
    for section in sections:
        parts.append(f"### {section.title}" + (f"\n\n{when}" if when else ""))
        widths = [
            max(len(row[place]) for row in [section.head, *section.rows])
            for place in range(len(section.head))
        ]
        lines = [section.head, tuple("-" * width for width in widths), *section.rows]
        padded = [
            [cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines
        ]
        parts.append("\n".join(f"| {' | '.join(cells)} |" for cells in padded))
        if section.note:
            parts.append(section.note)
    return "\n\n".join(parts)


def write(text: str, path: Path = DOCUMENT) -> None:
    """Replace what stands between the marks."""
    before, _, after = _parts(path)
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def merge(text: str, path: Path = DOCUMENT) -> None:
    """As write, but sections that the text has not stay as they are, each in its place."""
    sections = _by_key(_parts(path)[1])
    new = _by_key(text)
    write("\n\n".join((sections | new).values()), path)


def _parts(path: Path) -> tuple[str, str, str]:
    """Before, between and after the marks."""
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    between, _, after = rest.partition(END)
    return before, between, after


def _by_key(text: str) -> dict[str, str]:
    """Sections by the beginning of their title; by "" what stands before them."""
    about, *sections = text.strip().split("\n### ")
    each = {"": about.strip()}
    for section in sections:
        title = section.partition("\n")[0]
        each[title.partition(":")[0]] = f"### {section.strip()}"
    return each


def machine(postgresql: str, syncs: float) -> str:
    """One paragraph: where, when and what."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1024**3
    return (
        f"{moment()} · {postgresql} with the "
        f"settings of `local_postgres` (128 MB of shared buffers, fsync on) · Python "
        f"{platform.python_version()} · {_processor()}, {os.cpu_count()} cores, {memory:.0f} GB · "
        f"{syncs:,.0f} fdatasync/s"
    )


def moment(since: float | None = None) -> str:
    """When, what, and how busy the machine was. since: the load average before."""
    loads = [load for load in (since, os.getloadavg()[0]) if load is not None]
    busy = " to ".join(f"{load:.1f}" for load in loads)
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · commit {_commit()} · load average {busy}"


def _commit() -> str:
    said = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    )
    return said.stdout.strip() or "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest rank: of ten values, the sixth for a share of 0.5. 0 for none."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def rate(pace: dict[str, Any]) -> float:
    return float(pace["n"] / pace["seconds"]) if pace["seconds"] else 0.0


def times(call: dict[str, Any]) -> str:
    """p50 and p95 of a call, in milliseconds, or what it answered instead."""
    if call.get("status", 200) != 200:
        return f"answers {call['status']}"
    return f"{number(call['p50'], 1)} / {number(call['p95'], 1)}"


def with_processor(call: dict[str, Any]) -> str:
    """As times, and what it took of the processor."""
    return f"{times(call)} · {number(call.get('processor'), 1)}"
