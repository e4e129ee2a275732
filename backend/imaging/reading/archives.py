"""Zip archives among uploaded files: unpacked under limits, or refused whole. Pure but for the files it writes."""

from __future__ import annotations

import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from zlib import error as ZlibError  # noqa: N812 - an exception by its kind

MAX_MEMBERS = 50_000
MAX_INFLATED_BYTES = 16 * 2**30  # twenty studies of 800 files
# Black margins make MR pixels shrink ten times at most; what is small harms nobody, however much it grew.
MAX_GROWTH = 100
GROWTH_COUNTS_FROM = 256 * 2**20
MAX_NAME = 1024
PIECE_BYTES = 2**20
ENCRYPTED = 0x1


class ArchiveRefused(Exception):
    """The archive breaks a rule; `sentence` says which."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def unpack(path: Path, target: Path, *, max_bytes: int) -> tuple[str, ...]:
    """Write the files of an archive into a new folder, numbered, and return their names in that order.

    Raises ArchiveRefused; then nothing is left of it.
    """
    shutil.rmtree(target, ignore_errors=True)  # an earlier attempt may have ended half-way
    target.mkdir()
    try:
        return _unpack(path, target, max_bytes)
    except ArchiveRefused:
        shutil.rmtree(target, ignore_errors=True)
        raise
    except (zipfile.BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError, UnicodeError) as error:
        shutil.rmtree(target, ignore_errors=True)
        raise ArchiveRefused("it is damaged or packed in a way that cannot be read") from error


def _unpack(path: Path, target: Path, max_bytes: int) -> tuple[str, ...]:
    """Sizes are counted as they come, whatever the archive says of itself."""
    written, packed = 0, path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        for member in members:
            _check(member, len(members))
        files = [member for member in members if not member.is_dir()]
        for number, member in enumerate(files):
            with (target / f"{number:06d}").open("wb") as out:
                for piece in _pieces(archive, member):
                    written += len(piece)
                    _check_size(written, packed, max_bytes)
                    out.write(piece)
    return tuple(member.filename.replace("\\", "/")[:MAX_NAME] for member in files)


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _check_size(written: int, packed: int, max_bytes: int) -> None:
    if written > max_bytes:
        raise ArchiveRefused(f"it inflates to more than {max_bytes // 2**20} MiB")
    if written > max(GROWTH_COUNTS_FROM, MAX_GROWTH * packed):
        raise ArchiveRefused(f"it inflates to more than {MAX_GROWTH} times its size")


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
