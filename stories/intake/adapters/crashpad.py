"""Crashpad and Breakpad, as Electron's crashReporter and Chromium's handler send them: a form of
annotations with a minidump, mostly compressed and in chunks.

A report is a native crash. Its annotations are KEPT and no others: a browser's has some seventy, command
lines and addresses of pages among them. Of the dump the exception, its module and its place there are
read at once; its stack is walked afterwards, by symbols/dumps.py.

Stored once by the report id of the dump, or, where it has none, by the hash of the dump. The time is the
dump's own. Crashpad sends a report again at its next start when it could not, or got a 503.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import blake2b
from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import NEED_DATA, Data, Epilogue, Field, File, MultipartDecoder

from models import CrashPayload, storable
from stories.catalogue import App
from stories.crashes.minidump import NoMinidump, Summary, read_minidump
from stories.errors import ApiError, bad_request
from stories.intake.adapters.delivery import Delivery
from stories.privacy.ids import nobody, person_id
from stories.web.body import read_body
from stories.web.services import now, sending_app, services
from stories.web.work import TimeSlice

# Annotation -> what becomes of it. docs/PRIVACY_TELEMETRY.md shows this table.
KEPT = {
    "_productName": "the product, in the crash's context",
    "prod": "the product where there is no _productName",
    "_version": "the version",
    "ver": "the version where there is no _version; of Electron, its own version in the context",
    "channel": "the channel",
    "platform": "the system where the dump names none",
    "process_type": "the kind of process: which kind of crash it is",
    "ptype": "the same, as Chromium calls it",
    "user_id": "the person",
    "guid": "the person where there is no user_id",
}
DUMP = "upload_file_minidump"
MAX_BODY = 16 * 1024 * 1024
MAX_PARTS, MAX_TEXT = 200, 200
CHUNK = 8 * 1024
MAX_HEAD = 16 * 1024  # bytes of a part before its content: millions of headers would take seconds
SYSTEMS = {"darwin": "macOS", "win32": "Windows", "linux": "Linux"}
STABLE = ("stable", "")  # channels of released builds
_word = re.compile(r"[\w.-]{1,40}", re.ASCII)

blueprint = Blueprint("crashpad", __name__)


@blueprint.post("/api/minidump")
def store_minidump() -> Response:
    return _store(sending_app("desktop", any_kind=True))


@blueprint.post("/api/<int:app_id>/minidump/", strict_slashes=False)
def store_minidump_of_app(app_id: int) -> Response:
    """At the address that Sentry gives for minidumps."""
    app = services().apps.by_key(request.args.get("sentry_key", ""))
    if app is None or app.app_id != app_id:
        raise ApiError(403, "unknown_app_key", "sentry_key is not the key of this app")
    return _store(app)


def _store(app: App) -> Response:
    report = _read_report(read_body(MAX_BODY, by_magic=True))
    delivery = Delivery(app, now())
    delivery.crashes.append(_crash(report, app))
    delivery.dumps[0] = report.dump
    delivery.store()
    return Response(report.id, mimetype="text/plain")


@dataclass
class Report:
    """A form: what is kept of it, what its minidump says, and its id."""

    annotations: dict[str, str] = field(default_factory=dict)
    summary: Summary = field(init=False)
    dump: bytes = b""
    id: str = ""


def _read_report(body: bytes) -> Report:
    """Raises ApiError."""
    kind, options = parse_options_header(request.environ.get("CONTENT_TYPE", ""))
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        raise bad_request("not_multipart", "a crash report is multipart/form-data with a boundary")
    report = Report()
    try:
        report.dump = _read_parts(body, boundary.encode(errors="replace"), report.annotations)
        report.summary = read_minidump(report.dump)
    except NoMinidump:
        raise bad_request("no_minidump", f"{DUMP} must be a minidump") from None
    except RequestEntityTooLarge:
        sentence = f"a report may have {MAX_PARTS} parts, with {MAX_HEAD} bytes of headers each"
        raise ApiError(413, "too_many_parts", sentence) from None
    except ValueError:
        raise bad_request("invalid_multipart", "the body is no whole multipart form") from None
    own_id = report.summary.report_id
    report.id = str(own_id or UUID(bytes=blake2b(report.dump, digest_size=16).digest()))
    return report


def _read_parts(body: bytes, boundary: bytes, annotations: dict[str, str]) -> bytes:
    """The minidump; the annotations of KEPT go into `annotations`. Raises ValueError."""
    decoder, dump = MultipartDecoder(boundary, MAX_HEAD, max_parts=MAX_PARTS), bytearray()
    name, time_slice = "", TimeSlice()
    for start in [*range(0, len(body), CHUNK), None]:
        decoder.receive_data(None if start is None else body[start : start + CHUNK])
        while (event := decoder.next_event()) is not NEED_DATA and not isinstance(event, Epilogue):
            if isinstance(event, Field | File):
                name = event.name
            elif isinstance(event, Data) and name == DUMP:
                dump += event.data
            elif isinstance(event, Data) and name in KEPT:
                text = annotations.get(name, "") + event.data.decode("utf-8", "replace")
                annotations[name] = text[:MAX_TEXT]
            time_slice.give_way()
    return bytes(dump)


def _crash(report: Report, app: App) -> CrashPayload:
    texts = {name: storable(text.strip()) for name, text in report.annotations.items()}
    key = services().key.digest()
    summary = report.summary
    process = texts.get("process_type") or texts.get("ptype") or summary.process or "browser"
    own_id = texts.get("user_id") or texts.get("guid")
    of_electron = texts.get("prod") == "Electron"
    context = {
        "report_id": report.id,
        "process_type": process if _word.fullmatch(process) else None,
        "product": texts.get("_productName") or texts.get("prod"),
        "electron": texts.get("ver") if of_electron else None,
    }
    channel = texts.get("channel", "")
    crash = CrashPayload(
        user_id=person_id(app, own_id, key) if own_id else nobody(app, "", key),
        app_version=texts.get("_version") or ("" if of_electron else texts.get("ver", "")),
        crash_type="renderer_crash" if process == "renderer" else "main_crash",
        error_message=summary.message,
        timestamp=summary.when,
        os_version=summary.system or _system(texts.get("platform")),
        context={name: value for name, value in context.items() if value},
        id=report.id,
        channel=None if channel in STABLE else channel,
    )
    if summary.frames:
        crash.frames = summary.frames
    return crash


def _system(platform: str | None) -> str | None:
    return SYSTEMS.get(platform or "", platform)
