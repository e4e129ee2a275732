"""Requests of the upload protocol, and a small stream of four files."""

from __future__ import annotations

from pathlib import Path

from backend.imaging.models import Upload
from backend.imaging.uploads import staging

URL = "/api/projects/breast/uploads"
TYPE = "application/offset+octet-stream"
FILES = {"Doe/a.dcm": b"abcdefgh", "Doe/empty": b"", "Doe/b.dcm": b"ijklm", "Doe/last": b""}
STREAM = b"".join(FILES.values())


def listed(files: dict[str, bytes], **changed) -> dict[str, object]:
    sizes = [len(content) for content in files.values()]
    return {"names": list(files), "sizes": sizes, "modified": [1_700_000_000_000] * len(files)} | changed


def begin(client, files=FILES, **body):
    return client.post(URL, {"files": listed(files)} | body, content_type="application/json")


def patch(client, url, offset, content, **headers):
    tus = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)} | headers
    given = {name: value for name, value in tus.items() if value is not None}
    return client.patch(url, content, content_type=TYPE, headers=given)


def head(client, url, **headers):
    return client.head(url, headers={"Tus-Resumable": "1.0.0"} | headers)


def delete(client, url):
    return client.delete(url, headers={"Tus-Resumable": "1.0.0"})


def on_disk(upload: Upload) -> dict[str, bytes]:
    """Names that the files came with, and what the disk holds of them."""
    folder = Path(upload.run.folder)
    return {name: (folder / number).read_bytes() for number, name in staging.names_in(folder).items()}
