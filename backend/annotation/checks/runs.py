"""Label maps as runs along x, and the pieces that they join to: fast, because rows are joined instead of voxels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ml.labelmaps import LabelArray

Ints = NDArray[np.int64]
FACES = ((0, 1), (1, 0))
CORNERS = ((0, 1), (1, -1), (1, 0), (1, 1))


@dataclass(frozen=True)
class Runs:
    """Stretches of equal value along x, in C order; each row begins a new one.

    start: flat index of each run's first voxel; stop: one past its last; value: of its voxels.
    """

    shape_zyx: tuple[int, int, int]
    start: Ints
    stop: Ints
    value: NDArray[np.uint8]

    @classmethod
    def of(cls, labels: LabelArray) -> Runs:
        """Runs of labels (Z, Y, X)."""
        z, y, x = labels.shape
        flat = np.ascontiguousarray(labels).reshape(-1)
        begins = np.empty(flat.size, dtype=np.bool_)
        begins[:1] = True
        np.not_equal(flat[1:], flat[:-1], out=begins[1:])
        begins[::x] = True
        start = np.flatnonzero(begins)
        return cls((z, y, x), start, np.append(start[1:], flat.size), flat[start])

    @cached_property
    def length(self) -> Ints:
        """Voxels of each run."""
        return self.stop - self.start

    @cached_property
    def row(self) -> Ints:
        """Number of each run's row, z · Y + y."""
        return self.start // self.shape_zyx[2]

    def touching(self, chosen: Ints, step_zy: tuple[int, int], *, reach: int = 0) -> tuple[Ints, Ints]:
        """Pairs (chosen run, run beside it in the row a step away). reach: 1 counts corners too."""
        _, height, width = self.shape_zyx
        dz, dy = step_zy
        y = self.row[chosen] % height + dy
        z = self.row[chosen] // height + dz
        inside = chosen[(y >= 0) & (y < height) & (z >= 0) & (z < self.shape_zyx[0])]
        row = self.row[inside] + dz * height + dy
        shift = (row - self.row[inside]) * width
        first = np.maximum(self.start[inside] + shift - reach, row * width)
        last = np.minimum(self.stop[inside] + shift - 1 + reach, (row + 1) * width - 1)
        begin = np.searchsorted(self.start, first, side="right") - 1
        count = np.searchsorted(self.start, last, side="right") - begin
        offsets = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        return np.repeat(inside, count), np.repeat(begin, count) + offsets


@dataclass(frozen=True)
class Pieces:
    """Connected runs of equal value. piece: number of each chosen run's piece, from 0.

    For each piece: value, voxels, and place, the flat index of the middle of its longest run, the middle one of equals.
    """

    runs: Runs
    chosen: Ints
    piece: Ints
    value: NDArray[np.uint8]
    voxels: Ints
    place: Ints


def pieces_of(runs: Runs, chosen: Ints, *, steps: tuple[tuple[int, int], ...], reach: int) -> Pieces:
    """Pieces of the chosen runs. steps and reach: FACES with 0 joins over faces, CORNERS with 1 over corners too."""
    pairs = [_equal(runs, *runs.touching(chosen, step, reach=reach)) for step in steps]
    number = np.full(runs.start.size, -1, dtype=np.int64)
    number[chosen] = np.arange(chosen.size)
    one = number[np.concatenate([pair[0] for pair in pairs])] if pairs else np.empty(0, np.int64)
    other = number[np.concatenate([pair[1] for pair in pairs])] if pairs else np.empty(0, np.int64)
    graph = coo_array((np.ones(one.size, dtype=np.bool_), (one, other)), shape=(chosen.size, chosen.size))
    count, piece = connected_components(graph, directed=False)
    length = runs.length[chosen]
    longest = np.lexsort((length, piece))
    last = np.searchsorted(piece[longest], np.arange(count), side="right") - 1
    equals = np.bincount(piece[length == length[longest[last]][piece]], minlength=count)
    leader = chosen[longest[last - equals // 2]]
    return Pieces(
        runs=runs,
        chosen=chosen,
        piece=piece.astype(np.int64),
        value=runs.value[leader],
        voxels=np.bincount(piece, weights=length, minlength=count).astype(np.int64),
        place=(runs.start[leader] + runs.stop[leader] - 1) // 2,
    )


def _equal(runs: Runs, one: Ints, other: Ints) -> tuple[Ints, Ints]:
    same = runs.value[one] == runs.value[other]
    return one[same], other[same]
