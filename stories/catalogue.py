"""The event catalogue: which events a kind of app sends, and which properties may be counted.

Only what is declared here (or registered with an app) is rolled up. Rollups are kept for good, so
free text is never declared: messages, prompts and error texts stay in their events and go with them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

MAX_NUMBER = 1e12
AHEAD = timedelta(days=1)  # how far a client's clock may be off
CRASH_TYPES = ("main_crash", "renderer_crash", "uncaught_error", "unhandled_rejection")


@dataclass(frozen=True)
class Property:
    """A countable property.

    type: number (sums, percentiles), enum or boolean (counts by value), label (a short identifier;
    counts by value, capped in variety, the rest under "other"). values: an enum's declared ones, which
    never fall under the cap. percentiles: a number that keeps a histogram too.
    counted: false for numbers that are only the source of a derived one.
    """

    type: Literal["number", "enum", "boolean", "label"]
    values: tuple[str, ...] = ()
    percentiles: bool = False
    counted: bool = True


NUMBER = Property("number")
SOURCE_NUMBER = Property("number", counted=False)
TIMING = Property("number", percentiles=True)
BOOLEAN = Property("boolean")
LABEL = Property("label")

Event = dict[str, Property]

SOURCE = Property("enum", ("widget", "main_window", "main"))
DURATION = {"audio_duration_seconds": SOURCE_NUMBER, "duration_seconds": SOURCE_NUMBER}
COST = {"estimated_cost_usd": SOURCE_NUMBER, "cost_usd": SOURCE_NUMBER}

DESKTOP: dict[str, Event] = {
    "app_opened": {"startup_time_seconds": TIMING},
    "recording_started": {"source": SOURCE},
    "recording_completed": {
        **DURATION,
        **COST,
        "processing_time_seconds": TIMING,
        "source": SOURCE,
        "success": BOOLEAN,
    },
    "transcription_completed": {
        **DURATION,
        **COST,
        "processing_time_seconds": TIMING,
        "source": SOURCE,
        "success": BOOLEAN,
        "dictionary_used": BOOLEAN,
    },
    "transcription_failed": {"error_type": LABEL},
    "feature_toggled": {"feature": LABEL, "enabled": BOOLEAN},
    "retry_attempted": {},
}

VISITOR = {"path": LABEL, "device": LABEL, "browser": LABEL, "os": LABEL}

WEBSITE: dict[str, Event] = {
    "pageview": VISITOR,
    "event": {"category": LABEL, "action": LABEL},
    "conversion": {"action": LABEL, "path": LABEL, "value": NUMBER},
}

GENERATOR: dict[str, Event] = {
    "visit": VISITOR,
    "generation": {"success": BOOLEAN, "has_text": BOOLEAN, "processing_time": TIMING},
}

PERSONA = {"persona_id": LABEL}

BOT: dict[str, Event] = {
    "start_command": {},
    "user_message": PERSONA,
    "ai_message": PERSONA,
    "image_generated": PERSONA,
    "image_refresh": PERSONA,
    "persona_selected": PERSONA,
    "story_selected": PERSONA,
    "chat_cleared": {},
    "chat_continued": PERSONA,
    "premium_action": {},
    "command": {},
}

# Made of POST /crash with "handled": true, for apps of every kind; nobody can send it otherwise.
ERROR_HANDLED = "error_handled"
FEEDBACK = "feedback"  # what people write to an SDK; undeclared, so an app may have one of its own
HANDLED: dict[str, Event] = {ERROR_HANDLED: {"type": LABEL}}

CATALOGUES: dict[str, dict[str, Event]] = {
    "desktop": {**DESKTOP, **HANDLED},
    "website": {**WEBSITE, **HANDLED},
    "generator": {**GENERATOR, **HANDLED},
    "bot": {**BOT, **HANDLED},
}


@dataclass(frozen=True)
class Flag:
    """A bit of person_days.flags: set on days with such an event, so that distinct people who did it
    can be counted over any range. bit 1 is any event, 2 a crash, 16384 the highest that there is room
    for. equals, prefix: what `property` must be (as JSON) or start with; without property every such
    event counts."""

    name: str
    bit: int
    event: str
    property: str | None = None
    equals: str | None = None
    prefix: str | None = None


EVENT, CRASH = 1, 2
RETRY, WIDGET, DICTIONARY = 4, 8, 16
HOMEPAGE, VERTICAL, PRICING, DEMO, CONVERSION = 32, 64, 128, 256, 512
KNOWN_VISITOR = 1024

# The steps of a website's funnel that are page views by path prefix; each app has its own prefixes.
FUNNEL_PREFIXES = {"vertical_views": VERTICAL, "pricing_views": PRICING, "demo_views": DEMO}

FLAGS: dict[str, tuple[Flag, ...]] = {
    "desktop": (
        Flag("retry", RETRY, "retry_attempted"),
        Flag("widget", WIDGET, "recording_completed", "source", equals='"widget"'),
        Flag("dictionary", DICTIONARY, "transcription_completed", "dictionary_used", equals="true"),
    ),
    "website": (
        Flag("homepage_views", HOMEPAGE, "pageview", "path", equals='"/"'),
        Flag("conversions", CONVERSION, "conversion"),
    ),
    "generator": (Flag("visitor", KNOWN_VISITOR, "visit", "known", equals="true"),),
    "bot": (),
}


@dataclass(frozen=True)
class Derived:
    """A number made of the first of two properties that is a valid one (METRICS.md: dur, cost).
    successful: events whose `success` is false do not count."""

    event: str
    property: str
    first: str
    second: str
    successful: bool = False


DERIVED: dict[str, tuple[Derived, ...]] = {
    "desktop": tuple(
        Derived(event, name, first, second, successful=event == "recording_completed")
        for event in ("transcription_completed", "recording_completed")
        for name, first, second in (
            ("duration", "audio_duration_seconds", "duration_seconds"),
            ("cost", "estimated_cost_usd", "cost_usd"),
        )
    ),
    "website": (),
    "generator": (),
    "bot": (),
}


# Names that PostgreSQL takes for abbreviations without summer time, where zoneinfo knows summer time.
# No app is given one any more; days of an app that has one were counted with the fixed offset.
FIXED_OFFSETS = {"WET": "Etc/GMT", "CET": "Etc/GMT-1", "MET": "Etc/GMT-1", "EET": "Etc/GMT-2"}


@dataclass(frozen=True)
class Segment:
    """Conditions with a name, which the fold counts by. place: its bit. filter: texts as
    reports/conditions.py reads them. is_filled: whether all days are counted by it."""

    segment_id: int
    place: int
    name: str
    filter: tuple[str, ...]
    is_filled: bool


@dataclass(frozen=True)
class App:
    app_id: int
    slug: str
    kind: str
    name: str
    timezone: str
    retention_days: int
    ingest_key: str
    is_default: bool
    funnel: dict[str, str]
    events: dict[str, dict[str, dict[str, Any]]]
    content_days: int
    hash_rotation: str
    whole_since: date | None = None  # the first day of which nothing has expired; None: all of them
    is_open: bool = False  # takes events that nobody has declared
    # Undeclared names that it has taken, and the day each was sent last. Grows as intake admits names.
    undeclared: dict[str, str] = field(default_factory=dict)
    segments: tuple[Segment, ...] = ()
    # Which files of a crash are its own code (crashes/patterns.py), and the settings of before.
    grouping: dict[str, list[str]] = field(default_factory=dict)
    former_groupings: list[dict[str, list[str]]] = field(default_factory=list)
    has_plain_people: bool = False  # ids of its own become people as they did before version 14
    ignored_environments: list[str] = field(default_factory=list)  # of SDKs, in small letters
    has_nobody: bool = False  # something of a session without a person has come, or of nobody
    # What the maker calls events and properties: {"events": {name: text}, "properties": {name: text}}.
    long_names: dict[str, dict[str, str]] = field(default_factory=dict)

    def long_name(self, kind: str, name: str) -> str:
        """kind: events or properties; the name itself where it has no other."""
        return self.long_names.get(kind, {}).get(name, name)

    @cached_property
    def catalogue(self) -> dict[str, Event]:
        """The events this app may send: its kind's, and those registered with it."""
        if not self.events:
            return CATALOGUES[self.kind]
        own = {
            event: {
                name: Property(
                    item["type"],
                    tuple(item.get("values", ())),
                    percentiles=item["type"] == "number",
                )
                for name, item in properties.items()
            }
            for event, properties in self.events.items()
        }
        return {**own, **CATALOGUES[self.kind]}

    @property
    def event_names(self) -> set[str]:
        """The names that its events have: declared ones, and others that it has taken."""
        return {*self.catalogue, *self.undeclared}

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What sets bits of person_days.flags: the kind's, and the app's own funnel paths."""
        steps = tuple(
            Flag(step, bit, "pageview", "path", prefix=self.funnel[step])
            for step, bit in FUNNEL_PREFIXES.items()
            if self.kind == "website" and step in self.funnel
        )
        return FLAGS[self.kind] + steps

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the app's days, as the database that counts them reads it."""
        return _zone(self.timezone)

    def accepts(self, now: datetime) -> tuple[datetime, datetime]:
        """The oldest and newest timestamp that intake takes: up to two days less than the retention,
        and nothing from before what has expired already, whatever the retention is today: it would
        be counted again. A day ahead for clocks that are off."""
        return _window(self.retention_days, self.whole_since, self.timezone, now)


def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(FIXED_OFFSETS.get(name, name))


@lru_cache(maxsize=64)  # asked for each event of a request
def _window(
    retention_days: int, whole_since: date | None, timezone: str, now: datetime
) -> tuple[datetime, datetime]:
    oldest = now - timedelta(days=retention_days - 2)
    if whole_since is not None:
        whole = datetime(*whole_since.timetuple()[:3], tzinfo=_zone(timezone))
        oldest = max(oldest, whole.astimezone(UTC))
    return oldest, now + AHEAD
