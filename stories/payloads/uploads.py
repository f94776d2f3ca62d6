"""What sentry-cli sends; fields that are not used here are let through."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from stories.payloads.issues import Moment, Url

Slug = Annotated[str, Meta(max_length=100)]
Sha1 = Annotated[str, Meta(pattern="^[0-9a-f]{40}$(?!\n)")]
Chunks = Annotated[list[Sha1], Meta(max_length=512)]
Projects = Annotated[list[Slug], Meta(max_length=20)]
Text = Annotated[str, Meta(max_length=500)]


class ArtifactsForm(Struct):
    """A multipart form: file and map, either alone too, or bundle, or symbols. It is read as it comes
    (web/multipart.py); this describes it. app: needed unless the token has one app. url: of the file,
    such as ~/assets/app.js."""

    app: Slug | None = None
    release: Text | None = None
    dist: Text | None = None
    url: Text | None = None
    file: bytes | None = None
    map: bytes | None = None
    bundle: bytes | None = None
    symbols: bytes | None = None


class ReleaseSent(Struct, rename="camel"):
    """version: needed but where the address has it. status: open or archived."""

    version: Text | None = None
    projects: Projects = []
    date_released: Moment | None = None
    url: Url | None = None
    status: Text | None = None


class DeploySent(Struct, rename="camel"):
    environment: Text = ""
    name: Text | None = None
    url: Text | None = None
    date_started: Text | None = None
    date_finished: Text | None = None


class BundleSent(Struct):
    """checksum: SHA-1 of the whole file."""

    checksum: Sha1
    chunks: Chunks
    projects: Projects
    version: Text | None = None
    dist: Text | None = None


class SymbolsSent(Struct):
    """A file with symbols, under its checksum."""

    chunks: Chunks
    name: Text = ""
    debug_id: Text | None = None


Difs = dict[Sha1, SymbolsSent]
