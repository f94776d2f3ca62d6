"""Bodies of the addresses about alerts, destinations, reports by mail and annotations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from stories.payloads.questions import ShortName

Minutes = Annotated[int, Meta(ge=0, le=1440)]
Destinations = Annotated[list[int], Meta(max_length=20)]
Address = Annotated[str, Meta(min_length=3, max_length=1000)]
DestinationKind = Literal["email", "service", "webhook"]
Every = Literal["day", "week", "month"]
Note = Annotated[str, Meta(min_length=1, max_length=200)]


class RulePayload(Struct, forbid_unknown_fields=True):
    """kind, settings: of GET /alerts/kinds. for_minutes: how long it must be bad before it fires."""

    name: ShortName
    kind: Annotated[str, Meta(max_length=40)]
    settings: dict[str, Any] = {}
    destinations: Destinations = []
    for_minutes: Minutes = 0
    is_on: bool = True


class RuleChangesPayload(Struct, forbid_unknown_fields=True):
    """What may change of a rule; what is not named stays."""

    name: ShortName | UnsetType = UNSET
    settings: dict[str, Any] | UnsetType = UNSET
    destinations: Destinations | UnsetType = UNSET
    for_minutes: Minutes | UnsetType = UNSET
    is_on: bool | UnsetType = UNSET


class SnoozePayload(Struct, forbid_unknown_fields=True):
    """minutes: 0 ends a snooze; null: until it is resolved. subject: one of several; default: all."""

    minutes: Annotated[int, Meta(ge=0, le=43_200)] | None = None
    subject: Annotated[str, Meta(max_length=100)] | None = None


class DestinationPayload(Struct, forbid_unknown_fields=True):
    """address: of mail, a webhook's URL, or a service's as Apprise writes it (slack://…). Never shown
    again."""

    name: ShortName
    kind: DestinationKind
    address: Address


class DestinationChangesPayload(Struct, forbid_unknown_fields=True):
    """What may change of a destination; what is not named stays."""

    name: ShortName | UnsetType = UNSET
    address: Address | UnsetType = UNSET


class ReportPayload(Struct, forbid_unknown_fields=True):
    """A report by mail or to another destination, at the end of each day, week or month."""

    destination: int
    every: Every = "week"


class AnnotationPayload(Struct, forbid_unknown_fields=True):
    """A note on the charts. at: default: now."""

    text: Note
    at: datetime | None = None
