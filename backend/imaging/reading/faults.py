"""Why a study does not come in, and why a file belongs to none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from backend.imaging.reading.messages import Fault


class StudyRefused(Exception):
    """The study cannot come in, for these reasons."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True)
class FileRefusal:
    """Why a file was left out. Equal refusals are counted together, so they carry no word of the file.

    one, many: what follows "1 file" and "n files", without a full stop; action: what to do.
    """

    level: Literal["warning", "error"]
    one: str
    many: str
    action: str
