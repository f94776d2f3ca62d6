"""Query parameters, each read by one function; a wrong one is a 400 that names it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from dateutil.parser import isoparse
from flask import request

from database import Row
from models import calendar_day
from stories.catalogue import App
from stories.errors import ApiError, bad_request
from stories.privacy import labels
from stories.web.callers import caller_or_none, default_app, has_app
from stories.web.services import services

RANGE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)-(\d{1,9}(?:\.\d{1,3})?)", re.ASCII)
SHOWN_NAMES = 100  # of events, in a sentence


def wrong(name: str, sentence: str) -> ApiError:
    return bad_request("invalid_parameter", f"{name} {sentence}", parameter=name)


def readable() -> None:
    """Refuse a query of bytes that are no text: reading a parameter fails on what is not UTF-8, and
    a redirect on a line break."""
    query = request.query_string
    if not query:
        return
    try:
        sent = query.decode()
    except UnicodeDecodeError:
        raise bad_request("invalid_query", "the query is not UTF-8") from None
    if not sent.isprintable():
        raise bad_request("invalid_query", "the query holds control characters")


def known(*names: str) -> None:
    """Refuse a misspelt parameter: a filter that is silently ignored answers the wrong question."""
    for name in request.args:
        if name not in names:
            raise wrong(name, "is not a parameter of this address")


def given(*names: str) -> bool:
    """Whether the query has one of them, and not empty."""
    return any(request.args.get(name) for name in names)


def exclude(*names: str, beside: str) -> None:
    for name in names:
        if given(name):
            raise wrong(name, f"cannot be combined with {beside}")


def text(name: str, most: int = 200) -> str | None:
    value = request.args.get(name)
    if value is None or value == "":
        return None
    if len(value) > most or "\0" in value:
        raise wrong(name, f"must be text of at most {most} characters")
    return value


def one_of(name: str, choices: tuple[str, ...], default: str | None = None) -> str | None:
    value = text(name)
    if value is None:
        return default
    if value not in choices:
        raise wrong(name, f"must be one of {', '.join(choices)}")
    return value


def event(name: str, apps: Iterable[App]) -> str | None:
    """The name of an event that one of the apps may send; of an open one any that could be a name, as
    another worker may just have taken it and its maker may have forgotten it."""
    value = text(name)
    if value is None:
        return None
    apps = list(apps)
    if not any(takes_event(app, value) for app in apps):
        names = sorted({event for app in apps for event in app.event_names})
        more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
        raise wrong(name, f"must be one of {', '.join(names[:SHOWN_NAMES])}{more}")
    return value


def takes_event(app: App, name: str) -> bool:
    return name in app.event_names or (app.is_open and labels.is_event_name(name))


def several_of(name: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    """A list with commas between, in the order of `choices`, each once; absent: none."""
    value = text(name)
    wanted = [part.strip() for part in value.split(",")] if value else []
    if not set(wanted) <= set(choices):
        raise wrong(name, f"must be some of {', '.join(choices)}, separated by commas")
    return tuple(choice for choice in choices if choice in wanted)


def time_of_day(name: str) -> time | None:
    """15:20, on the clock of the app's timezone."""
    value = text(name)
    if value is None:
        return None
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
        raise wrong(name, "must be a time of day such as 15:20")
    return time.fromisoformat(value)


def day(name: str) -> date | None:
    """A calendar day, 2026-11-21; no time of day."""
    value = text(name)
    if value is None:
        return None
    try:
        return calendar_day(value)
    except ValueError:
        raise wrong(name, "must be a date such as 2026-11-21") from None


def uuid(name: str) -> UUID | None:
    value = text(name)
    try:
        return None if value is None else UUID(value)
    except ValueError:
        raise wrong(name, "must be a UUID") from None


def uuids(name: str, most: int) -> list[UUID] | None:
    """Up to `most` of them, separated by commas; absent: None."""
    value = text(name, 40 * most)
    if value is None:
        return None
    parts = value.split(",")
    try:
        if len(parts) > most:
            raise ValueError
        return [UUID(part.strip()) for part in parts]
    except ValueError:
        raise wrong(name, f"must be up to {most} UUIDs, separated by commas") from None


def ranges(name: str, most: int) -> list[tuple[Decimal, Decimal]] | None:
    """Up to `most` ranges of numbers, 0-60,60-300; absent: None."""
    value = text(name)
    if value is None:
        return None
    parts = value.split(",")
    matches = [RANGE.fullmatch(part.strip()) for part in parts]
    pairs = [(Decimal(match[1]), Decimal(match[2])) for match in matches if match]
    if len(parts) > most or len(pairs) < len(parts) or any(low >= high for low, high in pairs):
        raise wrong(name, f"must be up to {most} ranges of seconds such as 0-60,60-300")
    return pairs


def integer(name: str, default: int, least: int, most: int) -> int:
    value = text(name)
    try:
        number = default if value is None else int(value)
    except ValueError:
        raise wrong(name, "must be a whole number") from None
    if not least <= number <= most:
        raise wrong(name, f"must be between {least} and {most}")
    return number


def number_in_path(text: str | int) -> int | None:
    """An id of ours; None for what cannot be one."""
    if isinstance(text, int):
        return text
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def app(name: str = "app") -> App | None:
    slug = text(name)
    if slug is None:
        return None
    apps = services().apps
    chosen = apps.by_slug(slug) or apps.by_slug_now(slug)  # another worker may just have made it
    if chosen is None or not has_app(chosen):
        raise wrong(name, "is not the slug of an app")
    return chosen


def app_ids(named: App | None) -> list[int] | None:
    """Which apps are asked about: the one that was named, else all of the caller's; None for every
    one there is."""
    if named is not None:
        return [named.app_id]
    asking = caller_or_none()
    return None if asking is None or asking.app_ids is None else sorted(asking.app_ids)


def app_of_kind(kind: str) -> App:
    """The app named by `app`, or the kind's default; one of another kind is refused."""
    chosen = app() or default_app(kind)
    if chosen is None:
        raise wrong("app", f"must name an app: there is no default {kind} app")
    if chosen.kind != kind:
        raise wrong("app", f"must be the slug of a {kind} app")
    return chosen


def moment(name: str, zone: ZoneInfo, end: bool = False) -> datetime | None:
    """ISO 8601. A date alone is a day in `zone`, as an end the whole of it (so: the next midnight);
    a time without an offset is UTC. An end is exclusive."""
    value = text(name)
    if value is None:
        return None
    try:
        if len(value) == 10:
            day = date.fromisoformat(value) + timedelta(days=1 if end else 0)
            return datetime.combine(day, time(), zone).astimezone(UTC)
        when = isoparse(value.replace(" ", "+"))  # an unescaped + arrives as a space
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong(name, "must be an ISO 8601 date or time") from None


def cursor(kinds: tuple[type, ...], name: str = "cursor") -> list[Any] | None:
    """The place where the page before ended, as `next_cursor` gave it."""
    value = text(name, 400)
    if value is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        parts = msgspec.json.decode(raw, type=list[Any])
        if len(parts) != len(kinds):
            raise ValueError
        if any(isinstance(part, str) and "\0" in part for part in parts):
            raise ValueError
        return [msgspec.convert(part, kind) for part, kind in zip(parts, kinds, strict=True)]
    except (ValueError, msgspec.MsgspecError):
        raise wrong(name, "must be a next_cursor of this address") from None


def make_cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def paged(rows: list[Row], limit: int, keys: tuple[str, ...]) -> tuple[list[Row], str | None]:
    """(page, next_cursor) of rows that were read one past `limit`; keys: the order's columns."""
    page = rows[:limit]
    if len(rows) <= limit:
        return page, None
    return page, make_cursor(*(page[-1][key] for key in keys))
