"""What a check says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

Place = tuple[int, int, int]
MOST_PLACES = 20


class Severity(StrEnum):
    """What a finding does to a submission: nothing, it needs a tick, or it is in the way."""

    OFF = "off"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """One thing that looks wrong. key: rule and label, by which it is ticked; unique in a report.

    text says what was seen, advice what to do. count: of pieces, holes or slices.
    places: voxels (z, y, x) to look at, the first being the worst; at most 20.
    """

    key: str
    rule: str
    severity: Severity
    label: int | None
    count: int
    text: str
    advice: str
    places: tuple[Place, ...]

    def to_json(self) -> dict[str, Any]:
        """As stored with a submission and as sent to the browser."""
        return asdict(self) | {"severity": self.severity.value, "places": [list(place) for place in self.places]}
