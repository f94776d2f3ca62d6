"""Explore over HTTP: questions that the rollups answer, and beside each one that reads the events, as a
multiple of it. And the key numbers of an app, twelve at once."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tools.benchmarks.reports import FLOOR, Asker
from tools.benchmarks.server import OURS, serving

NUMBER = "event=transcription_completed&property=processing_time_seconds"
NARROWED = "filter=country:in:US,DE&filter=version:gte:1.0"
# What the rollups answer, and the same from the events: a condition that nearly everything matches.
BY_EVENTS = "filter=prop.none:not:x"
QUESTIONS = (
    "period=30d&interval=day",
    "period=all&interval=month",
    "period=30d&by=version",
    "period=30d&measure=people&interval=day",
    "period=all&measure=people&interval=week",
    f"period=30d&interval=day&measure=average&{NUMBER}",
    f"period=30d&interval=day&measure=p95&{NUMBER}",
)
OF_EVENTS = (
    "period=7d&interval=hour",
    "period=30d&measure=sessions&interval=day",
    f"period=30d&measure=people&by=country&{NARROWED}",
    f"period=30d&by=prop.source&interval=day&{NARROWED}",
)
KEY_NUMBERS: tuple[dict[str, str], ...] = (
    *({"measure": "events", "event": event} for event in ("app_opened", "recording_completed")),
    *(
        {"measure": measure, "event": "recording_completed", "property": "processing_time_seconds"}
        for measure in ("sum", "average", "median", "p95")
    ),
    {"measure": "share", "event": "transcription_completed", "property": "dictionary_used"},
    {"measure": "share", "event": "recording_completed", "property": "source", "value": "widget"},
    {"measure": "share", "event": "feature_toggled", "property": "enabled"},
    *(
        {"measure": measure, "event": "app_opened", "property": "startup_time_seconds"}
        for measure in ("average", "median", "p95")
    ),
)


def ask_explorations(dsn: str, now: str) -> list[dict[str, Any]]:
    """Calls as tools/benchmarks/reports.py has them, each with `beside`: the path that it is a
    multiple of, or none."""
    calls: list[dict[str, Any]] = []
    with serving(OURS, dsn, BENCH_NOW=now, RUN_JOBS="false") as server:
        asker = Asker(server, dsn)

        def measure(path: str, beside: str = "") -> None:
            calls.append({**asdict(asker.measure(f"{path}")), "beside": beside})

        calls.append({**asdict(asker.measure("/stats", FLOOR, credentials=False)), "beside": ""})
        for question in QUESTIONS:
            path = f"/explore?app=desktop&{question}"
            measure(path)
            measure(f"{path}&{BY_EVENTS}", path)
        for question in OF_EVENTS:
            measure(f"/explore?app=desktop&{question}")
        for place, number in enumerate(KEY_NUMBERS):
            asker.send("/key-numbers?app=desktop", {"name": f"Number {place}", **number})
        path = "/stats/key_numbers?app=desktop&period=30d"
        measure(path)
        measure(f"{path}&{NARROWED}", path)
        asker.close()
    return calls
