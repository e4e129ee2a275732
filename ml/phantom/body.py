"""Outer shape and thoracic cavity: signed distances in mm, negative inside, smooth enough for a coarse grid."""

from __future__ import annotations

import numpy as np

from ml.phantom.build import Breast, Build
from ml.phantom.fields import CoarseField, Field, broad_noise, coarse_axes, distance_from_level, smooth_minimum, stream
from ml.phantom.size import Axes

_STEP_MM = 3.0
_INNER_FRONT_Y_MM = 47.0
"""Where the inner chest wall meets the midline, in the phantom's coordinates."""


def body_distance(build: Build, axes: Axes) -> CoarseField:
    """Distance to the skin's outside: trunk, shoulders and both breasts, blended."""
    coarse = coarse_axes(axes, _STEP_MM)
    z, y, x = (line.astype(np.float32) for line in np.meshgrid(coarse.z, coarse.y, coarse.x, indexing="ij"))
    shape = distance_from_level(_trunk(build, z, y, x), _STEP_MM)
    for breast in build.breasts:
        shape = smooth_minimum(shape, distance_from_level(_breast(breast, z, y, x), _STEP_MM), 16.0)
        shape = smooth_minimum(shape, _nipple(breast, z, y, x), 5.0)
    broad = broad_noise(stream(build.seed, "body surface"), coarse, 60.0).on(coarse)
    small = broad_noise(stream(build.seed, "skin surface"), coarse, 24.0).on(coarse)
    return CoarseField(coarse, shape + 1.7 * broad + 0.5 * small)


def cavity_distance(build: Build, axes: Axes) -> CoarseField:
    """Distance to the inside of the rib cage, which holds lungs, heart and upper abdomen."""
    coarse = coarse_axes(axes, _STEP_MM)
    z, y, x = (line.astype(np.float32) for line in np.meshgrid(coarse.z, coarse.y, coarse.x, indexing="ij"))
    half_width = build.scale * (130.0 - 0.0022 * np.clip(z + 40.0, 0.0, None) ** 2)
    half_depth = build.scale * 92.0
    front = _INNER_FRONT_Y_MM + 0.10 * np.clip(z, 0.0, None) + 0.03 * np.clip(-60.0 - z, 0.0, None)
    level = (np.abs(x) / half_width) ** 2.3 + (np.abs(y - front - half_depth) / half_depth) ** 2.3 - 1.0
    return CoarseField(coarse, distance_from_level(level.astype(np.float32), _STEP_MM))


def _trunk(build: Build, z: Field, y: Field, x: Field) -> Field:
    shoulder = np.clip(z - 5.0, 0.0, None)
    half_width = build.scale * (172.0 + 0.5 * shoulder)
    half_depth = 118.0 + 0.10 * shoulder
    front = _INNER_FRONT_Y_MM - 19.0 - build.presternal_mm + 0.06 * np.clip(z, 0.0, None)
    front = front - 0.0016 * np.clip(-70.0 - z, 0.0, None) ** 2 + 4.0 * np.exp(-((x / 12.0) ** 2))
    return np.asarray(
        (np.abs(x) / half_width) ** 2.4 + (np.abs(y - front - half_depth) / half_depth) ** 2.4 - 1.0, dtype=np.float32
    )


def _breast(breast: Breast, z: Field, y: Field, x: Field) -> Field:
    depth = 1.0 - np.clip((breast.base_y_mm - y) / breast.length_mm, 0.0, None)
    centre_z, centre_x = breast.axis_at(depth)
    across = (np.abs(x - centre_x) / breast.half_width_mm) ** 2.2
    along = (np.abs(z - centre_z) / breast.half_height_mm) ** 2.2
    return np.asarray((across + along) ** 1.15 + (1.0 - depth) ** 2.7 - 1.0, dtype=np.float32)


def _nipple(breast: Breast, z: Field, y: Field, x: Field) -> Field:
    nipple_z, nipple_y, nipple_x = breast.nipple_zyx
    away = (z - nipple_z) ** 2 + (y - nipple_y - 0.5) ** 2 + (x - nipple_x) ** 2
    return np.asarray(np.sqrt(away) - 5.0, dtype=np.float32)
