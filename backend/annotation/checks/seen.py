"""What one rule sees of one label."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backend.annotation.checks.drawing import Drawing
from backend.annotation.checks.finding import MOST_PLACES, Place


@dataclass(frozen=True)
class Seen:
    """As `Finding`, without what the rule adds."""

    label: int | None
    count: int
    text: str
    advice: str
    places: tuple[Place, ...] = ()


def places_of(drawing: Drawing, flat: Iterable[int]) -> tuple[Place, ...]:
    """Voxels of the first flat indices."""
    return tuple(drawing.place(int(index)) for index in list(flat)[:MOST_PLACES])


def counted(count: int, one: str, many: str) -> str:
    """`one hole`, `3 holes`."""
    return f"one {one}" if count == 1 else f"{count} {many}"


def sentence(words: str) -> str:
    """Words with a capital letter."""
    return words[:1].upper() + words[1:]
