"""What the items of website, generator and bot have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b
from os import urandom
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from msgspec import Struct

from models import moment, storable
from stories.catalogue import App
from stories.dedupe import Repeats, hashed_key
from stories.privacy import labels, scrub
from stories.privacy.ids import person_id

T = TypeVar("T")

EDGE = 200  # characters
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")


@dataclass
class Arrival:
    """What building a row needs to know beside the item: the app, the clock, the keys."""

    app: App
    now: datetime
    repeats: Repeats
    person_key: bytes
    must_scrub: bool
    _computed: dict[tuple[Any, ...], Any] = field(default_factory=dict, repr=False)

    def once(self, compute: Callable[..., T], *given: Any) -> T:
        """What `compute` makes of `given`: once for all items of the request, which mostly are of one
        visitor and one site."""
        key = (compute, *given)
        if key not in self._computed:
            self._computed[key] = compute(*given)
        return self._computed[key]  # type: ignore[no-any-return]

    def visitor(self, own_id: str) -> tuple[UUID, str | None]:
        """The person and the session of an id that a page has made."""
        person = person_id(self.app, own_id, self.person_key)
        return person, labels.session_id(own_id, self.app.app_id, self.person_key)

    def time_and_key(
        self, item: Struct, item_id: str | None, sent: Any, who: str
    ) -> tuple[datetime, int, int | None]:
        """(timestamp, dedupe key, claim). An item with neither id nor time is never taken for a
        repeat; one with an id but no time is stamped here, and its claim, made of sender (`who`)
        and id, is how the append knows a retry that was stamped with another time."""
        if sent is not None:
            return moment(sent, self.app, self.now), self.repeats.key(item, item_id), None
        if item_id is None:
            return self.now, hashed_key(self.app.app_id, urandom(16)), None
        claim = blake2b(f"{who}\0{item_id}".encode(), key=self.person_key[:64]).digest()
        return self.now, self.repeats.key(item, item_id), hashed_key(self.app.app_id, claim)

    def address_hash(self, address: str, when: datetime) -> str:
        """A keyed hash of an address, by the item's day if the app says so: the address itself is
        never kept. The day is the item's, not today: a retry after midnight is the same visitor."""
        is_daily = self.app.hash_rotation == "daily"
        return self.once(
            self._hash, address, when.astimezone(self.app.zone).date() if is_daily else None
        )

    def _hash(self, address: str, day: date | None) -> str:
        salt = f"{day:%Y-%m-%d}" if day else ""
        source = f"{self.app.app_id}\0{salt}\0{address.strip().lower()}".encode()
        return blake2b(source, key=self.person_key[:64], digest_size=12).hexdigest()

    def clean(self, text: str | None, most: int) -> str | None:
        """Text of a client's, scrubbed and cut; None for none. What stands at the edge of a long
        text is scrubbed before the cut makes it unrecognisable."""
        if not text:
            return None
        return scrub.text(text[: most + EDGE])[:most] if self.must_scrub else text[:most]


def page_path(url: str | None) -> tuple[str | None, dict[str, str]]:
    """Of a URL or path only the path and the utm_* stay: ("/pricing", {"utm_source": "x"})."""
    if not url:
        return None, {}
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
    except ValueError:
        return url.partition("?")[0].partition("#")[0] or None, {}
    utm = {name: storable(query[name][0]) for name in UTM if query.get(name)}  # %00 is a NUL
    return parts.path or "/", utm


def clean_path(path: str | None) -> str | None:
    """Scrubs the segments of a path, not the whole: /home/prices is a page, no home directory."""
    return (
        None
        if path is None
        else "/".join(scrub.text(part) if part else "" for part in path.split("/"))
    )


def site(referrer: str | None) -> str | None:
    """The host a visitor came from, without www."""
    try:
        parts = urlsplit(referrer or "")
        host = parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        return None
    return host.removeprefix("www.")[:100] if host else None


def present(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}
