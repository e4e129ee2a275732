"""What 3D Slicer writes of its segments into the head of a `.seg.nrrd`. Pure.

For segment n: `Segment<n>_Name`, `_LabelValue`, `_Layer` and `_Tags`; in the tags, a terminology entry
`context~category value^scheme…` with carets inside and tildes between (Slicer's SegmentationNrrdFileFormat).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from backend.imaging.dicom.deidentify import Cleaner
from backend.imaging.segments.concepts import written
from backend.imaging.segments.label_maps import NAME_LENGTH, Described

WORD = re.compile(r"Segment(\d{1,5})_(Name|LabelValue|Layer|Tags)")
# TerminologyEntry:<context>~<scheme>^<value>^<meaning>~<scheme>^<value>^<meaning>~…
ENTRY = re.compile(r"TerminologyEntry:[^~|]*~([^~|]*)~([^~|]*)")


@dataclass(frozen=True)
class Named:
    """A segment that the file describes, counted from 1."""

    number: int
    said: Described


def is_about_segments(word: str) -> bool:
    """True for a key of the head that `named_segments` reads."""
    return WORD.fullmatch(word) is not None


def named_segments(words: Mapping[str, str]) -> dict[tuple[int, int], Named]:
    """Segments by (layer, value)."""
    by_segment = dict[int, dict[str, str]]()
    for word, text in words.items():
        match = WORD.fullmatch(word)
        if match:
            by_segment.setdefault(int(match[1]), {})[match[2]] = text.strip()
    return {
        (_whole(found.get("Layer"), 0), _whole(found.get("LabelValue"), 1)): Named(n + 1, _described(found))
        for n, found in sorted(by_segment.items())
    }


def _described(found: Mapping[str, str]) -> Described:
    clean = Cleaner(())
    entry = ENTRY.search(found.get("Tags", ""))
    category, kind = (entry[1], entry[2]) if entry else ("", "")
    name = clean(found.get("Name", ""), limit=NAME_LENGTH)
    return Described(name, _concept(category, clean), _concept(kind, clean))


def _concept(text: str, clean: Cleaner) -> str:
    scheme, value, meaning = (*text.split("^"), "", "", "")[:3]
    return written(value, scheme, clean(meaning, limit=100))


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and text.isdecimal() and len(text) < 7 else otherwise
