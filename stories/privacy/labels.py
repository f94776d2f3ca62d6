"""The short texts of a client that are counted by value and kept for good: versions, platforms, the
ids of sessions and the names of events. What does not look like one could be anything, a name or an
email, and is not kept.

Dotted numbers and hex commits are versions, though scrubbing takes 1.2.3.4 for an address and a
commit for a key.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b

from stories.privacy import scrub

MAX_VERSION, MAX_PLATFORM = 20, 50
RELEASE, OTHER = "release", "other"  # channels
LONG = 200  # characters; what is longer is no version, and is not looked at

_COMMIT = re.compile("[0-9A-Fa-f]{7,40}")
# 1.2.3, v2, 1.2.3-beta.1+build.5, build-123, 2.0 (345); nightly.
_VERSION = re.compile(
    r"(?:(?:v|ver|version|rev|r|release|build|b)[-_. ]?)?[0-9]+(?:[-+._][0-9a-z]+|[a-z]{1,5}[0-9]*)*"
    r"(?: ?\([0-9.]{1,12}\))?|dev|development|debug|local|test|nightly|canary|alpha|beta|preview"
    r"|unknown",
    re.ASCII | re.IGNORECASE,
)
# darwin-24.6.0, Windows 11 Pro 23H2, linux-6.8.0-45-generic, win32 x64: a system, then numbers and
# the words that belong to one.
_SYSTEMS = (
    "mac ?os(?: ?x)?|mac|osx|darwin|win(?:32|64|dows(?:_nt)?)?|linux|ubuntu|debian|fedora|centos|rhel"
    "|arch|manjaro|mint|alpine|suse|opensuse|freebsd|openbsd|netbsd|sunos|aix|android|ios|ipados"
    "|tvos|watchos|visionos|tizen|chrome ?os|cros|web|browser|electron|desktop|mobile|tablet"
    "|unknown|other"
)
_OF_SYSTEMS = (
    "[0-9][0-9a-z]{0,11}|v[0-9]+|x(?:64|86)(?:_64)?|ia32|arm(?:64|hf|v[0-9]l?)?|aarch64|amd64|i[3-6]86"
    "|nt|lts|generic|server|pro|home|enterprise|education|wsl[0-9]?|microsoft|standard|lowlatency"
    "|aws|azure|gcp|gnu|glibc|musl|build|version|sp[0-9]|simulator|intel|silicon|apple|linux|electron"
)
_PLATFORM = re.compile(
    rf"(?:{_SYSTEMS})(?:[-_ /.,;]{{1,2}}\(?(?:{_OF_SYSTEMS})\)?(?![0-9a-z]))*",
    re.ASCII | re.IGNORECASE,
)
_NUMBERED = re.compile(r"[a-z0-9 _]*[a-z][-_ /.,;]{1,2}[0-9]", re.ASCII | re.IGNORECASE)
_CHANNEL = re.compile("[a-z0-9._-]{1,20}")
_DOTTED = re.compile(r"[0-9]+(?:\.[0-9]+)+")
# Letters, digits, spaces and _.:-, no space at either end. Python's $ is also before a final line break.
EVENT_NAME = r"^[A-Za-z0-9_.:-]([A-Za-z0-9_.: -]{0,98}[A-Za-z0-9_.:-])?$(?!\n)"
_event_name = re.compile(EVENT_NAME)
_SESSION = re.compile(
    "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{16,64}"
)


@lru_cache(maxsize=1024)  # of texts of at most LONG characters, or None
def is_event_name(text: str) -> bool:
    """Whether an app may call an event, or a property, so: scrubbing must leave it as it is."""
    return _event_name.match(text) is not None and scrub.text(text) == text


@lru_cache(maxsize=1024)
def _kept_version(text: str) -> str | None:
    if _COMMIT.fullmatch(text) or (_VERSION.fullmatch(text) and _is_clean(text)):
        return text[:MAX_VERSION]
    return None


@lru_cache(maxsize=1024)
def _kept_platform(text: str) -> str | None:
    start = _PLATFORM.match(text)
    if start is None or not _is_clean(text):
        return None
    known, rest = start[0], text[start.end() :]
    # A kernel's own suffix, as in linux-6.18.44-fc-v595, could be anybody's name: it is left out.
    if rest and not (rest[0] in "-_ .+~(" and _NUMBERED.match(known)):
        return None
    return known[:MAX_PLATFORM]


def version(text: str | None) -> str | None:
    """The first MAX_VERSION characters of an app's version; None for what has not the form of one."""
    return _kept_version(text) if text and len(text) <= LONG else None


def platform(text: str | None) -> str | None:
    """The first MAX_PLATFORM characters of a system's name and version, without words behind the
    version that no system is known to use; None for what is none."""
    return _kept_platform(text) if text and len(text) <= LONG else None


def channel(text: str | None) -> str | None:
    """Which build sent it, such as beta or debug, in lower case; None: release. OTHER for what has not
    the form of one."""
    name = text.lower() if text and len(text) <= LONG else text or RELEASE
    if name == RELEASE:
        return None
    return name if _CHANNEL.fullmatch(name) and _is_clean(name) else OTHER


def session_id(text: str | None, app_id: int, key: bytes) -> str | None:
    """A UUID or a hex number as it is, any other id as a keyed hash of 24 hex digits: equal ids of an
    app stay equal, and what stood there is not kept."""
    if not text:
        return None
    if _SESSION.fullmatch(text):
        return text
    source = f"session\0{app_id}\0{text}".encode("utf-8", "surrogatepass")
    return blake2b(source, key=key[:64], digest_size=12).hexdigest()


def _is_clean(text: str) -> bool:
    rest = _DOTTED.sub("0", text)
    return scrub.text(rest) == rest
