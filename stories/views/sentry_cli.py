"""Files as sentry-cli sends them: bundles of scripts and maps, and native symbols, in chunks."""

from __future__ import annotations

import zlib
from typing import Any

from flask import Response

from database import Transaction
from stories.catalogue import App
from stories.errors import ApiError, bad_request
from stories.payloads.uploads import BundleSent, Difs
from stories.symbols import artifacts, uploads
from stories.symbols.uploads import Part, UploadRefused
from stories.views.sentry_api import (
    MAX_JSON,
    ORGANIZATION,
    PROJECT,
    new_blueprint,
    project,
    reply,
)
from stories.web import audit, multipart, uploading
from stories.web.answers import iso
from stories.web.callers import caller
from stories.web.json_body import read_json
from stories.web.services import now, server_address, services

CHUNKS_AT_ONCE = 4
MAX_PARTS = 64  # of a request, which may be small chunks
MAX_DIFS = 500  # of a question
WAIT_SECONDS = 10.0  # sentry-cli asks again, unless nobody wants it to wait
# Without release_files sentry-cli 2, which most plugins bring, would send single files, not bundles.
CAN_TAKE = ("debug_files", "release_files", "artifact_bundles", "artifact_bundles_v2", "pdbs")
STATES = {"waiting": "assembling", "stored": "ok", "failed": "error", "refused": "error",
          "not_found": "not_found"}  # fmt: skip

blueprint = new_blueprint("sentry_cli")


@blueprint.get("/")
def describe() -> Response:
    return reply({"version": "0", "auth": {"scopes": ["project:releases"]}, "user": None})


@blueprint.get(f"{ORGANIZATION}/chunk-upload/")
def describe_chunks(organization: str) -> Response:
    return reply(
        {
            "url": f"{server_address()}/api/0/organizations/{_safe(organization)}/chunk-upload/",
            "chunkSize": uploads.MAX_CHUNK,
            "chunksPerRequest": CHUNKS_AT_ONCE,
            "maxRequestSize": CHUNKS_AT_ONCE * uploads.MAX_CHUNK,
            "maxFileSize": uploads.MAX_FILE,
            "concurrency": 1,
            "hashAlgorithm": "sha1",
            "compression": ["gzip"],
            "accept": CAN_TAKE,
        }
    )


@blueprint.post(f"{ORGANIZATION}/chunk-upload/")
def store_chunks(organization: str) -> Response:
    """Parts `file` or `file_gzip`, each named by the SHA-1 of its bytes as they are unpacked."""
    chunk = bytearray()
    with multipart.place():
        for piece in multipart.read_form((CHUNKS_AT_ONCE + 1) * uploads.MAX_CHUNK, MAX_PARTS):
            if piece.name not in ("file", "file_gzip"):
                raise bad_request("invalid_body", "a part must be file or file_gzip")
            chunk += piece.data
            if len(chunk) > uploads.MAX_CHUNK + 64 * 1024:
                raise _chunk_too_large()
            if piece.is_last:
                data = _inflated(chunk) if piece.name == "file_gzip" else bytes(chunk)
                chunk.clear()
                _keep(data, piece.file_name or "")
    return reply({})


def _keep(data: bytes, announced: str) -> None:
    if len(data) > uploads.MAX_CHUNK:
        raise _chunk_too_large()
    if uploads.checksum(data) != announced:
        raise bad_request("wrong_checksum", "the name of a part is not the SHA-1 of its bytes")
    uploading.keep_chunk(data)


def _inflated(sent: bytearray) -> bytes:
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        data = inflater.decompress(sent, uploads.MAX_CHUNK + 1)
    except zlib.error:
        raise bad_request("invalid_encoding", "a part is not valid gzip") from None
    if len(data) > uploads.MAX_CHUNK:
        raise _chunk_too_large()
    if not inflater.eof or inflater.unused_data:
        raise bad_request("invalid_encoding", "a part is not one whole gzip member")
    return data


def _chunk_too_large() -> ApiError:
    return ApiError(413, "body_too_large", "a chunk may have 1 MB at most, as it is unpacked")


@blueprint.post(f"{ORGANIZATION}/artifactbundle/assemble/")
def assemble_bundle(organization: str) -> Response:
    sent = read_json(BundleSent, MAX_JSON)
    apps = [project(slug) for slug in dict.fromkeys(sent.projects)]
    if not apps:
        raise bad_request("invalid_body", "projects must name an app")
    release = artifacts.release_of(sent.version)  # one that no crash can have is no use here
    # All wait before any is taken in: the chunks go with the last upload that wants them.
    with services().database.transaction() as tx:
        rows = [
            _queue(tx, app, "bundle", sent.checksum, sent.chunks, "bundle.zip", release, sent.dist)
            for app in apps
        ]
    for app, row in zip(apps, rows, strict=True):
        _note(app, row, "bundle.zip")
    states = [_become(row) for row in rows]
    worst = next(
        (state for name in ("error", "not_found", "assembling") for state in states
         if state["state"] == name),
        states[0],
    )  # fmt: skip
    return reply({name: worst[name] for name in ("state", "missingChunks", "detail")})


@blueprint.post(f"{PROJECT}/files/difs/assemble/")
def assemble_symbols(organization: str, slug: str) -> Response:
    app, sent = project(slug), read_json(Difs, MAX_JSON)
    if len(sent) > MAX_DIFS:
        raise bad_request("invalid_body", f"at most {MAX_DIFS} files may be asked for at once")
    with services().database.transaction() as tx:
        rows = {
            checksum: _queue(tx, app, "symbols", checksum, dif.chunks, dif.name)
            for checksum, dif in sent.items()
        }
    for checksum, row in rows.items():
        _note(app, row, sent[checksum].name)
    seconds = WAIT_SECONDS if len(rows) == 1 else 0
    return reply(
        {
            checksum: _with_dif(checksum, sent[checksum].name, _become(row, seconds))
            for checksum, row in rows.items()
        }
    )


def _queue(
    tx: Transaction, app: App, kind: str, checksum: str, chunks: list[str], name: str,
    release: str | None = None, dist: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The same upload if there is one, or a new one that waits: {"state", "upload_id", …}; or why there
    is none: {"state": "not_found", "missing"}, {"state": "refused", "detail"}."""
    row = uploads.same(tx, app.app_id, kind, checksum, release, dist)
    if row is not None:
        return row
    try:
        missing = uploads.missing_chunks(tx, uploading.uploader(), chunks)
        if missing or not chunks:
            return {"state": "not_found", "missing": missing}
        part = Part(kind, name, 0, chunks)
        upload_id = uploads.queue(
            tx, app.app_id, uploading.uploader(), kind, checksum, [part], release, dist
        )
    except UploadRefused as refusal:
        return {"state": "refused", "detail": str(refusal)}
    return {"state": "waiting", "upload_id": upload_id, "is_new": True}


def _note(app: App, row: dict[str, Any], name: str) -> None:
    """In the audit log, once for all the questions what has become of it."""
    if row.get("is_new"):
        audit.write(caller(), uploading.UPLOADED, name[:100], app.slug)


def _become(row: dict[str, Any], seconds: float = WAIT_SECONDS) -> dict[str, Any]:
    """What has become of it: {"state", "missingChunks", "detail", "stored"}."""
    if row["state"] == "waiting":
        row = uploading.wait_if_there_is_room(row["upload_id"], seconds)
    return {
        "state": STATES[row["state"]],
        "missingChunks": row.get("missing", []),
        "detail": row.get("detail") or None,
        "stored": row.get("stored", []),
    }


def _with_dif(checksum: str, name: str, state: dict[str, Any]) -> dict[str, Any]:
    """sentry-cli prints what is in the file."""
    stored = state.pop("stored")
    state["dif"] = None
    if stored:
        [entry, *_] = stored
        state["dif"] = {
            "uuid": entry["debug_id"],
            "debugId": entry["debug_id"],
            "objectName": name,
            "cpuName": entry.get("arch", ""),
            "sha1": checksum,
            "symbolType": "native",
            "data": {"type": "dbg", "features": ["debug", "symtab"]},
            "size": entry["bytes"],
            "id": str(entry["artifact_id"]),
            "headers": {"Content-Type": "application/octet-stream"},
            "dateCreated": iso(now()),
        }
    return state


def _safe(organization: str) -> str:
    """A part of an address: sentry-cli only sends it back."""
    return organization if organization.isascii() and organization.isalnum() else "stories"
