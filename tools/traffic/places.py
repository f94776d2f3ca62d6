"""Where people are, what they run, and when in their day they use it."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from random import Random

# country as sent, zone of its people, weight. "XX" is what old clients send for unknown, None is absent.
_PLACES: tuple[tuple[str | None, str, float], ...] = (
    ("US", "America/New_York", 15.0),
    ("US", "America/Chicago", 7.0),
    ("US", "America/Los_Angeles", 10.0),
    ("MX", "America/Mexico_City", 11.0),
    ("ES", "Europe/Madrid", 9.0),
    ("DE", "Europe/Berlin", 8.0),
    ("AR", "America/Argentina/Buenos_Aires", 6.0),
    ("CL", "America/Santiago", 5.0),
    ("GB", "Europe/London", 5.0),
    ("BR", "America/Sao_Paulo", 4.0),
    ("CO", "America/Bogota", 4.0),
    ("FR", "Europe/Paris", 3.0),
    ("IN", "Asia/Kolkata", 3.0),
    ("CA", "America/Toronto", 2.0),
    ("JP", "Asia/Tokyo", 1.5),
    ("AU", "Australia/Sydney", 1.2),
    ("PT", "Europe/Lisbon", 1.0),
    ("NZ", "Pacific/Auckland", 0.4),
    ("XX", "UTC", 3.0),
    (None, "UTC", 2.0),
)
_PLACE_STEPS = list(accumulate(weight for _, _, weight in _PLACES))

# A platform, the one its owner upgrades to, weight.
_PLATFORMS = (
    ("darwin-24.6.0", "darwin-25.1.0", 26.0),
    ("darwin-23.6.0", "darwin-24.6.0", 15.0),
    ("darwin-22.6.0", "darwin-22.6.0", 5.0),
    ("win32-10.0.22631", "win32-10.0.26100", 27.0),
    ("win32-10.0.26100", "win32-10.0.26200", 9.0),
    ("win32-10.0.19045", "win32-10.0.22631", 10.0),
    ("linux-6.8.0", "linux-6.14.0", 6.0),
    ("linux-6.1.0", "linux-6.12.0", 2.0),
)
_PLATFORM_STEPS = list(accumulate(weight for _, _, weight in _PLATFORMS))

# Weight of each local hour: office hours with a dip at lunch, a smaller evening, little at night.
_HOURS = (2, 1, 1, 1, 1, 2, 4, 9, 20, 30, 34, 31, 22, 24, 31, 33, 29, 23, 16, 13, 13, 12, 8, 4)
LOCAL_HOURS = tuple(hour for hour, weight in enumerate(_HOURS) for _ in range(weight))


def draw_place(rng: Random) -> tuple[str | None, str]:
    """(country as sent, zone name)."""
    country, zone, _ = _PLACES[bisect(_PLACE_STEPS, rng.random() * _PLACE_STEPS[-1])]
    return country, zone


def draw_platform(rng: Random) -> tuple[str, str]:
    """(platform, platform after the owner's next upgrade)."""
    before, after, _ = _PLATFORMS[bisect(_PLATFORM_STEPS, rng.random() * _PLATFORM_STEPS[-1])]
    return before, after
