"""Axillary lymph nodes: bean-shaped, with a fatty hilum. Counts and sizes are chosen by eye."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.phantom.build import Build
from ml.phantom.canvas import Canvas
from ml.phantom.fields import CoarseField, Noise, ellipsoid_distance, membership, stream
from ml.phantom.tissue import FAT, NODE

_TRIES = 60


@dataclass(frozen=True)
class Node:
    """One node: centre and radii (z, y, x) in mm, and where its hilum lies relative to the centre."""

    centre_zyx: NDArray[np.float64]
    radii_zyx: NDArray[np.float64]
    hilum_zyx: NDArray[np.float64]


class Nodes:
    """Nodes of both axillae."""

    def __init__(self, build: Build, body: CoarseField, cavity: CoarseField) -> None:
        rng = stream(build.seed, "nodes")
        self._noise = Noise(rng)
        self.nodes = tuple(
            node
            for side in (-1, 1)
            for _ in range(int(rng.integers(4, 8)))
            if (node := _place(rng, side, body, cavity)) is not None
        )

    def paint(self, canvas: Canvas) -> None:
        """Paint the cortex, then the hilum into it."""
        for node in self.nodes:
            index, points = canvas.window(node.centre_zyx, node.radii_zyx + 3.0)
            rough = 0.4 * self._noise.at(points, 6.0)
            cortex = ellipsoid_distance(points, node.centre_zyx, node.radii_zyx) + rough
            canvas.paint(index, membership(cortex, canvas.softness_mm), NODE)
            hilum = ellipsoid_distance(points, node.centre_zyx + node.hilum_zyx, node.radii_zyx * 0.42)
            canvas.paint(index, membership(hilum, canvas.softness_mm) * np.float32(0.9), FAT)


def _place(rng: np.random.Generator, side: int, body: CoarseField, cavity: CoarseField) -> Node | None:
    """A node in axillary fat, clear of skin and chest wall; None when the axilla has no room for it."""
    long_mm = float(rng.uniform(5.5, 10.5))
    radii = long_mm * np.array([rng.uniform(0.6, 1.0), rng.uniform(0.5, 0.8), rng.uniform(0.5, 0.8)])
    for _ in range(_TRIES):
        centre = np.array([rng.uniform(-8.0, 48.0), rng.uniform(48.0, 110.0), side * rng.uniform(112.0, 160.0)])
        point = centre[:, None].astype(np.float32)
        if float(body.at(point)[0]) < -long_mm - 5.0 and 14.0 + long_mm < float(cavity.at(point)[0]) < 52.0:
            hilum = rng.normal(0.0, 1.0, 3) * radii * 0.35
            return Node(centre, radii, hilum)
    return None
