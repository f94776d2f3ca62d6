"""Bodies of the addresses about issues and releases."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

State = Literal["open", "resolved", "muted"]
IssueName = Annotated[str, Meta(min_length=1, max_length=60)]
Version = Annotated[str, Meta(min_length=1, max_length=200)]
Count = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Moment = Annotated[datetime, Meta(tz=True)]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s\x00-\x1f]+$(?!\n)", max_length=500)]
Fingerprint = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$(?!\n)")]

# Which of these fields may stand beside which state; one of them at most.
OPTIONS: dict[str, tuple[str, ...]] = {
    "open": (),
    "resolved": ("in_version", "in_next_release"),
    "muted": ("until", "until_crashes", "per_hour", "until_people"),
}


class IssueChangesPayload(Struct, forbid_unknown_fields=True):
    """A new state, a new note or both. in_version, in_next_release: with resolved; without them it is
    resolved now. until, until_crashes, per_hour, until_people: with muted; without them for ever."""

    state: State | UnsetType = UNSET
    in_version: Version | UnsetType = UNSET
    in_next_release: Literal[True] | UnsetType = UNSET
    until: Moment | UnsetType = UNSET
    until_crashes: Count | UnsetType = UNSET
    per_hour: Count | UnsetType = UNSET
    until_people: Count | UnsetType = UNSET
    note: Annotated[str, Meta(max_length=4000)] | UnsetType = UNSET

    def options(self) -> dict[str, Any]:
        """Those that the body has, by name."""
        names = (name for names in OPTIONS.values() for name in names)
        return {name: getattr(self, name) for name in names if getattr(self, name) is not UNSET}


class ManyIssuesPayload(IssueChangesPayload, kw_only=True, forbid_unknown_fields=True):
    """The same change to several issues."""

    ids: Annotated[list[IssueName], Meta(min_length=1, max_length=100)]


class MergePayload(Struct, forbid_unknown_fields=True):
    """Issues whose groups the issue in the address gets."""

    issues: Annotated[list[IssueName], Meta(min_length=1, max_length=100)]


class UnmergePayload(Struct, forbid_unknown_fields=True):
    """Groups that leave the issue in the address."""

    fingerprints: Annotated[list[Fingerprint], Meta(min_length=1, max_length=100)]


class UndoPayload(Struct, forbid_unknown_fields=True):
    """Nothing to say."""


class ReleasePayload(Struct, forbid_unknown_fields=True):
    """A version that was released. released_at: default now. url: of its notes or its build."""

    app: Annotated[str, Meta(min_length=1, max_length=40)]
    version: Version
    released_at: Moment | UnsetType = UNSET
    url: Url | UnsetType | None = UNSET
