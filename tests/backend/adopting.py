"""Files of a folder taken into the store at once, for tests."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from backend.core.blobs import Adoption


def adopted(folder: Path, digests: Collection[str], *, max_bytes: int) -> None:
    with closing(Adoption(folder, max_bytes=max_bytes)) as files:
        files.look()
        files.take(digests)
