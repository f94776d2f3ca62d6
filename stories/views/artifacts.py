"""/artifacts: source maps and symbols, sent with one plain form, listed and deleted."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any

from flask import Blueprint, Response

from stories.catalogue import App
from stories.errors import ApiError, bad_request
from stories.symbols import artifacts, listing, uploads
from stories.symbols.uploads import Part, UploadRefused
from stories.views.issues import needed_app
from stories.web import multipart, parameters, uploading
from stories.web.access import count_upload
from stories.web.answers import answer
from stories.web.callers import has_app, names_subject, own_apps
from stories.web.services import now, services

FILES = ("file", "map", "bundle", "symbols")
FIELDS = ("app", "release", "dist", "url")
MAX_BODY = uploads.MAX_FILE + 2**20
WAIT_SECONDS = 60.0

blueprint = Blueprint("artifacts", __name__)


@dataclass
class Form:
    """What came: its fields, and its files, whose bytes are stored as chunks already."""

    fields: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    digests: dict[str, Any] = field(default_factory=dict)
    waiting: bytearray = field(default_factory=bytearray)
    whole: set[str] = field(default_factory=set)


@blueprint.post("/artifacts")
def store_artifacts() -> Response:
    """Answers when they are taken in, after a minute that they wait."""
    parameters.known("app")
    count_upload()
    with multipart.place():
        form = _read_form()
        app, kind = _app(form), _kind(form)
        upload_id = _queue(app, kind, form)
        row = uploading.wait_for(upload_id, WAIT_SECONDS)
    if row["state"] == "failed":
        raise ApiError(400, "upload_failed", row["detail"])
    names_subject(", ".join(part.name for part in form.parts.values())[:200], app.slug)
    return answer(
        {
            "success": True,
            "state": row["state"],
            "stored": listing.shown(row["stored"]),
            "crashes_queued": row["queued"],
        },
        202 if row["state"] == "waiting" else 200,
    )


def _read_form() -> Form:
    """Raises ApiError."""
    form = Form()
    for piece in multipart.read_form(MAX_BODY, len(FILES) + len(FIELDS)):
        if piece.name in FIELDS:
            text = form.fields.get(piece.name, "") + piece.data.decode("utf-8", "replace")
            if len(text) > multipart.MAX_TEXT:
                raise _wrong(piece.name, f"must have at most {multipart.MAX_TEXT} characters")
            form.fields[piece.name] = text
        elif piece.name in FILES:
            _keep(form, piece)
        else:
            part = piece.name[:40] or "each part"
            raise _wrong(part, f"must be one of {', '.join((*FIELDS, *FILES))}")
    return form


def _keep(form: Form, piece: multipart.Piece) -> None:
    """Store each full chunk of a file as it comes."""
    if piece.name in form.whole:
        raise _wrong(piece.name, "must be sent once")
    if piece.name not in form.parts:
        form.parts[piece.name] = Part(piece.name, piece.file_name or piece.name, 0, [])
        form.digests[piece.name] = sha1(usedforsecurity=False)
    part = form.parts[piece.name]
    form.digests[piece.name].update(piece.data)
    form.waiting += piece.data
    part.bytes += len(piece.data)
    while len(form.waiting) >= uploads.MAX_CHUNK or (piece.is_last and form.waiting):
        chunk = bytes(form.waiting[: uploads.MAX_CHUNK])
        del form.waiting[: uploads.MAX_CHUNK]
        part.chunks.append(uploading.keep_chunk(chunk))
    if piece.is_last:
        form.whole.add(piece.name)
        if part.bytes == 0:
            raise _wrong(piece.name, "is empty")


def _kind(form: Form) -> str:
    parts = set(form.parts)
    if parts in ({"bundle"}, {"symbols"}):
        return parts.pop()
    if parts and parts <= {"file", "map"}:
        return "script"
    raise bad_request("invalid_body", "send file and map, or bundle, or symbols: one kind at once")


def _app(form: Form) -> App:
    """Named by the query or the form; else the only one that the caller has."""
    app = parameters.app()
    if app is None and (slug := form.fields.get("app")):
        app = services().apps.by_slug(slug) if len(slug) <= 40 else None
        if app is None or not has_app(app):
            raise _wrong("app", "must be the slug of an app")
    apps = own_apps()
    if app is None and len(apps) != 1:
        raise _wrong("app", "must name an app: this login has several")
    return app or apps[0]


def _queue(app: App, kind: str, form: Form) -> int:
    sent = form.fields.get("release")
    release = artifacts.release_of(sent)
    if sent and release is None:
        raise _wrong("release", "must be a version such as 1.2.0, as the app sends it")
    first = next(form.parts[name] for name in FILES if name in form.parts)
    try:
        with services().database.transaction(10) as tx:
            return uploads.queue(
                tx,
                app.app_id,
                uploading.uploader(),
                kind,
                form.digests[first.part].hexdigest(),
                [form.parts[name] for name in FILES if name in form.parts],
                release,
                form.fields.get("dist"),
                form.fields.get("url"),
            )
    except UploadRefused as refusal:
        raise uploading.refused(refusal) from None


@blueprint.get("/artifacts")
def list_artifacts() -> Response:
    """With the latest uploads, what crashes of the last 30 days miss, and the quota."""
    parameters.known("app")
    app = needed_app()
    with services().database.transaction(read_only=True) as tx:
        shown = listing.of_app(tx, app.app_id, now())
    return answer(
        {
            "success": True,
            "app": app.slug,
            **shown,
            "limit_bytes": services().config.artifacts_mb * 2**20,
            "symbolic": listing.has_symbolic(),
        }
    )


@blueprint.delete("/artifacts/<artifact_id>")
def delete_artifact(artifact_id: str) -> Response:
    parameters.known()
    number = parameters.number_in_path(artifact_id)
    apps = {app.app_id: app for app in own_apps()}
    with services().database.transaction() as tx:
        row = None if number is None else listing.artifact(tx, number)
        if row is None or row["app_id"] not in apps:
            raise ApiError(404, "unknown_artifact", "there is no artifact of this id")
        artifacts.delete(tx, [row["artifact_id"]])
    names_subject(row["name"], apps[row["app_id"]].slug)
    return answer({"success": True})


def _wrong(name: str, sentence: str) -> ApiError:
    return bad_request("invalid_body", f"{name} {sentence}", parameter=name)
