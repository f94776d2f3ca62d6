"""Filters of one to three conditions over every field and operator, with values as generated traffic has
them and some that nothing has."""

from __future__ import annotations

import random

VALUES = {
    "version": ("0.9.44", "0.9.57", "1.0.0", "1.1.0", "1.2.0", "7"),
    "platform": ("darwin-24.6.0", "win32-10.0.22631", "linux-6.1.0", "beos"),
    "platform_family": ("macOS", "Windows", "Linux", "other"),
    "country": ("US", "DE", "GB", "JP", "ZZ"),
    "source": ("widget", "main_window", "main", "elsewhere"),
    "channel": ("release", "debug", "beta"),
    "event": (
        "app_opened",
        "recording_completed",
        "transcription_completed",
        "feature_toggled",
        "no",
    ),
    "prop.source": ("widget", "main"),
    "prop.success": ("true", "false"),
    "prop.duration_seconds": ("0", "12.5", "60"),
    "prop.audio_duration_seconds": ("30",),
    "prop.error_type": ("timeout", "network"),
    "prop.feature": ("auto_paste",),
    "prop.nothing": ("1",),
}
ORDERED = ("version", "prop.duration_seconds", "prop.audio_duration_seconds")
PLAIN = ("is", "not", "in", "set")


def random_filter(rng: random.Random) -> list[str]:
    return [_condition(rng) for _ in range(rng.choice((1, 1, 2, 2, 3)))]


def _condition(rng: random.Random) -> str:
    field = rng.choice(list(VALUES))
    operator = rng.choice((*PLAIN, "gte", "gt", "lt", "lte") if field in ORDERED else PLAIN)
    if operator == "set":
        return f"{field}:set:{rng.choice(('true', 'false'))}"
    if operator == "in":
        several = rng.sample(VALUES[field], min(2, len(VALUES[field])))
        return f"{field}:in:{','.join(several)}"
    return f"{field}:{operator}:{rng.choice(VALUES[field])}"
