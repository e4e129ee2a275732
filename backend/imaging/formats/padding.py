"""Blank slices that datasets of arrays append so that all cases have one size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.imaging.dicom.faults import Defect
from backend.imaging.formats.arrays import read_arrays
from backend.imaging.formats.layout import WRITE_AGAIN
from backend.imaging.formats.opening import Opened
from ml.geometry import Geometry


@dataclass(frozen=True)
class Kept:
    """Which slices of a stack stay: first to last, counted from 0. inside: blank ones between them, which stay too."""

    first: int
    last: int
    slices: int
    inside: int

    @property
    def removed(self) -> int:
        """Blank slices before the first and behind the last."""
        return self.slices - (self.last - self.first + 1)

    def array(self, stack: NDArray[Any]) -> NDArray[Any]:
        """A view of the slices that stay."""
        return stack[self.first : self.last + 1]

    def geometry(self, grid: Geometry) -> Geometry:
        """The grid of the slices that stay, each where it was."""
        matrix = grid.matrix
        matrix[:3, 3] += matrix[:3, 0] * self.first
        _, y, x = grid.shape_zyx
        return Geometry((self.last - self.first + 1, y, x), tuple(tuple(float(v) for v in row) for row in matrix))


def find_padding(files: Sequence[Opened]) -> Kept:
    """What is left without blank slices at both ends. Every file has the same number of slices.

    A slice is blank when it is 0 throughout in every image and label map. One between others stays, since without it
    its neighbours would seem to touch. Raises Defect when all slices are blank or a file cannot be read.
    """
    used = np.zeros(files[0].layout.shape_zyx[0], dtype=bool)
    for file in files:
        try:
            for stack in read_arrays(file.path, file.layout):
                used |= np.array([bool((plane != 0).any()) for plane in stack])
        except Defect as defect:
            raise Defect(f"({file.subject}) {defect.message}", defect.action) from defect
    if not used.any():
        raise Defect("is blank: all of its slices are 0", WRITE_AGAIN)
    places = np.flatnonzero(used)
    first, last = int(places[0]), int(places[-1])
    return Kept(first, last, len(used), int((~used[first : last + 1]).sum()))
