"""Files of an upload, written straight to where the import will read them, under numbers instead of names."""

from __future__ import annotations

import os
import secrets
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from backend.core.errors import TooLarge
from backend.imaging.archives import MAX_INFLATED_BYTES


def staging_folder() -> Path:
    """A new folder for one request's files; they move to the import once the request is accepted."""
    folder = Path(settings.UPLOAD_DIR) / f".request-{secrets.token_hex(8)}"
    folder.mkdir(parents=True)
    return folder


def move_into(folder: Path, run_folder: Path) -> int:
    """Move a request's files to the import's folder and return how many there are."""
    run_folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for path in sorted(folder.iterdir()):
        path.replace(run_folder / f"{secrets.token_hex(8)}-{path.name}")
        count += 1
    return count


class FolderUploadHandler(FileUploadHandler):
    """Streams each file of a request to disk and closes it: a thousand files never lie in memory or stay open.

    folder None: the sender may not upload, and the bytes are read and dropped.
    """

    def __init__(self, request: Any, folder: Path | None, *, max_bytes: int = MAX_INFLATED_BYTES) -> None:
        super().__init__(request)
        self.folder = folder
        self.left = max_bytes
        self.count = 0
        self.out: BinaryIO | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.folder is None:
            raise SkipFile
        self.out = (self.folder / f"{self.count:06d}").open("wb")
        self.count += 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - the base class names it
        """Write. Raises TooLarge over the limit of one request."""
        self.left -= len(raw_data)
        if self.left < 0:
            self._close()
            raise TooLarge("The upload is larger than 16 GiB; import it in parts, or from a folder on the server.")
        if self.out is not None:
            self.out.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        """The file is whole; what the request holds of it is its size."""
        self._close()
        return UploadedFile(file=BytesIO(), name=f"{self.count:06d}", size=file_size)

    def upload_interrupted(self) -> None:
        self._close()

    def _close(self) -> None:
        if self.out is not None:
            self.out.flush()
            os.fsync(self.out.fileno())  # the import starts from another process, perhaps after a power cut
            self.out.close()
            self.out = None
