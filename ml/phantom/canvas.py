"""What tissues are painted on: water and fat signal per phase, and the label of the topmost tissue."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.phantom.fields import CoarseField, Field
from ml.phantom.size import Axes
from ml.phantom.tissue import Tissue

Index = NDArray[np.intp]

_OPPOSITION = 0.55
"""How far water and fat cancel where they share a voxel: minus the cosine of their phase angle, chosen by eye."""


class Canvas:
    """A slab of the patient. water (P, N) and fat (N,) signal and label (N,) over the flat points of `axes`.

    A tissue covers what lies below by its membership; a point's label is that of the last tissue to fill more than
    half of it, which for tissues that follow one another is the one with the highest membership.
    """

    def __init__(self, axes: Axes, seconds: tuple[float, ...], softness_mm: float) -> None:
        self.axes = axes
        self.seconds = seconds
        self.softness_mm = softness_mm
        count = int(np.prod(axes.shape))
        self.water = np.zeros((len(seconds), count), dtype=np.float32)
        self.fat = np.zeros(count, dtype=np.float32)
        self.label = np.zeros(count, dtype=np.uint8)

    def paint(self, index: Index, weight: Field, tissue: Tissue, texture: Field | float = 1.0) -> None:
        """Cover the points `index` (N,) by `weight` (N,) of a tissue whose brightness varies by `texture`."""
        keep = 1.0 - weight
        shade = weight * texture
        for phase, seconds in enumerate(self.seconds):
            lower = self.water[phase, index] * keep
            self.water[phase, index] = lower if tissue.fat else lower + shade * np.float32(tissue.signal(seconds))
        above = shade * np.float32(tissue.signal(-1.0)) if tissue.fat else 0.0
        self.fat[index] = self.fat[index] * keep + above
        self.label[index[weight > 0.5]] = tissue.label

    def window(self, centre_zyx: NDArray[np.float64], reach_mm: float | NDArray[np.float64]) -> tuple[Index, Field]:
        """Flat indices (N,) and coordinates (3, N) of the points within a box; none when it misses the slab."""
        spans, lines = [], (self.axes.z, self.axes.y, self.axes.x)
        for line, middle, reach in zip(lines, centre_zyx, np.broadcast_to(reach_mm, 3), strict=True):
            low, high = line.searchsorted((middle - reach, middle + reach))
            spans.append(slice(low, high))
        z, y, x = (np.arange(span.start, span.stop) for span in spans)
        _, rows, columns = self.axes.shape
        index = ((z[:, None] * rows + y)[:, :, None] * columns + x).ravel()
        points = np.empty((3, z.size, y.size, x.size), dtype=np.float32)
        points[0] = lines[0][spans[0], None, None]
        points[1] = lines[1][None, spans[1], None]
        points[2] = lines[2][None, None, spans[2]]
        return index, points.reshape(3, -1)

    def signal(self, residual: CoarseField) -> Field:
        """Magnitude (P, Z, Y, X): water and what is left of fat, nearly opposed in phase at the short echo time."""
        fat = self.fat * residual.on(self.axes).ravel()
        squared = self.water**2 + fat**2 - 2.0 * _OPPOSITION * self.water * fat
        return np.asarray(np.sqrt(np.clip(squared, 0.0, None))).reshape(-1, *self.axes.shape)

    def labels(self) -> NDArray[np.uint8]:
        """Labels (Z, Y, X)."""
        return self.label.reshape(self.axes.shape)
