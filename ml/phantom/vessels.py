"""Vessels of the chest, the axillae and the breasts. Courses follow textbook anatomy; calibres are chosen by eye."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ml.phantom.build import Breast, Build
from ml.phantom.canvas import Canvas
from ml.phantom.fields import CoarseField, Field, stream
from ml.phantom.tissue import BLOOD, BREAST_VESSEL, LUNG_VESSEL
from ml.phantom.tubes import Point, Segment, branch, chain, paint_tubes, wander


def _path(rng: np.random.Generator, *corners: tuple[float, float, float], sway_mm: float = 1.0) -> list[Point]:
    points: list[Point] = []
    ends = [np.array(corner) for corner in corners]
    for start, end in pairwise(ends):
        points += wander(rng, start, end, sway_mm=sway_mm)
    return points


class Vessels:
    """Every vessel of one patient, drawn once and painted slab by slab."""

    def __init__(self, build: Build, body: CoarseField) -> None:
        rng = stream(build.seed, "vessels")
        self._great = _great_vessels(rng, build.dome_mm)
        self._lung = _lung_vessels(rng)
        self._wall = [tube for side in (-1, 1) for tube in _wall_vessels(rng, build, side)]
        self._breast = [tube for breast in build.breasts for tube in _breast_vessels(rng, breast, body)]

    def paint_chest(self, canvas: Canvas, body: Field, cavity: Field) -> None:
        """Vessels inside the rib cage and along it. body, cavity: distances (N,) in mm."""
        paint_tubes(canvas, self._lung, LUNG_VESSEL, cavity < -2.0)
        paint_tubes(canvas, self._great, BLOOD, cavity < -1.0)
        paint_tubes(canvas, self._wall, BREAST_VESSEL, body < -3.0)

    def paint_breasts(self, canvas: Canvas, body: Field) -> None:
        """Veins and arteries within the breasts. body: distance (N,) in mm."""
        paint_tubes(canvas, self._breast, BREAST_VESSEL, body < -2.6)


def _great_vessels(rng: np.random.Generator, dome_mm: float) -> list[Segment]:
    low = -30.0 + dome_mm
    return [
        *chain(_path(rng, (-130, 152, 12), (-40, 150, 18), (70, 142, 20)), 10.5, 12.0),
        *chain(_path(rng, (8, 92, 2), (38, 88, -8), (75, 104, -4)), 14.5, 13.5),
        *chain(_path(rng, (4, 80, 22), (24, 92, 26), (36, 110, 18)), 13.0, 12.0),
        *chain(_path(rng, (34, 112, 20), (36, 116, -30), (32, 118, -52)), 9.0, 5.0),
        *chain(_path(rng, (34, 110, 20), (36, 122, 46)), 9.5, 5.5),
        *chain(_path(rng, (0, 106, -26), (40, 100, -30), (80, 92, -26)), 9.0, 8.5),
        *chain(_path(rng, (-130, 140, -22), (low, 128, -22), (low + 14, 116, -18)), 11.0, 11.0),
        *chain(_path(rng, (low - 6, 128, -24), (low - 16, 118, -62), (low - 34, 112, -92)), 4.5, 2.0),
        *chain(_path(rng, (low - 6, 126, -24), (low - 26, 96, -40), (low - 44, 80, -52)), 4.0, 2.0),
        *chain(_path(rng, (low - 52, 120, -30), (low - 50, 118, -60), (low - 48, 110, -96)), 5.0, 1.8),
    ]


def _lung_vessels(rng: np.random.Generator) -> list[Segment]:
    tubes: list[Segment] = []
    for side, hilum_x in ((-1, -44.0), (1, 44.0)):
        hilum = np.array([26.0, 118.0, hilum_x])
        for lift, forward in ((0.9, -0.4), (0.5, 0.5), (0.0, -0.8), (-0.1, 0.3), (-0.7, -0.5), (-0.9, 0.5)):
            heading = np.array([lift, forward, 0.75 * side])
            start = hilum + rng.normal(0.0, 4.0, 3)
            tubes += branch(rng, start, heading, length_mm=23.0, radius_mm=3.5, generations=5, spread=0.42)
    return tubes


def _wall_vessels(rng: np.random.Generator, build: Build, side: int) -> list[Segment]:
    wide = build.scale
    inner = [(-100, 49, side * 27), (-20, 45, side * 24), (70, 54, side * 22)]
    vein = [(z, y + 1.0, x - side * 5.0) for z, y, x in inner]
    axilla = [(26, 100, side * 176), (38, 84, side * 140), (56, 82, side * 104), (72, 80, side * 70)]
    partner = [(z - 9.0, y + 4.0, x) for z, y, x in axilla]
    flank = [(46, 84, side * 136 * wide), (0, 66, side * 138 * wide), (-70, 70, side * 143 * wide)]
    tubes = [
        *chain(_path(rng, *inner), 1.2, 1.7),
        *chain(_path(rng, *vein), 1.1, 1.6),
        *chain(_path(rng, *axilla, sway_mm=2.0), 3.2, 3.8),
        *chain(_path(rng, *partner, sway_mm=2.0), 4.2, 5.0),
        *chain(_path(rng, *flank, sway_mm=4.0), 1.9, 0.9),
    ]
    start = np.array([32.0, 88.0, side * 140.0])
    tubes += branch(rng, start, np.array([-0.8, 0.25, 0.2 * side]), length_mm=26.0, radius_mm=1.9, generations=4)
    return tubes


def _breast_vessels(rng: np.random.Generator, breast: Breast, body: CoarseField) -> list[Segment]:
    tubes: list[Segment] = []
    for _ in range(int(rng.integers(4, 8))):
        angle = float(rng.uniform(0.0, 2.0 * np.pi))
        tubes += _under_skin(rng, breast, body, angle, float(rng.uniform(0.8, 1.7)))
    for _ in range(int(rng.integers(3, 6))):
        start = np.array([
            breast.nipple_zyx[0] + rng.normal(0.0, 22.0), breast.base_y_mm - 2.0,
            breast.nipple_zyx[2] - breast.side * rng.uniform(-25.0, 38.0),
        ])  # fmt: skip
        heading = breast.nipple_zyx - start
        tubes += branch(
            rng,
            start,
            heading,
            length_mm=0.3 * breast.length_mm,
            radius_mm=float(rng.uniform(0.7, 1.3)),
            generations=4,
            spread=0.4,
        )
    return tubes


def _under_skin(
    rng: np.random.Generator, breast: Breast, body: CoarseField, angle: float, radius_mm: float
) -> list[Segment]:
    """A vein that climbs from the base towards the nipple, 4 to 9 mm under the skin."""
    depth_mm = float(rng.uniform(4.0, 9.0))
    points = []
    for share in np.linspace(1.0, float(rng.uniform(0.12, 0.4)), 26):
        angle += float(rng.normal(0.0, 0.07))
        centre_z, centre_x = breast.axis_at(np.array([share], dtype=np.float32))
        axis = np.array([centre_z[0], breast.base_y_mm - breast.length_mm * (1.0 - share), centre_x[0]])
        outward = np.array([np.sin(angle), 0.0, np.cos(angle)])
        points.append(axis + outward * _reach(body, axis, outward, depth_mm))
    return chain(points, radius_mm, radius_mm * 0.55)


def _reach(body: CoarseField, axis: Point, outward: Point, depth_mm: float) -> float:
    """How far to go from the axis so that the skin is still `depth_mm` away."""
    steps = np.arange(0.0, 95.0, 2.0)
    under = body.at((axis[:, None] + outward[:, None] * steps).astype(np.float32))
    outside = np.flatnonzero(under > -depth_mm)
    if not outside.size or outside[0] == 0:
        return float(steps[-1] if not outside.size else 0.0)
    last = int(outside[0]) - 1
    return float(steps[last] + 2.0 * (-depth_mm - under[last]) / (under[last + 1] - under[last]))
