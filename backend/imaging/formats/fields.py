"""Text headers: lines of names and values before the first voxel, read under a limit, each name once. Pure."""

from __future__ import annotations

import math

from backend.imaging.dicom.faults import Defect
from backend.imaging.formats.layout import WRITE_AGAIN

HEAD_LIMIT = 2**20


def put_once(fields: dict[str, str], name: str, value: str) -> None:
    """Raises Defect for a name that came before: programs differ in which of two values counts."""
    if name in fields:
        raise Defect("is damaged: a field of its header is there twice", WRITE_AGAIN)
    fields[name] = value.strip()


def numbers(text: str) -> tuple[float, ...]:
    """Finite numbers between spaces. Raises Defect for anything else."""
    try:
        found = tuple(float(part) for part in text.split())
    except ValueError as error:
        raise Defect("is damaged: a figure in its header is no number", WRITE_AGAIN) from error
    if not all(math.isfinite(part) for part in found):
        raise Defect("is damaged: a figure in its header is not finite", WRITE_AGAIN)
    return found


def whole_numbers(text: str) -> tuple[int, ...]:
    """Whole numbers between spaces. Raises Defect for anything else."""
    found = numbers(text)
    if any(not part.is_integer() for part in found):
        raise Defect("is damaged: a size in its header is no whole number", WRITE_AGAIN)
    return tuple(int(part) for part in found)
