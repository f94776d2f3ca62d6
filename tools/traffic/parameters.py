"""What a run of traffic is made from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tools.traffic.times import DAY_MS, to_ms


@dataclass(frozen=True)
class Release:
    """One version of the desktop app.

    day: when it came out, in days since 1970. modern: it sends an `id` with each event.
    sessions: the share of its launches that carry a session_id. crashiness: factor on the crash rate.
    """

    version: str
    day: int
    modern: bool
    sessions: float
    crashiness: float


# version, when it came out as a share of the range (negative: before it), modern, sessions, crashiness
_RELEASES = (
    ("0.9.44", -0.60, False, 0.0, 1.4),
    ("0.9.48", -0.20, False, 0.0, 1.2),
    ("0.9.51", 0.06, False, 0.6, 1.0),
    ("0.9.53", 0.22, False, 0.9, 1.0),
    ("0.9.57", 0.40, False, 1.0, 0.8),
    ("1.0.0", 0.54, True, 1.0, 4.5),
    ("1.0.1", 0.57, True, 1.0, 0.9),
    ("1.1.0", 0.72, True, 1.0, 0.7),
    ("1.1.1", 0.80, True, 1.0, 0.5),
    ("1.2.0", 0.93, True, 1.0, 0.6),
)


def default_releases(first_day: int, days: int) -> tuple[Release, ...]:
    """Ten releases spread over the range; the two oldest were out before it begins."""
    return tuple(
        Release(version, first_day + round(share * days), modern, sessions, crashiness)
        for version, share, modern, sessions, crashiness in _RELEASES
    )


@dataclass(frozen=True)
class Parameters:
    """The whole input of a run: equal parameters yield equal traffic.

    now: aware; nothing is dated after it. people: how many arrive within `days` (for the website:
    sessions). events: about how many desktop events are wanted in all; it is met within a few
    percent by letting people come back more or less often, up to coming every day. Without it,
    people come on `days_per_person` days each. events_per_day: mean of a person's active day.
    app: changes every id, so that two apps share nobody. shard: (which, of how many) slices of the
    people, so that several processes can make one run together.
    """

    now: datetime
    people: int = 500
    days: int = 90
    seed: int = 1
    events: int | None = None
    days_per_person: float = 12.0
    events_per_day: float = 10.0
    app: str = "desktop"
    shard: tuple[int, int] = (0, 1)
    releases: tuple[Release, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.now.utcoffset() is None:
            raise ValueError("now needs a timezone")
        if self.people < 0 or self.days < 1:
            raise ValueError("people must be 0 or more and days 1 or more")
        if not self.releases:
            object.__setattr__(self, "releases", default_releases(self.first_day, self.days))

    @property
    def now_ms(self) -> int:
        return to_ms(self.now)

    @property
    def last_day(self) -> int:
        """The UTC day of `now`, in days since 1970."""
        return self.now_ms // DAY_MS

    @property
    def first_day(self) -> int:
        return self.last_day - self.days + 1

    @property
    def start(self) -> datetime:
        """Midnight UTC of the first day; no event is older."""
        midnight = self.now - timedelta(milliseconds=self.now_ms % DAY_MS)
        return midnight - timedelta(days=self.days - 1)

    @property
    def active_days(self) -> float:
        """Wanted mean of active days per person."""
        if self.events is None or self.people == 0:
            return self.days_per_person
        return self.events / self.events_per_day / self.people

    def for_app(self, app: str) -> Parameters:
        return replace(self, app=app)

    def seed_for(self, what: str) -> int:
        """A 64-bit seed of its own for each kind of draw, stable between Python versions."""
        text = f"{self.seed}/{self.app}/{what}".encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
