"""Slice numbers in short: `0-12,15` for 0 to 12 and 15; and cells, the slices by label: `1=0-12,15;8=3`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Cells = Mapping[int, frozenset[int]]
"""Slices by label value: the parts of a draft."""

_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
MOST = 10_000  # slices; a text may name no more, however short it is


def write_ranges(slices: Iterable[int]) -> str:
    """Rising ranges, each as short as it goes; empty for none."""
    parts = list[tuple[int, int]]()
    for index in sorted(set(slices)):
        if parts and parts[-1][1] == index - 1:
            parts[-1] = (parts[-1][0], index)
        else:
            parts.append((index, index))
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def read_ranges(text: str) -> frozenset[int]:
    """Slices of a text as `write_ranges` gives it, spaces allowed. Raises ValueError for anything else."""
    slices = set[int]()
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"need slices such as 0-12,15, got {part.strip()[:20]!r}")
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last < MOST:
            raise ValueError(f"need a range of rising slices under {MOST}, got {first}-{last}")
        slices |= set(range(first, last + 1))
    return frozenset(slices)


def write_cells(cells: Cells) -> str:
    """Cells in rising order of label; labels without a slice are left out."""
    return ";".join(f"{label}={write_ranges(slices)}" for label, slices in sorted(cells.items()) if slices)


def read_cells(text: str) -> dict[int, frozenset[int]]:
    """Cells of a text as `write_cells` gives it; empty for an empty one. Raises ValueError for anything else."""
    cells = dict[int, frozenset[int]]()
    for part in filter(None, (part.strip() for part in text.split(";"))):
        label, sign, slices = part.partition("=")
        if not sign or not re.fullmatch(r"\d{1,3}", label.strip()):
            raise ValueError(f"need label=slices such as 1=0-12, got {part[:20]!r}")
        if int(label) in cells:
            raise ValueError(f"label {int(label)} is named twice")
        cells[int(label)] = read_ranges(slices)
    return cells


def common(one: Cells, other: Cells) -> dict[int, frozenset[int]]:
    """Cells that are in both."""
    return _kept({label: one[label] & other[label] for label in one.keys() & other.keys()})


def without(one: Cells, other: Cells) -> dict[int, frozenset[int]]:
    """Cells of the one that the other lacks."""
    return _kept({label: slices - other.get(label, frozenset()) for label, slices in one.items()})


def _kept(cells: Cells) -> dict[int, frozenset[int]]:
    return {label: slices for label, slices in sorted(cells.items()) if slices}
