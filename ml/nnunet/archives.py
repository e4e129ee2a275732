"""A zip that a stranger made: names, sizes and kinds of its members are checked before any is read."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath

from ml.nnunet.errors import RunError

MOST_MEMBERS = 10_000
MOST_BYTES = 32 * 2**30
MOST_GROWTH = 200
"""Times that a member may be larger than it is in the zip; weights hardly shrink, descriptions up to 50 times."""


class Archive:
    """An opened zip whose members may be read. Raises RunError for one that is not what it should be."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise RunError(f"{path.name} is no zip file ({error}): send what nnU-Net's export wrote.") from error
        members = self._zip.infolist()
        if len(members) > MOST_MEMBERS:
            raise RunError(f"The zip holds {len(members)} files; a model has a few.")
        for member in members:
            _check(member)
        if sum(member.file_size for member in members) > MOST_BYTES:
            raise RunError(f"The zip unpacks to more than {MOST_BYTES // 2**30} GiB: a model is smaller.")
        self.names = {PurePosixPath(member.filename): member for member in members if not member.is_dir()}
        if len(self.names) != sum(not member.is_dir() for member in members):
            raise RunError("The zip holds two files of one name: export the model again.")

    def read(self, name: PurePosixPath) -> bytes:
        """Content of a member, never more than it says it has. Raises RunError for a damaged one."""
        member = self.names[name]
        try:
            with self._zip.open(member) as stream:
                content = stream.read(member.file_size + 1)
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise RunError(f"{name} in the zip cannot be read ({error}): send the file again.") from error
        if len(content) != member.file_size:
            raise RunError(f"{name} in the zip is not as large as it says: send the file again.")
        return content

    def close(self) -> None:
        """Close the file."""
        self._zip.close()


def _check(member: zipfile.ZipInfo) -> None:
    name = PurePosixPath(member.filename)
    if name.is_absolute() or ".." in name.parts or "\\" in member.filename or ":" in member.filename:
        raise RunError(f"The zip names {member.filename!r}, which lies outside of it: it was made to do harm.")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind and kind not in {stat.S_IFREG, stat.S_IFDIR}:
        raise RunError(f"{member.filename!r} in the zip is a link or a device, not a file: it was made to do harm.")
    if member.flag_bits & 1:
        raise RunError(f"{member.filename!r} in the zip is encrypted: send the model without a password.")
    if member.file_size > MOST_GROWTH * max(member.compress_size, 1024):
        raise RunError(f"{member.filename!r} in the zip grows {MOST_GROWTH} times and more: it was made to do harm.")
