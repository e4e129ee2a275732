"""A drawing as the rules see it: what is worked out once and read by several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.annotation.checks.finding import Place
from backend.annotation.checks.holes import Holes, holes_in
from backend.annotation.checks.runs import CORNERS, Ints, Pieces, Runs, pieces_of
from ml.geometry import Geometry
from ml.labelmaps import LabelArray

MOST_RUNS = 6_000_000  # a dense drawing of 448×448×160 has under a million; noise has thirty


@dataclass(frozen=True)
class Drawing:
    """labels (Z, Y, X) uint8 on a grid; names of the label values; slices that were asked for, None for all."""

    labels: LabelArray
    geometry: Geometry
    names: Mapping[int, str]
    asked: frozenset[int] | None = None

    def name(self, label: int) -> str:
        """What people call a label."""
        return self.names.get(label, f"label {label}")

    @cached_property
    def runs(self) -> Runs:
        """The drawing as runs along x."""
        return Runs.of(self.labels)

    @property
    def is_noise(self) -> bool:
        """True where the drawing is in so many pieces that looking at them is of no use."""
        return self.runs.start.size > MOST_RUNS

    @cached_property
    def slices_by_label(self) -> NDArray[np.int64]:
        """Voxels (256, Z) of each value in each slice."""
        depth, height, _ = self.labels.shape
        cell = self.runs.value.astype(np.int64) * depth + self.runs.row // height
        return np.bincount(cell, weights=self.runs.length, minlength=256 * depth).astype(np.int64).reshape(256, depth)

    @cached_property
    def voxels(self) -> NDArray[np.int64]:
        """Voxels (256,) of each value."""
        voxels: NDArray[np.int64] = self.slices_by_label.sum(axis=1)
        return voxels

    @cached_property
    def pieces(self) -> Pieces:
        """Pieces of all labels, joined over faces, edges and corners."""
        return pieces_of(self.runs, np.flatnonzero(self.runs.value), steps=CORNERS, reach=1)

    def pieces_of_label(self, label: int) -> Ints:
        """Numbers of a label's pieces, largest first."""
        numbers = np.flatnonzero(self.pieces.value == label)
        return numbers[np.argsort(-self.pieces.voxels[numbers], kind="stable")]

    def voxels_of_piece(self, piece: int) -> tuple[Ints, Ints, Ints]:
        """Indices z, y, x of a piece's voxels."""
        chosen = self.pieces.chosen[self.pieces.piece == piece]
        length = self.runs.length[chosen]
        offsets = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
        z, y, x = np.unravel_index(np.repeat(self.runs.start[chosen], length) + offsets, self.labels.shape)
        return z, y, x

    def place(self, flat: int) -> Place:
        """Voxel (z, y, x) of a flat index."""
        z, y, x = np.unravel_index(flat, self.labels.shape)
        return int(z), int(y), int(x)

    @cached_property
    def holes(self) -> Holes:
        """Unlabelled pieces that touch no border of the grid."""
        return holes_in(self.runs, within_slices=False)

    @cached_property
    def slice_holes(self) -> Holes:
        """Unlabelled pieces of single slices that touch no border of the slice."""
        return holes_in(self.runs, within_slices=True)
