"""The labels of a project: voxel values with names and colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Label:
    """A structure that is drawn. value: 1 to 254 in the mask (0 is background). colour: #rrggbb."""

    value: int
    name: str
    colour: str

    def to_json(self) -> dict[str, Any]:
        """As stored and as sent to the browser."""
        return asdict(self)


# Chosen by search: over 3:1 contrast on #141414, and any two at least 15 apart in CIEDE2000, for normal sight as for
# red- and green-blind eyes (Machado et al. 2009). A test measures both again.
DEFAULT_LABELS = (
    Label(1, "fibroglandular tissue", "#ffeb33"),
    Label(2, "vessel", "#cc1814"),
    Label(3, "muscle", "#b58664"),
    Label(4, "bone", "#fef9f2"),
    Label(5, "lesion", "#ec6ab6"),
    Label(6, "lymph node", "#73e69e"),
    Label(7, "heart", "#6f53c2"),
    Label(8, "liver", "#457367"),
    Label(9, "implant", "#26c3ff"),
)


def read_labels(stored: Sequence[dict[str, Any]]) -> tuple[Label, ...]:
    """Labels as they lie in the database."""
    return tuple(Label(int(entry["value"]), str(entry["name"]), str(entry["colour"])) for entry in stored)
