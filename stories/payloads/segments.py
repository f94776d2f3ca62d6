"""Bodies of the addresses about segments."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from stories.payloads.questions import ShortName

Filter = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=10_000)]], Meta(min_length=1, max_length=10)
]


class SegmentPayload(Struct, forbid_unknown_fields=True):
    """A segment to make. filter: conditions as the parameter `filter` has them, joined by and."""

    name: ShortName
    filter: Filter


class SegmentChangesPayload(Struct, forbid_unknown_fields=True):
    """What may change of a segment; what is not named stays. Another filter is counted anew."""

    name: ShortName | UnsetType = UNSET
    filter: Filter | UnsetType = UNSET
