"""Zip archives among uploaded files: opened under limits, or refused whole."""

from __future__ import annotations

import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from zlib import error as ZlibError  # noqa: N812 - an exception by its kind

from backend.imaging.dicom.headers import ARCHIVE_START
from backend.imaging.reports import Line

MAX_MEMBERS = 50_000
MAX_INFLATED_BYTES = 16 * 2**30  # twenty studies of 800 files
PIECE_BYTES = 2**20
ENCRYPTED = 0x1


class ArchiveRefused(Exception):
    """The archive breaks a rule; `sentence` says which."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def unpack_all(folder: Path, *, max_bytes: int = MAX_INFLATED_BYTES) -> list[Line]:
    """Replace each zip in the folder by its files, numbered instead of named. Returns why archives were refused."""
    lines = []
    for path in sorted(folder.iterdir()):
        if path.is_file() and _is_zip(path):
            try:
                max_bytes -= _unpack_whole(path, path.with_name(f"{path.name}.members"), max_bytes)
            except ArchiveRefused as refused:
                action = "Pack the folder of DICOM files into a plain zip again, and upload that."
                lines.append(Line("error", "archive", f"The zip archive was refused: {refused.sentence}.", action))
            path.unlink()
    return lines


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(ARCHIVE_START)) == ARCHIVE_START


def _unpack_whole(path: Path, target: Path, max_bytes: int) -> int:
    shutil.rmtree(target, ignore_errors=True)  # an earlier attempt may have ended half-way
    try:
        return _unpack(path, target, max_bytes)
    except ArchiveRefused:
        shutil.rmtree(target, ignore_errors=True)
        raise


def _unpack(path: Path, target: Path, max_bytes: int) -> int:
    """Bytes written. Sizes are counted as they come, whatever the archive says of itself."""
    target.mkdir()
    written = 0
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            for member in members:
                _check(member, len(members))
            for number, member in enumerate(m for m in members if not m.is_dir()):
                with (target / f"{number:06d}").open("wb") as out:
                    for piece in _pieces(archive, member):
                        written += len(piece)
                        if written > max_bytes:
                            raise ArchiveRefused(f"it inflates to more than {max_bytes // 2**20} MiB")
                        out.write(piece)
    except (zipfile.BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError) as error:
        raise ArchiveRefused("it is damaged or packed in a way that cannot be read") from error
    return written


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _check(member: zipfile.ZipInfo, members: int) -> None:
    if members > MAX_MEMBERS:
        raise ArchiveRefused(f"it holds {members:,} files; the limit is {MAX_MEMBERS:,}")
    name = PurePosixPath(member.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in "".join(name.parts[:1]):
        raise ArchiveRefused("a path in it leads outside of it")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise ArchiveRefused("it holds a symbolic link")
    if member.flag_bits & ENCRYPTED:
        raise ArchiveRefused("it is protected by a password")
