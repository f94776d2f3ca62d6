"""Bodies of the addresses about people, tokens and share links."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from stories.accounts.callers import Role

# Python's $ is also before a line break that ends the text.
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Slug = Annotated[str, Meta(min_length=1, max_length=40)]
Slugs = Annotated[list[Slug], Meta(min_length=1, max_length=1000)]
Password = Annotated[str, Meta(max_length=200)]
Days = Annotated[int, Meta(ge=1, le=3650)]
Filter = Annotated[str, Meta(min_length=1, max_length=50)]
Site = Annotated[str, Meta(pattern=r"^https?://[A-Za-z0-9.-]{1,253}(:\d{1,5})?$(?!\n)")]


class AccountPayload(Struct, forbid_unknown_fields=True):
    """A new person. apps: slugs; null for every app."""

    name: Name
    role: Role
    apps: Slugs | None = None


class AccountChangesPayload(Struct, forbid_unknown_fields=True):
    """What may change of a person; what is not named stays."""

    role: Role | UnsetType = UNSET
    apps: Slugs | UnsetType | None = UNSET


class PasswordPayload(Struct, forbid_unknown_fields=True):
    """One's own new password."""

    old: Password
    new: Password


class InvitationPayload(Struct, forbid_unknown_fields=True):
    """The password that a one-time link is for."""

    secret: Annotated[str, Meta(max_length=100)]
    password: Password


class TokenPayload(Struct, forbid_unknown_fields=True):
    """A new API token. app: a slug; without it every app of its maker."""

    name: Name
    scopes: Annotated[
        list[Literal["read", "ingest", "upload", "admin"]], Meta(min_length=1, max_length=4)
    ]
    app: Slug | None = None
    expires_in_days: Days | None = None


class LinkPayload(Struct, forbid_unknown_fields=True):
    """A new share link to a page of an app. At most one of app_version, platform and country.
    frame_sites: origins such as https://example.org that may show the page in a frame."""

    name: Name
    app: Slug
    page: Annotated[str, Meta(max_length=40)]
    period: Literal["7d", "30d", "90d", "all"] = "30d"
    group_by: Literal["day", "week", "month"] = "day"
    app_version: Filter | None = None
    platform: Filter | None = None
    country: Filter | None = None
    password: Password | None = None
    expires_in_days: Days | None = None
    frame_sites: Annotated[list[Site], Meta(max_length=20)] = []
