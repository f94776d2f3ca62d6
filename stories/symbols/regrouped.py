"""A stored crash or handled error, read and grouped anew by names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from database import Transaction
from stories.catalogue import App
from stories.crashes.frames import Link
from stories.crashes.grouping import CATCH_ALL, Grouping, group
from stories.crashes.patterns import read_patterns
from stories.crashes.wanted import wanted
from stories.payloads.crash import GroupName, group_name
from stories.payloads.crash_texts import OTHER
from stories.symbols import dumps
from stories.symbols.mapping import Mapper, Named, unnamed
from stories.symbols.walking import RuleSource

GIVEN_UP = "Naming the frames of this crash did not come to an end in three attempts."


@dataclass(frozen=True)
class Key:
    """kind: as the outbox has it, "crash", or "event" of a handled error."""

    kind: str
    user_id: UUID
    timestamp: datetime
    dedupe_key: int

    @property
    def columns(self) -> dict[str, Any]:
        return {
            "user_id": self.user_id,
            "timestamp": self.timestamp,
            "dedupe_key": self.dedupe_key,
        }


@dataclass
class Stored:
    """What the frames and the group of one are made of. properties: of a handled error's event."""

    key: Key
    app_id: int
    crash_type: str
    version: str | None
    message: str
    stack: str | None
    dist: str
    fingerprint: bytes
    also: list[bytes]
    handled: bool
    detail: dict[str, Any]
    properties: dict[str, Any]
    dump: bytes | None = None  # its minidump, while one is kept
    wants: list[str] | None = None  # what its frames want now, where a walk has found others

    @property
    def chain(self) -> list[Link]:
        return msgspec.convert(self.detail.get("chain") or [], list[Link])


def read(tx: Transaction, key: Key) -> Stored | None:
    """None: it is gone, or there is nothing to be grouped anew."""
    if key.kind == "crash":
        row = tx.row("symbols/read_crash", **key.columns)
        if row is None or row["fingerprint"] is None:
            return None
        detail, properties = row["detail"] or {}, {}
        dump = dumps.read(tx, **key.columns)
        fingerprint, also = bytes(row["fingerprint"]), [bytes(each) for each in row["also"] or ()]
        message, stack, dist = row["error_message"], row["stack_trace"], row["dist"]
    else:
        row, dump = tx.row("symbols/read_error", **key.columns), None
        if row is None or not (row["properties"] or {}).get("fingerprint"):
            return None
        detail, properties = row["detail"] or {}, row["properties"]
        fingerprint = bytes.fromhex(properties["fingerprint"])
        also = [bytes.fromhex(each) for each in properties.get("also", ())]
        message, stack = detail.get("error_message") or "", detail.get("stack_trace")
        dist = (detail.get("context") or {}).get("dist")
    name = tx.row("symbols/group_name", app_id=row["app_id"], fingerprint=fingerprint)
    crash_type = row.get("crash_type") or properties.get("crash_type")
    version = row["app_version"]
    return Stored(
        key=key,
        app_id=row["app_id"],
        crash_type=crash_type or (name["crash_type"] if name else "uncaught_error"),
        version=None if version in (None, "", OTHER) else version,
        message=message,
        stack=stack,
        dist=dist if isinstance(dist, str) else "",
        fingerprint=fingerprint,
        also=also,
        handled=key.kind == "event",
        detail=detail,
        properties=properties,
        dump=dump,
    )


@dataclass
class Regrouped:
    """What becomes of it. fingerprint, also: as it is to be stored. name: of the group that its names
    come to, None where that is its own."""

    stored: Stored
    named: Named
    fingerprint: bytes
    also: list[bytes]
    name: GroupName | None
    raw: bool  # names are missing still
    keeps_dump: bool = False  # symbols that come later could name more of it

    @property
    def is_moved(self) -> bool:
        return self.fingerprint != self.stored.fingerprint

    @property
    def is_caught(self) -> bool:
        """Whether it is in the group of the many, and stays there until the job that empties that."""
        return self.stored.fingerprint == CATCH_ALL

    def stay(self) -> None:
        """In its group: the one of its names cannot get a name."""
        self.fingerprint, self.also = self.stored.fingerprint, self.stored.also
        self.name = None

    @property
    def properties(self) -> dict[str, Any]:
        """Of a handled error."""
        properties = {**self.stored.properties, "fingerprint": self.fingerprint.hex()}
        if self.also:
            properties["also"] = [each.hex() for each in self.also]
        return properties


def name_frames(stored: Stored, app: App, mapper: Mapper) -> Regrouped:
    """Raises Unavailable."""
    if stored.dump is not None:
        _walk(stored, stored.dump, partial(mapper.rules, app.app_id))
    chain, version, dist = stored.chain, stored.version, stored.dist
    regrouped = _regrouped(stored, app, mapper.name(app.app_id, chain, version, dist))
    regrouped.keeps_dump = (
        dumps.could_name_more(regrouped.named.chain[0].frames) if chain else False
    )
    return regrouped


def give_up(stored: Stored, app: App) -> Regrouped:
    return _regrouped(stored, app, Named(unnamed(stored.chain, GIVEN_UP)))


def _walk(stored: Stored, dump: bytes, rules_of: RuleSource) -> None:
    """Put the whole stack in place of the one call that the intake has read."""
    walked = dumps.walk(dump, rules_of)
    if walked.frames:
        first = stored.chain[0] if stored.chain else Link()
        chain = [Link(first.type, first.message, walked.frames), *stored.chain[1:]]
        stored.detail["chain"] = msgspec.to_builtins(chain)
        stored.wants = wanted(chain, stored.version)
    stored.detail["dump"] = walked.details


def _regrouped(stored: Stored, app: App, named: Named) -> Regrouped:
    grouping = _group(stored, app, named.chain)
    symbols = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "chain": [msgspec.to_builtins(link.frames) for link in grouping.chain],
    }
    stored.detail["symbols"] = symbols
    regrouped = Regrouped(
        stored, named, stored.fingerprint, stored.also, name=None, raw=grouping.raw
    )
    # A walked stack says more than its newest call, even without names.
    if (named.is_named or stored.wants is not None) and grouping.fingerprint != stored.fingerprint:
        former = [stored.fingerprint, *stored.also, *grouping.also]
        new = grouping.fingerprint
        if stored.fingerprint == CATCH_ALL:  # the job that empties it finds the new one first
            regrouped.also = _without(CATCH_ALL, [new, *former])
        else:
            regrouped.fingerprint, regrouped.also = new, _without(new, former)
        regrouped.name = group_name(stored.crash_type, app, grouping, stored.handled)
    return regrouped


def _group(stored: Stored, app: App, chain: list[Link]) -> Grouping:
    return group(
        stored.crash_type,
        stored.message,
        stored.stack,
        chain=chain,
        client_fingerprint=stored.detail.get("fingerprint"),
        patterns=read_patterns(app.grouping),
        former=[read_patterns(setting) for setting in app.former_groupings],
    )


def _without(fingerprint: bytes, others: list[bytes]) -> list[bytes]:
    return [each for each in dict.fromkeys(others) if each != fingerprint]
