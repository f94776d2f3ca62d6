"""Who is meant by a search for people, and the bodies of /cohorts, which keep such searches."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

PLATFORM_FAMILIES = (
    "macOS",
    "Windows",
    "Linux",
    "iOS",
    "Android",
    "other",
)  # as platform_family() has them
MAX_DAYS = 3650
MAX_TIMES = 1_000_000

Slug = Annotated[str, Meta(min_length=1, max_length=40)]
CohortName = Annotated[str, Meta(min_length=1, max_length=60)]
Days = Annotated[int, Meta(ge=1, le=MAX_DAYS)]
Country = Annotated[str, Meta(pattern=r"^[A-Za-z]{2}$(?!\n)")]
Did = Annotated[str, Meta(min_length=1, max_length=1000)]


class Definition(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What people are and did, joined by and. country, app_version, platform_family: of their latest
    event that names one. last_seen_days, first_seen_days: today and the days before. did: an event
    or page with conditions, as a funnel's step, at least `times` in the last `days` days; these two mean
    nothing without it."""

    country: Country | None = None
    app_version: Annotated[str, Meta(min_length=1, max_length=50)] | None = None
    platform_family: Literal["macOS", "Windows", "Linux", "iOS", "Android", "other"] | None = None
    last_seen_days: Days | None = None
    first_seen_days: Days | None = None
    did: Did | None = None
    times: Annotated[int, Meta(ge=1, le=MAX_TIMES)] = 1
    days: Days = 30

    def __bool__(self) -> bool:
        return self != Definition(times=self.times, days=self.days)


class CohortPayload(Struct, forbid_unknown_fields=True):
    """A new cohort. app: a slug; the address may name it instead."""

    name: CohortName
    definition: Definition
    app: Slug | None = None


class CohortChangesPayload(Struct, forbid_unknown_fields=True):
    """What may change of a cohort; what is not named stays."""

    name: CohortName | UnsetType = UNSET
    definition: Definition | UnsetType = UNSET
