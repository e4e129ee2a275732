"""Unlabelled places that labels enclose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.annotation.checks.runs import FACES, Ints, Pieces, Runs, pieces_of


@dataclass(frozen=True)
class Holes:
    """label (H,): the one with most of a hole's surface; voxels (H,); place (H,): flat index of a voxel in it."""

    label: NDArray[np.int64]
    voxels: Ints
    place: Ints


def holes_in(runs: Runs, *, within_slices: bool) -> Holes:
    """Unlabelled pieces, joined over faces, that touch no border: of the grid, or of their slice."""
    steps = FACES[:1] if within_slices else FACES
    pieces = pieces_of(runs, np.flatnonzero(runs.value == 0), steps=steps, reach=0)
    enclosed = np.ones(pieces.voxels.size, dtype=np.bool_)
    enclosed[pieces.piece[_at_a_border(runs, pieces.chosen, within_slices=within_slices)]] = False
    return Holes(
        label=_surrounding(runs, pieces, enclosed, steps)[enclosed],
        voxels=pieces.voxels[enclosed],
        place=pieces.place[enclosed],
    )


def _at_a_border(runs: Runs, chosen: Ints, *, within_slices: bool) -> NDArray[np.bool_]:
    depth, height, width = runs.shape_zyx
    y, z = runs.row[chosen] % height, runs.row[chosen] // height
    at_a_border: NDArray[np.bool_] = (y == 0) | (y == height - 1)
    at_a_border |= (runs.start[chosen] % width == 0) | (runs.stop[chosen] % width == 0)
    return at_a_border if within_slices else at_a_border | (z == 0) | (z == depth - 1)


def _surrounding(
    runs: Runs, pieces: Pieces, enclosed: NDArray[np.bool_], steps: tuple[tuple[int, int], ...]
) -> NDArray[np.int64]:
    """The label with most faces to each enclosed piece; 0 for the others."""
    inside = enclosed[pieces.piece]
    chosen = pieces.chosen[inside]
    hole = np.cumsum(enclosed)[pieces.piece[inside]] - 1
    faces = np.zeros((int(enclosed.sum()), 256), dtype=np.int64)
    number = np.zeros(runs.start.size, dtype=np.int64)
    number[chosen] = hole
    for beside in (chosen - 1, chosen + 1):  # an enclosed run never stands at the end of its row
        np.add.at(faces, (hole, runs.value[beside]), 1)
    for dz, dy in steps:
        for step in ((dz, dy), (-dz, -dy)):
            _add_faces(runs, faces, number, *runs.touching(chosen, step), step)
    faces[:, 0] = 0
    label = np.zeros(enclosed.size, dtype=np.int64)
    label[enclosed] = faces.argmax(axis=1) if faces.size else 0
    return label


def _add_faces(runs: Runs, faces: Ints, number: Ints, one: Ints, other: Ints, step: tuple[int, int]) -> None:
    """Add the voxels over which runs lie beside each other."""
    _, height, width = runs.shape_zyx
    shift = (step[0] * height + step[1]) * width
    shared = np.minimum(runs.stop[one] + shift, runs.stop[other]) - np.maximum(
        runs.start[one] + shift, runs.start[other]
    )
    np.add.at(faces, (number[one], runs.value[other]), shared)
