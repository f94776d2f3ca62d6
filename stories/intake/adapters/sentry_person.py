"""Who sent an event of Sentry's, when, and from which system: what its items have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from stories.catalogue import App
from stories.dedupe import Repeats
from stories.intake.adapters import reading
from stories.intake.adapters.reading import mapping, text
from stories.payloads.browsers import describe
from stories.payloads.common import Arrival
from stories.privacy import labels
from stories.privacy.ids import nobody, person_id


@dataclass
class Sender:
    """What a request says beside its items. address: of the caller, kept nowhere. header: that of the
    envelope."""

    app: App
    moment: datetime
    person_key: bytes
    header: dict[str, Any]
    address: str = ""
    user_agent: str = ""

    def time(self, sent: Any) -> datetime:
        """As it was sent; of an item without a time that of its arrival."""
        return reading.time(sent) or self.moment

    def person(self, event: dict[str, Any]) -> UUID:
        """By the user's id if one is sent. Else of a page on a website a visitor, as the site's own
        events know one without a session: the keyed hash of an address, by the day if the app says
        so. Else nobody."""
        if own_id := text(mapping(event.get("user")).get("id")):
            return person_id(self.app, own_id, self.person_key)
        if self.app.kind == "website" and self.address and self._is_page(event):
            arrival = Arrival(self.app, self.moment, Repeats(0), self.person_key, must_scrub=False)
            visitor = arrival.address_hash(self.address, self.time(event.get("timestamp")))
            return person_id(self.app, visitor, self.person_key)
        return nobody(self.app, "", self.person_key)

    def system(self, event: dict[str, Any]) -> str | None:
        """Such as "macOS 14.5"; of a page that of its browser."""
        system = mapping(mapping(event.get("contexts")).get("os"))
        name, version = text(system.get("name"), 50), text(system.get("version"), 50)
        if name:
            sent = f"{name} {version}".strip() if version else name
            is_linux = text(system.get("kernel_version")) is not None  # a distribution's name
            return "Linux" if is_linux and labels.platform(sent) is None else sent
        return describe(self.user_agent).os if self._is_page(event) else None

    def event_id(self, event: dict[str, Any]) -> str | None:
        """32 hex digits; some SDKs write it as a UUID."""
        sent = text(event.get("event_id")) or text(self.header.get("event_id")) or ""
        return sent.replace("-", "").lower() or None

    def _is_page(self, event: dict[str, Any]) -> bool:
        """SDKs of browsers say so; those of servers name another platform."""
        return event.get("platform") == "javascript"
