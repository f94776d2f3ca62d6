"""Small pictures for the bot's conversations: a sky, a sun and hills, drawn from a seed."""

from __future__ import annotations

import struct
import zlib
from math import sin
from random import Random

SIZE = 192


def png(seed: int) -> bytes:
    """A PNG of SIZE by SIZE pixels, the same for the same seed."""
    rng = Random(seed)
    sky = [rng.randrange(90, 210) for _ in range(3)]
    sun = (rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.5), rng.uniform(0.06, 0.12))
    hills = [
        (rng.uniform(0.55, 0.85), rng.uniform(0.02, 0.08), rng.uniform(2, 7), rng.uniform(0, 6))
        for _ in range(3)
    ]
    rows = bytearray()
    for row in range(SIZE):
        rows.append(0)
        for column in range(SIZE):
            rows += bytes(_pixel(column / SIZE, row / SIZE, sky, sun, sorted(hills)))
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + _chunk(b"IEND", b"")
    )


def _pixel(
    x: float,
    y: float,
    sky: list[int],
    sun: tuple[float, float, float],
    hills: list[tuple[float, float, float, float]],
) -> list[int]:
    for depth, (height, swing, waves, phase) in reversed(list(enumerate(hills))):
        if y > height + swing * sin(waves * x + phase):
            return [int(part * (0.62 - 0.15 * depth)) for part in sky]
    if (x - sun[0]) ** 2 + (y - sun[1]) ** 2 < sun[2] ** 2:
        return [255, 236, 190]
    return [min(255, int(part * (0.75 + 0.45 * y))) for part in sky]


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
