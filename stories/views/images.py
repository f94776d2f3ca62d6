"""GET /images/<image_id>: images that are stored as files. Those at Cloudflare have its address."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response

from stories.errors import ApiError
from stories.images.files import FileStore
from stories.web import parameters
from stories.web.callers import caller
from stories.web.services import services

blueprint = Blueprint("images", __name__)

HEADERS = {
    # Bytes from outside, shown on the dashboard's own origin: nothing in them may run.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    # An hour, so that an erased person's pictures leave the browser too.
    "Cache-Control": "private, max-age=3600",
}


@blueprint.get("/images/<image_id>")
def show_image(image_id: str) -> Response:
    parameters.known()
    try:
        wanted = UUID(image_id)
        with services().database.transaction(seconds=5, autocommit=True) as tx:
            row = tx.row("images/content_type_of_file", image_id=wanted)
        if row is None or not caller().has_app(row["app_id"]):
            raise FileNotFoundError
        kind = row["content_type"]
        data = FileStore(services().config.data_path / "images").path(wanted, kind).read_bytes()
    except (ValueError, FileNotFoundError):
        raise ApiError(404, "not_found", "there is no image with this id") from None
    return Response(data, content_type=kind, headers=HEADERS)
