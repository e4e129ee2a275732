"""Smooth functions of position: seeded noise, coarse fields sampled finely, and soft membership from a distance."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ml.phantom.size import Axes

Field = NDArray[np.floating]

_NOISE_CELLS = 48
_CELLS_PER_FEATURE = 4.0


def stream(seed: int, name: str) -> np.random.Generator:
    """Random generator of one part of one patient, so that parts do not disturb each other's draws."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def membership(distance_mm: Field, softness_mm: float) -> Field:
    """Share (0 to 1) of a small neighbourhood that lies inside, from the signed distance (negative inside)."""
    return np.asarray(np.clip(0.5 - distance_mm / (2.0 * softness_mm), 0.0, 1.0), dtype=np.float32)


def smooth_minimum(first: Field, second: Field, blend_mm: float) -> Field:
    """Union of two shapes whose seam is rounded over about `blend_mm` (polynomial smooth minimum, Quilez)."""
    h = np.clip(0.5 + 0.5 * (second - first) / blend_mm, 0.0, 1.0)
    return np.asarray(second + (first - second) * h - blend_mm * h * (1.0 - h), dtype=np.float32)


class Noise:
    """Smooth random function of position, unit variance, repeating every 12 features."""

    def __init__(self, rng: np.random.Generator) -> None:
        white = rng.standard_normal((_NOISE_CELLS,) * 3).astype(np.float32)
        smooth = ndimage.gaussian_filter(white, 1.3, mode="wrap")
        self._lattice = (smooth / smooth.std()).astype(np.float32)

    def at(self, points: Field, feature_mm: float) -> Field:
        """Values (N,) at points (3, N); bumps are about `feature_mm` wide."""
        lattice = points * np.float32(_CELLS_PER_FEATURE / feature_mm)
        values = ndimage.map_coordinates(self._lattice, lattice, order=1, mode="grid-wrap", output=np.float32)
        return np.asarray(values, dtype=np.float32)


@dataclass(frozen=True)
class CoarseField:
    """Values (Z, Y, X) on a coarse grid in mm, read finely through cubic B-splines (smooth, linear-exact)."""

    axes: Axes
    values: Field

    def on(self, axes: Axes) -> Field:
        """Values (Z, Y, X) on a finer grid inside this one."""
        result = self.values
        for axis, (coarse, fine) in enumerate(((self.axes.z, axes.z), (self.axes.y, axes.y), (self.axes.x, axes.x))):
            result = np.moveaxis(np.tensordot(_spline_weights(coarse, fine), result, axes=(1, axis)), 0, axis)
        return np.ascontiguousarray(result, dtype=np.float32)

    def at(self, points: Field) -> Field:
        """Values (N,) at scattered points (3, N), linearly interpolated; the border value beyond the grid."""
        lines = (self.axes.z, self.axes.y, self.axes.x)
        lattice = np.stack([(p - line[0]) / (line[1] - line[0]) for p, line in zip(points, lines, strict=True)])
        values = ndimage.map_coordinates(self.values, lattice, order=1, mode="nearest", output=np.float32)
        return np.asarray(values, dtype=np.float32)


def _spline_weights(coarse: NDArray[np.float32], fine: NDArray[np.float32]) -> Field:
    step = float(coarse[1] - coarse[0])
    u = np.abs((fine[:, None] - coarse[None, :]) / step)
    inner = 2.0 / 3.0 - u**2 + u**3 / 2.0
    outer = np.clip(2.0 - u, 0.0, None) ** 3 / 6.0
    return np.asarray(np.where(u < 1.0, inner, outer), dtype=np.float32)


def coarse_axes(fine: Axes, step_mm: float) -> Axes:
    """Coarse grid that covers a finer one with two cells to spare, anchored to multiples of the step."""
    spans = []
    for line in (fine.z, fine.y, fine.x):
        low = np.floor(float(line[0]) / step_mm) - 2
        high = np.ceil(float(line[-1]) / step_mm) + 2
        spans.append((np.arange(low, high + 1) * step_mm).astype(np.float32))
    return Axes(*spans)


def broad_noise(rng: np.random.Generator, axes: Axes, feature_mm: float) -> CoarseField:
    """Unit-variance noise with bumps about `feature_mm` wide on a grid of a quarter of that: cheap over whole slabs."""
    coarse = coarse_axes(axes, feature_mm / 4.0)
    z, y, x = np.meshgrid(coarse.z, coarse.y, coarse.x, indexing="ij")
    values = Noise(rng).at(np.stack([z.ravel(), y.ravel(), x.ravel()]), feature_mm)
    return CoarseField(coarse, values.reshape(z.shape))


def distance_from_level(level: Field, step_mm: float) -> Field:
    """First-order signed distance in mm to the zero surface of a level function (Z, Y, X) on an even grid."""
    slopes = np.gradient(level, step_mm)
    steepness = np.sqrt(sum(slope**2 for slope in slopes))
    return np.asarray(level / np.maximum(steepness, 1e-4), dtype=np.float32)


def ellipsoid_distance(points: Field, centre_zyx: NDArray[np.float64], radii_zyx: NDArray[np.float64]) -> Field:
    """First-order signed distance (N,) in mm of points (3, N) to an axis-aligned ellipsoid."""
    scaled = (points - centre_zyx[:, None].astype(np.float32)) / radii_zyx[:, None].astype(np.float32)
    k0 = np.sqrt((scaled**2).sum(axis=0))
    k1 = np.sqrt(((scaled / radii_zyx[:, None].astype(np.float32)) ** 2).sum(axis=0))
    return np.asarray(k0 * (k0 - 1.0) / np.maximum(k1, 1e-6), dtype=np.float32)
