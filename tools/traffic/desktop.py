"""Events of the desktop app, shaped as the items of POST /track.

Old clients (0.9.x) send no id, some no session_id, country "XX", source "main" and the property
names duration_seconds and cost_usd. Whisper costs $0.006 a minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any, Literal

from tools.traffic.parameters import Parameters
from tools.traffic.people import Person, population, uuid4, walk
from tools.traffic.times import DAY_MS, iso

Payload = dict[str, Any]
Timed = tuple[int, int, Payload]  # (ms, person's index, payload): unique in its first two

DOLLARS_PER_SECOND = 0.006 / 60
SESSIONS_PER_DAY = 1.4
# An average recording makes this many events (start, end, transcription, now and then a retry).
_EVENTS_PER_RECORDING = 3.05
_EVENTS_PER_SESSION = 1.08  # the launch, and now and then a toggle
_FAILURES = (
    "network_error", "network_error", "network_error", "timeout", "timeout", "rate_limited",
    "invalid_api_key", "insufficient_quota", "audio_too_short", "file_too_large", None,
)  # fmt: skip


class _Day:
    """Writes the events of one person on one day."""

    __slots__ = ("modern", "ms", "out", "person", "recordings", "rng", "shared")

    def __init__(self, person: Person, day: int, parameters: Parameters, rng: Random) -> None:
        release = person.release_on(day, parameters.releases)
        self.person, self.rng = person, rng
        self.modern = release.modern
        self.out: list[Timed] = []
        self.ms = 0
        self.shared: Payload = {
            "user_id": person.user_id,
            "app_version": release.version,
            "platform": person.platform_on(day),
        }
        country = person.country_on(day)
        if country is not None:
            self.shared["country"] = country
        per_session = parameters.events_per_day / SESSIONS_PER_DAY - _EVENTS_PER_SESSION
        self.recordings = max(0.0, per_session / _EVENTS_PER_RECORDING)

    def event(self, after_seconds: float, name: str, properties: Payload) -> None:
        """The next event, some seconds after the one before it (at least a millisecond)."""
        self.ms += int(after_seconds * 1000) + 1
        payload = {
            "event": name,
            "timestamp": iso(self.ms),
            "properties": properties,
            **self.shared,
        }
        if self.modern:
            payload["id"] = uuid4(self.rng.getrandbits(128))
        self.out.append((self.ms, self.person.index, payload))

    def session(self, start: int, has_session_id: bool) -> None:
        random = self.rng.random
        self.ms = start
        if has_session_id:
            self.shared["session_id"] = uuid4(self.rng.getrandbits(128))
        else:
            self.shared.pop("session_id", None)
        startup = round(0.7 + self.rng.expovariate(0.9) / self.person.skill, 2)
        self.event(0, "app_opened", {"startup_time_seconds": startup})
        if random() < 0.08:
            self.person.auto_paste = not self.person.auto_paste
            self.event(
                5 + random() * 60,
                "feature_toggled",
                {"feature": "auto_paste", "enabled": self.person.auto_paste},
            )
        # Geometric with the wanted mean: many launches without a recording, some with a dozen.
        stay = self.recordings / (1.0 + self.recordings)
        while random() < stay:
            self.recording()

    def recording(self) -> None:
        random = self.rng.random
        source = "widget" if random() < self.person.widget_share else "main_window"
        if not self.modern and source == "main_window":
            source = "main"
        seconds = round(2.0 + self.rng.expovariate(0.018) * self.person.skill, 1)
        self.event(4 + self.rng.expovariate(0.006), "recording_started", {"source": source})
        duration = "audio_duration_seconds"
        if not self.modern and random() < 0.5:
            duration = "duration_seconds"
        recorded = {duration: seconds, "source": source, "success": random() > 0.006}
        if not self.modern and random() < 0.05:
            del recorded["source"]
        self.event(seconds, "recording_completed", recorded)
        if recorded["success"]:
            self.transcription(seconds, 0)

    def transcription(self, seconds: float, retries: int) -> None:
        random = self.rng.random
        processing = round(0.6 + seconds * 0.04 + self.rng.expovariate(1.2), 3)
        if random() > 0.035:
            old = not self.modern and random() < 0.5
            self.event(
                processing,
                "transcription_completed",
                {
                    "processing_time_seconds": processing,
                    "duration_seconds" if old else "audio_duration_seconds": seconds,
                    "cost_usd" if old else "estimated_cost_usd": round(
                        seconds * DOLLARS_PER_SECOND, 6
                    ),
                    "dictionary_used": random() < self.person.dictionary_share,
                    "success": random() > 0.004,
                },
            )
            return
        error = _FAILURES[int(random() * len(_FAILURES))]
        self.event(
            processing, "transcription_failed", {} if error is None else {"error_type": error}
        )
        if retries < 2 and random() < 0.7:
            self.event(2 + random() * 20, "retry_attempted", {"attempt": retries + 1})
            self.transcription(seconds, retries + 1)


def _one_day(person: Person, day: int, parameters: Parameters, rng: Random) -> list[Timed]:
    """A person's events of one active day, ascending; the last may fall just after midnight."""
    rng.seed(person.key + day)
    starts = person.session_starts(rng, day, SESSIONS_PER_DAY)
    writer = _Day(person, day, parameters, rng)
    release = person.release_on(day, parameters.releases)
    for start in starts:
        begin = max(start, person.busy_until + 90_000)
        writer.session(begin, rng.random() < release.sessions)
        person.busy_until = writer.ms
    return writer.out


def by_time(days: Iterable[tuple[int, list[Timed]]], now_ms: int) -> Iterator[Payload]:
    """Merge days whose items may run into the next ones; nothing after now."""
    waiting: list[Timed] = []
    for day, items in days:
        waiting += items
        waiting.sort(key=lambda item: item[:2])
        midnight = (day + 1) * DAY_MS
        ready = 0
        while ready < len(waiting) and waiting[ready][0] < midnight:
            ready += 1
        for ms, _, payload in waiting[:ready]:
            if ms <= now_ms:
                yield payload
        del waiting[:ready]
    for ms, _, payload in waiting:
        if ms <= now_ms:
            yield payload


def desktop_events(
    parameters: Parameters, order: Literal["time", "person"] = "time"
) -> Iterator[Payload]:
    """All desktop events, by time or person after person; both orders hold the same events."""
    rng = Random()
    if order == "person":
        now_ms = parameters.now_ms
        for person in population(parameters):
            for day in person.agenda:
                for ms, _, payload in _one_day(person, day, parameters, rng):
                    if ms <= now_ms:
                        yield payload
        return
    days = (
        (day, [item for person in active for item in _one_day(person, day, parameters, rng)])
        for day, active in walk(population(parameters), parameters)
    )
    yield from by_time(days, parameters.now_ms)
