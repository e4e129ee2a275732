"""The whole patient, painted tissue by tissue into a slab."""

from __future__ import annotations

import numpy as np

from ml.phantom.body import body_distance, cavity_distance
from ml.phantom.build import Build
from ml.phantom.canvas import Canvas
from ml.phantom.chest import ChestWall
from ml.phantom.fields import Field, Noise, broad_noise, membership, stream
from ml.phantom.gland import Gland
from ml.phantom.implants import paint_implants
from ml.phantom.lesions import Lesions
from ml.phantom.nodes import Nodes
from ml.phantom.organs import Organs
from ml.phantom.size import Axes
from ml.phantom.tissue import FAT, SKIN
from ml.phantom.vessels import Vessels


class Scene:
    """Anatomy of one patient in mm, independent of any sampling but for the pitch of the duct tree."""

    def __init__(self, build: Build, axes: Axes, duct_pitch_mm: float) -> None:
        self.build = build
        self.body = body_distance(build, axes)
        self.cavity = cavity_distance(build, axes)
        self.nodes = Nodes(build, self.body, self.cavity)
        self.lesions = Lesions(build, self.body, self.cavity)
        self._noise = Noise(stream(build.seed, "fat"))
        self._broad = broad_noise(stream(build.seed, "broad fat"), axes, 24.0)
        self._glands = tuple(Gland(build, breast, duct_pitch_mm) for breast in build.breasts)
        self._vessels = Vessels(build, self.body)
        self._chest = ChestWall(build)
        self._organs = Organs(build)

    def paint(self, canvas: Canvas) -> None:
        """Paint everything from the fat outward and inward; later tissues cover earlier ones."""
        body = self.body.on(canvas.axes).ravel()
        cavity = self.cavity.on(canvas.axes).ravel()
        self._fat_and_skin(canvas, body)
        for gland in self._glands:
            gland.paint(canvas, body, cavity)
        self._vessels.paint_breasts(canvas, body)
        paint_implants(self.build, canvas, body, cavity)
        self._chest.paint(canvas, body, cavity)
        self._organs.paint(canvas, cavity)
        self._vessels.paint_chest(canvas, body, cavity)
        self.nodes.paint(canvas)
        self.lesions.paint(canvas, body, cavity)

    def _fat_and_skin(self, canvas: Canvas, body: Field) -> None:
        index = np.flatnonzero(body < canvas.softness_mm)
        fine = self._noise.at(canvas.axes.points(index), 3.6)
        texture = 1.0 + 0.10 * self._broad.on(canvas.axes).ravel()[index] + 0.09 * fine
        canvas.paint(index, membership(body[index], canvas.softness_mm), FAT, texture)
        near = np.flatnonzero(np.abs(body + self.build.skin_mm / 2) < self.build.skin_mm / 2 + canvas.softness_mm)
        shell = np.abs(body[near] + self.build.skin_mm / 2) - self.build.skin_mm / 2
        canvas.paint(near, membership(shell, canvas.softness_mm), SKIN)
