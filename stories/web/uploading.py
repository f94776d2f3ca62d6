"""What the two ways to send files share: whose chunks they are, and waiting for what becomes of them."""

from __future__ import annotations

import time

from database import Row
from stories.errors import ApiError
from stories.symbols import taking_in, uploads
from stories.symbols.uploads import TooManyUploads, UploadRefused
from stories.web import multipart
from stories.web.callers import caller
from stories.web.services import services

LOOK_SECONDS = 0.2
MAX_UPLOADER = 200  # characters
UPLOADED = "sent source maps or symbols"  # as the audit log has it
TOO_MANY_SECONDS = 60


def uploader() -> str:
    """Chunks are kept by who sends them: nobody asks for those of others."""
    who = caller()
    return f"{who.account_id or 0} {who.name}"[:MAX_UPLOADER]


def keep_chunk(data: bytes) -> str:
    """Its SHA-1. Raises ApiError."""
    try:
        with services().database.transaction(10) as tx:
            return uploads.add_chunk(tx, uploader(), data)
    except UploadRefused as refusal:
        raise refused(refusal) from None


def refused(refusal: UploadRefused) -> ApiError:
    if isinstance(refusal, TooManyUploads):
        return ApiError(429, "too_many_uploads", str(refusal), retry_after=TOO_MANY_SECONDS)
    return ApiError(400, "upload_refused", str(refusal))


def wait_if_there_is_room(upload_id: int, seconds: float) -> Row:
    """As wait_for(), but at once where this worker waits for many already."""
    try:
        with multipart.place():
            return wait_for(upload_id, seconds)
    except multipart.NoPlace:
        return wait_for(upload_id, 0)


def wait_for(upload_id: int, seconds: float) -> Row:
    """What has become of an upload, as soon as it is over, and after `seconds` in any case. The process
    may end just before it would have seen the upload, so it is started until then."""
    until, database = time.monotonic() + seconds, services().database
    while True:
        taking_in.start(services().config, database)
        row = uploads.state(database, upload_id)
        if row is None:
            raise ApiError(404, "unknown_upload", "this upload is gone")
        if row["state"] != "waiting" or time.monotonic() > until:
            return row
        time.sleep(LOOK_SECONDS)
