"""Breast implants: a smooth shell between gland and chest wall, dark on fat-saturated T1. Sizes are chosen by eye."""

from __future__ import annotations

import numpy as np

from ml.phantom.build import Breast, Build
from ml.phantom.canvas import Canvas
from ml.phantom.fields import Field, Noise, ellipsoid_distance, membership, stream
from ml.phantom.tissue import IMPLANT, MEMBRANE


def paint_implants(build: Build, canvas: Canvas, body: Field, cavity: Field) -> None:
    """Paint the implant of each side that has one. body, cavity: distances (N,) in mm over the slab."""
    for breast in build.breasts:
        if breast.side in build.implants:
            _paint(build, breast, canvas, body, cavity)


def _paint(build: Build, breast: Breast, canvas: Canvas, body: Field, cavity: Field) -> None:
    rng = stream(build.seed, f"implant {breast.side}")
    radii = np.array([rng.uniform(50.0, 58.0), rng.uniform(27.0, 33.0), rng.uniform(46.0, 52.0)])
    centre = np.array([
        breast.nipple_zyx[0] + breast.lean_zx[0], breast.base_y_mm - 0.55 * radii[1],
        breast.nipple_zyx[2] + breast.lean_zx[1],
    ])  # fmt: skip
    index, points = canvas.window(centre, radii + 6.0)
    wrinkle = 1.2 * Noise(rng).at(points, 34.0)
    shell = ellipsoid_distance(points, centre, radii) + wrinkle
    shell = np.maximum(np.maximum(shell, 13.0 + 0.6 * build.muscle_mm - cavity[index]), body[index] + 8.0)
    canvas.paint(index, membership(shell - 1.2, canvas.softness_mm), MEMBRANE, 1.6)
    canvas.paint(index, membership(shell, canvas.softness_mm), IMPLANT)
