"""Real values as int16 with one slope and intercept. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = -(2**15), 2**15 - 1
STEPS = HIGHEST - LOWEST


@dataclass(frozen=True)
class Scale:
    """stored × slope + intercept = value.

    A value within the range that the scale was made for is off by at most slope / 2, and by nothing where all values
    are whole numbers that int16 can hold or that span at most 65,535.
    """

    slope: float
    intercept: float

    def stored(self, values: NDArray[np.float32]) -> NDArray[np.int16]:
        """Nearest stored values."""
        steps = (values.astype(np.float64) - self.intercept) / self.slope
        return np.clip(np.rint(steps), LOWEST, HIGHEST).astype(np.int16)


def scale_for(low: float, high: float, *, whole: bool) -> Scale:
    """Scale for values from low to high; whole: all of them are whole numbers."""
    if whole and high - low <= STEPS:
        inside = low >= LOWEST and high <= HIGHEST
        return Scale(1.0, 0.0 if inside else low - LOWEST)
    slope = (high - low) / STEPS or 1.0
    return Scale(slope, low - LOWEST * slope)
