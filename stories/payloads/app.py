"""Bodies of POST /apps and PATCH /apps/{slug}: an app and what is particular to it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from models import NAME_RULE, Refusal, shown
from stories import catalogue
from stories.privacy import labels

Days = Annotated[int, Meta(ge=7, le=36500)]
# Python's $ is also before a line break that ends the text.
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$(?!\n)", max_length=40)]
EventName = Annotated[str, Meta(pattern=labels.EVENT_NAME, max_length=100)]
Prefix = Annotated[str, Meta(pattern="^/", max_length=200)]


class PropertyPayload(Struct, forbid_unknown_fields=True):
    """A countable property of a registered event."""

    type: Literal["number", "enum", "boolean", "label"]
    values: list[Annotated[str, Meta(max_length=100)]] = []


Patterns = Annotated[list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(max_length=20)]


# As SDKs name them: letters of any script, but what could not be typed into a line.
Environments = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=64)]], Meta(max_length=20)
]


class GroupingPayload(Struct, forbid_unknown_fields=True):
    """Patterns of the files and modules that are the app's own code, and of those that are not. In a
    pattern `*` stands for anything."""

    in_app: Patterns | UnsetType = UNSET
    not_in_app: Patterns | UnsetType = UNSET


LongNames = Annotated[
    dict[EventName, Annotated[str, Meta(min_length=1, max_length=100)]], Meta(max_length=1000)
]


class LongNamesPayload(Struct, forbid_unknown_fields=True):
    """What people are to read in place of names of events and of properties."""

    events: LongNames | UnsetType = UNSET
    properties: LongNames | UnsetType = UNSET


class ChangesPayload(Struct, forbid_unknown_fields=True):
    """What may change of an app; what is not named stays. Of `funnel` each step is named by itself, of
    `grouping` each list, of `long_names` all of events or of properties; `events` and `testers` are
    whole lists."""

    name: Annotated[str, Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    retention_days: Days | UnsetType | None = UNSET
    content_days: Annotated[int, Meta(ge=1, le=36500)] | UnsetType = UNSET
    hash_rotation: Literal["never", "daily"] | UnsetType = UNSET
    funnel: dict[Literal["vertical_views", "pricing_views", "demo_views"], Prefix] | UnsetType = (
        UNSET
    )
    events: dict[EventName, dict[EventName, PropertyPayload]] | UnsetType = UNSET
    testers: list[Annotated[str, Meta(min_length=1, max_length=200)]] | UnsetType = UNSET
    accepts: Literal["open", "declared"] | UnsetType = UNSET
    grouping: GroupingPayload | UnsetType = UNSET
    long_names: LongNamesPayload | UnsetType = UNSET
    ignored_environments: Environments | UnsetType = UNSET

    def columns(self) -> dict[str, Any]:
        """What is named, as columns of the table; testers are no column."""
        named = {name: getattr(self, name) for name in COLUMNS}
        return {name: msgspec.to_builtins(v) for name, v in named.items() if v is not UNSET}


COLUMNS = (
    "name",
    "timezone",
    "retention_days",
    "content_days",
    "hash_rotation",
    "funnel",
    "events",
    "accepts",
    "grouping",
    "long_names",
    "ignored_environments",
)


class AppPayload(ChangesPayload, kw_only=True, forbid_unknown_fields=True):
    slug: Slug
    kind: Literal["desktop", "website", "generator", "bot"]


def read_app(body: bytes, payload: type[ChangesPayload]) -> Any:
    """Raises Refusal with a sentence that names the field."""
    if b"\\u0000" in body:
        raise Refusal("invalid_app", "the app cannot be read: text must not hold NUL")
    try:
        app = msgspec.json.decode(body or b"{}", type=payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("invalid_app", f"the app cannot be read: {error}") from None
    if app.timezone is not UNSET and app.timezone not in available_timezones():
        raise Refusal("invalid_timezone", "timezone must be an IANA name such as Europe/Berlin")
    if app.grouping is not UNSET:
        _check_patterns(app.grouping)
    if app.long_names is not UNSET:
        _check_long_names(app.long_names)
    if app.ignored_environments is not UNSET:
        app.ignored_environments = _environments(app.ignored_environments)
    return app


def _environments(names: list[str]) -> list[str]:
    """In small letters, each once."""
    if not all(name.isprintable() and name.strip() for name in names):
        raise Refusal(
            "invalid_app", "ignored_environments must be printable characters, not only spaces"
        )
    return list(dict.fromkeys(name.strip().lower() for name in names))


def _check_patterns(grouping: GroupingPayload) -> None:
    for name, patterns in (("in_app", grouping.in_app), ("not_in_app", grouping.not_in_app)):
        for number, pattern in enumerate(() if patterns is UNSET else patterns):
            if not pattern.isprintable() or not pattern.strip():
                raise Refusal(
                    "invalid_grouping",
                    f"grouping.{name}[{number}] must be printable characters, not only spaces",
                )


def _check_long_names(named: LongNamesPayload) -> None:
    for kind, names in (("events", named.events), ("properties", named.properties)):
        for name, text in () if names is UNSET else names.items():
            if not text.isprintable() or not text.strip():
                raise Refusal(
                    "invalid_long_names",
                    f"long_names.{kind}: that of {shown(name)} must be printable characters, "
                    "not only spaces",
                )


def check_events(kind: str, body: ChangesPayload) -> None:
    """Raises Refusal for events that an app of this kind cannot register."""
    events = {} if body.events is UNSET else body.events
    if events and kind == "generator":
        raise Refusal("invalid_events", "events: a generator sends visits and generations only")
    for name in events:
        if name in catalogue.CATALOGUES[kind]:
            raise Refusal("invalid_events", f"events: every {kind} app has {name} already")
        for text in (name, *events[name]):
            if not labels.is_event_name(text):
                raise Refusal("invalid_events", f"events: {shown(text)} {NAME_RULE}")
