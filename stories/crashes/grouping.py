"""Grouping g1: which crashes have the same fault.

The fingerprint is a pure function of what a crash has after scrubbing. It is made of the type, the three
topmost functions of the app's own code, what kind of message it is, and the same of up to three causes;
never of lines, columns, versions, or what a message says freely. Where no function of the app is known,
the normal message takes their place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from hashlib import blake2b

from msgspec import Struct

from stories.crashes import kinds, messages
from stories.crashes.error_types import split_type
from stories.crashes.frames import MAX_FRAMES, MAX_TEXT, MAX_TYPE, Frame, Link, limited, read_frames
from stories.crashes.keys import MAX_KEY, KeyedLink
from stories.crashes.kinds import Kind, kind_of
from stories.crashes.patterns import NO_PATTERNS, Patterns
from stories.crashes.stacks import read_stack

__all__ = (
    "ALGORITHM",
    "CATCH_ALL",
    "CATCH_ALL_TITLE",
    "Frame",
    "Grouping",
    "Link",
    "group",
    "read_frames",
)

ALGORITHM = "g1"
MAX_TITLE = 200
MAX_KEYS = 30
CLIENT_PARTS, CLIENT_PART = 20, 200
_DEFAULT = "{{default}}"


def _digest(parts: Iterable[str]) -> bytes:
    text = "\0".join(parts).encode("utf-8", "replace")
    return blake2b(text, digest_size=16, person=ALGORITHM.encode()).digest()


# Of a crash in a storm of more groups than are kept apart.
CATCH_ALL = _digest(("catch-all",))
CATCH_ALL_TITLE = "Many different crashes"


class Grouping(Struct):
    """What a crash is grouped by, and what its issue shows.

    fingerprint: 16 bytes. title, culprit: at most 200 characters; no values of people. culprit: the top
    key, `file:function`, or "". why: the parts that were hashed, to be read. keys: at most 30, the
    app's own functions first, to be searched. raw: names are minified, or native without symbols: a
    better fingerprint may come. chain: at most 4 exceptions with 100 frames in all. also: the
    fingerprints that it had under other patterns of its app: an issue that has one of them continues.
    """

    fingerprint: bytes
    title: str
    culprit: str
    why: list[str]
    keys: list[str]
    raw: bool
    chain: list[Link]
    also: list[bytes] = []


def group(
    crash_type: str,
    error_message: str,
    stack_trace: str | None,
    *,
    chain: list[Link] | None = None,
    client_fingerprint: list[str] | None = None,
    patterns: Patterns = NO_PATTERNS,
    former: Sequence[Patterns] = (),
) -> Grouping:
    """The grouping of one crash. Pure; every text must be scrubbed already.

    chain: frames that an SDK sent; they win over the text of the stack. patterns: the app's own, which
    say whose frames are. former: those that it had before, the last first: what they and no patterns
    would give is in `also`.
    """
    chain, head = _chain(error_message, stack_trace, chain)
    owners = [patterns.owners(chain)]
    if patterns is not NO_PATTERNS or former:
        for other in (*former, NO_PATTERNS):
            of_other = other.owners(chain)
            if of_other not in owners:
                owners.append(of_other)
    keyed = [list(map(KeyedLink, chain, each)) for each in owners]
    grouping, *others = (
        _grouping(crash_type, error_message, head, client_fingerprint, links) for links in keyed
    )
    for link in keyed[0]:
        link.mark_frames()
    fingerprints = dict.fromkeys(each.fingerprint for each in (grouping, *others))
    grouping.also = list(fingerprints)[1:]
    return grouping


def _grouping(
    crash_type: str,
    error_message: str,
    head: str,
    client_fingerprint: list[str] | None,
    links: list[KeyedLink],
) -> Grouping:
    thrown = links[0]
    kind = thrown.kind or kind_of(thrown.link.type, head)
    parts, why = _parts(thrown, kind, crash_type, error_message)
    if not (kind and kind.name in kinds.ALONE):
        for text in _causes(links):
            parts.append(f"cause {text}")
            why.append(f"caused by {text}")
    raw = thrown.raw
    if client_fingerprint:
        own = [text[:CLIENT_PART] for text in client_fingerprint[:CLIENT_PARTS]]
        has_default = any(text.replace(" ", "") == _DEFAULT for text in own)
        mixed: list[str] = []
        for text in own:
            mixed += parts if text.replace(" ", "") == _DEFAULT else [f"client {text}"]
        why = [f"fingerprint that the app sent: {text}" for text in own] + (
            why if has_default else []
        )
        parts, raw = mixed, raw and has_default
    return Grouping(
        fingerprint=_digest(parts),
        title=_title(thrown.link, kind, crash_type),
        culprit=thrown.culprit[:MAX_KEY],
        why=[text[: 2 * MAX_KEY] for text in why],
        keys=_search_keys(links),
        raw=raw,
        chain=[link.link for link in links],
    )


def _chain(message: str, stack: str | None, sent: list[Link] | None) -> tuple[list[Link], str]:
    """The chain to group by, and the message in the head of its stack, which may have a code of Node's.

    The type in the crash's own message wins: stacks of Gecko and JavaScriptCore have none."""
    chain = read_stack(stack) if stack else []
    if sent and any(link.frames or link.type for link in sent):
        of_text = chain
        chain = [_copied(link) for link in sent]
        for link, other in zip(chain, of_text, strict=False):
            if not link.type and not link.message:
                link.type, link.message = other.type, other.message
            link.frames = link.frames or other.frames
    chain = limited(chain) or [Link()]
    first = chain[0]
    head = first.message
    kind, rest = split_type(message)
    if kind or not first.type:
        first.type, first.message = kind, rest or head
    elif not head:
        first.message = rest
    for link in chain:
        link.type, link.message = link.type[:MAX_TYPE], link.message[:MAX_TEXT]
    return chain, head


def _copied(link: Link) -> Link:
    return Link(link.type, link.message, [copy(frame) for frame in link.frames[:MAX_FRAMES]])


def _parts(
    thrown: KeyedLink, kind: Kind | None, crash_type: str, error_message: str
) -> tuple[list[str], list[str]]:
    """What is hashed of the thrown exception, and the same to be read."""
    if kind and kind.name in kinds.ALONE:
        return [f"kind {kind.name}"], [f"message is {kind.name}"]
    keys = thrown.top
    if keys and kind and kind.name in kinds.WITHOUT_KEYS:
        kind = None
    type_ = "" if kind and kind.name in kinds.WITHOUT_TYPE else thrown.type
    parts, why = [f"type {type_}"], [f"type {type_}"] if type_ else []
    if not keys and thrown.place:
        parts.append(f"place {thrown.place}")
        why.append(f"place {thrown.place}")
    for key in keys:
        parts.append(f"frame {key}")
        why.append(f"function {key}")
    if kind:
        if thrown.raw and kind.name in kinds.SHOWN and len("".join(kind.names)) < 3:
            kind = Kind(kind.name)  # the name is minified as well
        parts.append(f"kind {kind}")
        why.append(f"message is {kind}")
    elif not keys:
        message = messages.normal_message(thrown.link.message or error_message)
        parts.append(f"message {message.lower()}")
        if message:
            why.append(f"message {message}")
        elif not type_:
            parts.append(f"crash type {crash_type}")
            why.append(f"crash type {crash_type}")
    return parts, why


def _causes(links: list[KeyedLink]) -> list[str]:
    """Type, top key and kind of each cause. Members of a group of errors come in any order."""
    causes = []
    for link in links[1:]:
        kind = str(link.kind) if link.kind else ""
        causes.append(" ".join(filter(None, (link.type, *link.top[:1], kind))))
    if "Aggregate" in links[0].type or links[0].type.endswith("ExceptionGroup"):
        causes = sorted(set(causes))
    return causes


def _title(link: Link, kind: Kind | None, crash_type: str) -> str:
    message = messages.shown_message(link.message, kind)
    title = f"{link.type}: {message}" if link.type and message else link.type or message
    return (title or crash_type)[:MAX_TITLE]


def _search_keys(links: list[KeyedLink]) -> list[str]:
    ordered = dict.fromkeys(key for link in links for key in link.keys)
    ordered |= dict.fromkeys(key for link in links for key in link.other_keys)
    return list(ordered)[:MAX_KEYS]
