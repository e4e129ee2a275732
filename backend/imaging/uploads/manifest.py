"""What an upload will bring: the files in the order of their stream, told before the first byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.core.errors import InvalidInput, TooLarge

MAX_FILES = 50_000
MAX_BYTES = 16 * 2**30  # twenty studies of 800 files
MAX_NAME = 1_024
MAX_SIZE = 2**53 - 1  # the largest whole number that every JSON parser keeps


@dataclass(frozen=True)
class Manifest:
    """names: paths inside of the chosen folder; sizes: bytes; modified: milliseconds since 1970, as browsers say it."""

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    modified: tuple[int, ...]

    @property
    def total(self) -> int:
        """Bytes of the stream."""
        return sum(self.sizes)

    @property
    def digest(self) -> str:
        """Hex digest by which the same files are known again when they are chosen again."""
        text = json.dumps([self.names, self.sizes, self.modified], separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    @classmethod
    def from_json(cls, value: Any) -> Manifest:
        """From `{names, sizes, modified}`. Raises InvalidInput naming the field, TooLarge over a limit."""
        if not isinstance(value, Mapping):
            raise InvalidInput("files needs an object of names, sizes and modified.")
        names, sizes, modified = (_list(value, field) for field in ("names", "sizes", "modified"))
        if not len(names) == len(sizes) == len(modified):
            raise InvalidInput(
                f"files needs names, sizes and modified of one length, got {len(names)}, {len(sizes)}, {len(modified)}."
            )
        _check(names, sizes, modified)
        return cls(tuple(names), tuple(sizes), tuple(modified))


def _list(value: Mapping[Any, Any], field: str) -> list[Any]:
    given = value.get(field)
    if not isinstance(given, list) or not given:
        raise InvalidInput(f"files.{field} needs a list with an entry for each file.")
    if len(given) > MAX_FILES:
        raise TooLarge(f"These are {len(given):,} files; upload {MAX_FILES:,} at most at once.", limit=MAX_FILES)
    return given


def _check(names: Sequence[Any], sizes: Sequence[Any], modified: Sequence[Any]) -> None:
    for n, name in enumerate(names):
        if not isinstance(name, str) or not 1 <= len(name) <= MAX_NAME:
            raise InvalidInput(f"files.names[{n}] needs 1 to {MAX_NAME:,} characters.")
    _check_whole("sizes", sizes, least=0)
    _check_whole("modified", modified, least=-MAX_SIZE)
    total = sum(sizes)
    if total == 0:
        raise InvalidInput("Every file is empty; choose the folder or the zip that holds the images.")
    if total > MAX_BYTES:
        raise TooLarge(
            f"The files have {total / 2**30:.1f} GiB; upload {MAX_BYTES // 2**30} GiB at most at once, "
            "or import a folder on the server.",
            limit=MAX_BYTES,
        )


def _check_whole(field: str, numbers: Sequence[Any], *, least: int) -> None:
    for n, number in enumerate(numbers):
        if type(number) is not int or not least <= number <= MAX_SIZE:
            raise InvalidInput(f"files.{field}[{n}] needs a whole number from {least} to {MAX_SIZE}.")
