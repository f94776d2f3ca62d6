"""Bodies of the addresses about saved questions and key numbers."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

# No space at either end, no control characters.
ShortName = Annotated[
    str,
    Meta(
        pattern=r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$(?!\n)", max_length=60
    ),
]
ParameterName = Annotated[str, Meta(pattern=r"^[a-z_]{1,40}$(?!\n)")]
Value = Annotated[str, Meta(min_length=1, max_length=4_000)]
Values = Annotated[list[Value], Meta(min_length=1, max_length=20)]
Parameters = Annotated[dict[ParameterName, Value | Values], Meta(max_length=30)]
ReportName = Literal["explore", "funnel", "retention", "experiment"]


class SavedPayload(Struct, forbid_unknown_fields=True):
    """A question to save. question: the parameters of the report's page, without `app`."""

    report: ReportName
    name: ShortName
    question: Parameters
    is_pinned: bool = False


class SavedChangesPayload(Struct, forbid_unknown_fields=True):
    """What may change of a saved question; what is not named stays."""

    name: ShortName | UnsetType = UNSET
    question: Parameters | UnsetType = UNSET
    is_pinned: bool | UnsetType = UNSET


Measure = Literal["events", "people", "sum", "average", "median", "p95", "share"]
Text = Annotated[str, Meta(min_length=1, max_length=100)]


class KeyNumberPayload(Struct, forbid_unknown_fields=True):
    """A number to look at first. property: of sum, average, median, p95 and share. value: what the
    property must be, of a share; of a yes or no: true. segment: the id of one that narrows it."""

    name: ShortName
    measure: Measure
    event: Text
    property: Text | None = None
    value: Text | None = None
    segment: int | None = None


class KeyNumberChangesPayload(Struct, forbid_unknown_fields=True):
    """What may change of a key number; what is not named stays. place: in the order, from 0."""

    name: ShortName | UnsetType = UNSET
    measure: Measure | UnsetType = UNSET
    event: Text | UnsetType = UNSET
    property: Text | UnsetType | None = UNSET
    value: Text | UnsetType | None = UNSET
    segment: int | UnsetType | None = UNSET
    place: Annotated[int, Meta(ge=0, le=11)] | UnsetType = UNSET
