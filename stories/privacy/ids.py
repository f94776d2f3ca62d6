"""Which UUID a person has, and who stands for nobody."""

from __future__ import annotations

import re
from hashlib import blake2b
from uuid import UUID, uuid5

from stories.catalogue import App

PEOPLE = UUID("6f1c8a52-6f0e-4f55-9d0c-3a6a5cf6a7d1")  # the namespace of ids made from others
NOBODY = UUID("ffffffff-ffff-ffff-0000-000000000000")  # no version of UUID begins so
_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def person_id(app: App, own_id: str, person_key: bytes) -> UUID:
    """The uuid of a person whom an app knows by an id of its own: a UUID is itself, and of any other id
    a keyed hash, since a plain one can be found by trying ids. Of apps from before that, a plain hash
    of whatever it is. person_key: PersonKey.digest."""
    if app.has_plain_people:
        return uuid5(PEOPLE, f"{app.app_id}\0{own_id}")
    return as_uuid(own_id) or keyed_uuid(app, f"person\0{own_id}", person_key)


def as_uuid(text: str) -> UUID | None:
    """A UUID as people are written, 36 characters; None for all else."""
    return UUID(text) if _UUID.fullmatch(text) else None


def keyed_uuid(app: App, source: str, person_key: bytes) -> UUID:
    """122 bits of a keyed hash as a UUID of version 8 (RFC 9562)."""
    text = f"{app.app_id}\0{source}".encode("utf-8", "surrogatepass")
    raw = bytearray(blake2b(text, key=person_key[:64], digest_size=16).digest())
    raw[6], raw[8] = raw[6] & 0x0F | 0x80, raw[8] & 0x3F | 0x80
    return UUID(bytes=bytes(raw))


def nobody(app: App, session: str, person_key: bytes) -> UUID:
    """Who stands for a session of which no person is known (""; none is known either). These count as
    events, sessions and crashes and never as people: migrations/014_sdks.sql, is_person()."""
    if not session:
        return NOBODY
    text = f"{app.app_id}\0session\0{session}".encode("utf-8", "surrogatepass")
    return UUID(bytes=NOBODY.bytes[:8] + blake2b(text, key=person_key[:64], digest_size=8).digest())
