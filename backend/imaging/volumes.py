"""Pixels of a stored volume, for exports and learning."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from backend.core.errors import NotFound
from backend.imaging.models import Phase, Volume
from backend.imaging.stored import load_slices


def read_phase(volume: Volume, index: int) -> NDArray[np.float32]:
    """Scanner values (Z, Y, X) of one phase. Raises NotFound when the volume has no such phase or a blob is gone."""
    return read_phases(volume, [index])[index]


def read_phases(volume: Volume, indices: Iterable[int]) -> dict[int, NDArray[np.float32]]:
    """Scanner values (Z, Y, X) by phase index, with one query. Raises NotFound as `read_phase`."""
    wanted = list(indices)
    phases = {phase.index: phase for phase in volume.phases.filter(index__in=wanted)}
    for index in wanted:
        if index not in phases:
            raise NotFound(f"Volume {volume.pk} has no phase {index}.")
    return {index: _scanner_values(phases[index], volume.shape_zyx) for index in wanted}


def _scanner_values(phase: Phase, shape_zyx: tuple[int, int, int]) -> NDArray[np.float32]:
    values = load_slices(phase, shape_zyx, 0, shape_zyx[0]).astype(np.float32)
    if (phase.slope, phase.intercept) != (1.0, 0.0):
        values *= np.float32(phase.slope)
        values += np.float32(phase.intercept)
    return values
