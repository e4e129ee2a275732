"""Every file of a list: its header, or why it is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backend.imaging.dicom.headers import Header, HeaderRefused, Refusal, read_header


@dataclass
class Scan:
    """headers: one per usable file, no SOP instance twice; refused: why, by place in the list; repeats: copies."""

    headers: list[Header] = field(default_factory=list)
    refused: dict[int, Refusal] = field(default_factory=dict)
    repeats: int = 0


def scan(files: Sequence[Path], *, at: Callable[[int], None] = lambda place: None) -> Scan:  # noqa: ARG005
    """Read the headers; `at` is told the place of each file in the list before it is opened."""
    found, seen = Scan(), set[str]()
    for place, path in enumerate(files):
        at(place)
        try:
            header = read_header(path)
        except HeaderRefused as error:
            found.refused[place] = error.refusal
            continue
        if header.sop_uid in seen:
            found.repeats += 1
        else:
            seen.add(header.sop_uid)
            found.headers.append(header)
    return found
