"""What a rule can watch: KINDS, each with its settings. How each is read: readings.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from models import Refusal

Count = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Percent = Annotated[float, Meta(gt=0, le=100)]
Window = Literal["today", "yesterday", "7d", "30d"]
WINDOWS: dict[str, tuple[int, int]] = {  # (days, how many days ago the last one is)
    "today": (1, 0),
    "yesterday": (1, 1),
    "7d": (7, 0),
    "30d": (30, 0),
}


class NumberSettings(Struct, forbid_unknown_fields=True):
    """number: a name that GET /numbers lists. clear: where it is over again; without it the threshold.
    least: people of these days, fewer tell nothing. segment_id: of those only."""

    number: Annotated[str, Meta(min_length=1, max_length=100)]
    comparison: Literal["above", "below"]
    threshold: float
    clear: float | None = None
    window: Window = "today"
    least: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    segment_id: int | None = None


class IssueSettings(Struct, forbid_unknown_fields=True):
    """people: how many an issue must have met before it is told."""

    people: Count = 1


class SpikeSettings(Struct, forbid_unknown_fields=True):
    """times: as many as usual in this hour of the day; least: crashes in the hour."""

    times: Annotated[float, Meta(ge=1.5, le=1000)] = 3
    least: Count = 10


class SilenceSettings(Struct, forbid_unknown_fields=True):
    hours: Annotated[int, Meta(ge=1, le=168)] = 6


class DiskSettings(Struct, forbid_unknown_fields=True):
    days: Annotated[int, Meta(ge=1, le=365)] = 14


class FoldSettings(Struct, forbid_unknown_fields=True):
    minutes: Annotated[int, Meta(ge=1, le=1440)] = 10


class RefusedSettings(Struct, forbid_unknown_fields=True):
    """percent: of what came today. least: items that came, fewer tell nothing."""

    percent: Percent = 10
    least: Count = 100


class NoSettings(Struct, forbid_unknown_fields=True):
    pass


@dataclass(frozen=True)
class Kind:
    """of_server: it watches the server and not an app. of_many: it has a subject for each of several,
    such as each job. of_issues: for each issue: many are one message, and nobody is told of their
    end."""

    name: str
    title: str
    settings: type[Struct]
    of_server: bool = False
    of_many: bool = False
    of_issues: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        Kind("number", "A number is above or below a threshold", NumberSettings),
        Kind("new_issue", "There is a new issue", IssueSettings, of_many=True, of_issues=True),
        Kind(
            "regressed_issue",
            "A resolved issue is back",
            IssueSettings,
            of_many=True,
            of_issues=True,
        ),
        Kind(
            "issue_spike",
            "An issue is more frequent than usual",
            SpikeSettings,
            of_many=True,
            of_issues=True,
        ),
        Kind("no_events", "No events come, at an hour when they usually do", SilenceSettings),
        Kind(
            "release_worse",
            "A release crashes for more people than the one before",
            NoSettings,
            of_many=True,
        ),
        Kind("refused", "Much of what comes is refused", RefusedSettings),
        Kind("disk_full", "The disk will be full soon", DiskSettings, of_server=True),
        Kind("fold_behind", "Numbers are late", FoldSettings, of_server=True),
        Kind("job_failing", "A job of the server fails", NoSettings, of_server=True, of_many=True),
    )
}


def read_settings(kind: str, value: Any) -> Any:
    """The settings of a rule of this kind. Raises Refusal that names the field."""
    try:
        settings = msgspec.convert(value, KINDS[kind].settings)
    except msgspec.ValidationError as error:
        raise Refusal("invalid_settings", f"settings: {error}") from None
    if isinstance(settings, NumberSettings) and settings.clear is not None:
        is_beyond = (
            settings.clear > settings.threshold
            if settings.comparison == "above"
            else settings.clear < settings.threshold
        )
        if is_beyond:
            raise Refusal(
                "invalid_settings", "settings.clear must not be on the bad side of the threshold"
            )
    return settings
