"""Images as files: DATA_DIR/images/<two hex digits>/<image_id>.<ending>, for servers without
Cloudflare.

Several servers need a DATA_DIR that they share.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from stories.images.outcomes import StoreBusy
from stories.payloads.bot import IMAGE_TYPES

ENDINGS = {kind: kind.partition("/")[2].replace("jpeg", "jpg") for kind in IMAGE_TYPES}


@dataclass(frozen=True)
class Stored:
    """image_url: where it is shown from. remote_id: its name at Cloudflare; None: it is a file
    here."""

    image_url: str
    remote_id: str | None


class FileStore:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, image_id: UUID, content_type: str) -> Path:
        return self._of(image_id) / f"{image_id}.{ENDINGS[content_type]}"

    def put(self, image_id: UUID, data: bytes, content_type: str) -> Stored:
        """The file is there whole, on disk, or not at all. Raises StoreBusy."""
        final = self.path(image_id, content_type)
        try:
            final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Its name starts like the image's, so that erasure finds what a killed process left.
            number, name = tempfile.mkstemp(".part", f"{image_id}.", final.parent)
            try:
                with open(number, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(name, final)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            _sync(final.parent)
        except OSError as error:
            raise StoreBusy(f"the image could not be written ({error.strerror})") from None
        return Stored(f"/images/{image_id}", None)

    def delete(self, image_id: UUID) -> None:
        """Raises StoreBusy."""
        folder = self._of(image_id)
        try:
            copies = list(folder.glob(f"{image_id}.*"))
            for path in copies:
                path.unlink(missing_ok=True)
            if copies:
                _sync(folder)
        except OSError as error:
            raise StoreBusy(f"the image could not be deleted ({error.strerror})") from None

    def _of(self, image_id: UUID) -> Path:
        return self._folder / image_id.hex[:2]


def _sync(folder: Path) -> None:
    """A rename is not on disk before its folder is."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
