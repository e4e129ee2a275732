"""Contents of the rib cage: lungs, heart with its chambers, liver dome, spleen and stomach."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.phantom.build import Build
from ml.phantom.canvas import Canvas, Index
from ml.phantom.fields import Field, Noise, ellipsoid_distance, membership, smooth_minimum, stream
from ml.phantom.tissue import HEART_BLOOD, LIVER, LUNG, MEDIASTINUM, MYOCARDIUM, SPLEEN, STOMACH, Tissue

Grain = tuple[tuple[float, float], ...]


def _zyx(z: float, y: float, x: float) -> NDArray[np.float64]:
    return np.array([z, y, x])


class Organs:
    """Painter of the thorax and the upper abdomen. Positions and sizes are chosen by eye."""

    def __init__(self, build: Build) -> None:
        rng = stream(build.seed, "organs")
        self._noise = Noise(rng)
        self._dome_mm = build.dome_mm
        self._heart_zyx = _zyx(-19.0 + 0.5 * build.dome_mm, 93.0, 20.0) + rng.normal(0.0, 3.0, 3)
        self._heart_size = float(rng.uniform(0.86, 1.02))
        self._turn = _turn(float(rng.normal(38.0, 6.0)), float(rng.normal(28.0, 5.0)))

    def paint(self, canvas: Canvas, cavity: Field) -> None:
        """Fill the rib cage. cavity: distance (N,) in mm."""
        index = np.flatnonzero(cavity < canvas.softness_mm)
        points = canvas.axes.points(index)
        inside = cavity[index]
        rough = self._noise.at(points, 45.0) * 2.5
        self._fill(canvas, index, inside, LUNG, ((0.25, 12.0),))
        self._mediastinum(canvas, index, points, inside, rough)
        self._abdomen(canvas, index, points, inside, rough)
        self._heart(canvas, index, points, inside, rough)

    def _fill(
        self, canvas: Canvas, index: Index, distance: Field, tissue: Tissue, grain: Grain = (), shade: float = 1.0
    ) -> None:
        """Paint where the distance is negative. grain: (share, width in mm) of each scale of texture."""
        near = np.flatnonzero(distance < canvas.softness_mm)
        points = canvas.axes.points(index[near])
        texture = shade + sum(share * self._noise.at(points, width_mm) for share, width_mm in grain)
        canvas.paint(index[near], membership(distance[near], canvas.softness_mm), tissue, texture)

    def _mediastinum(self, canvas: Canvas, index: Index, points: Field, inside: Field, rough: Field) -> None:
        pad = ellipsoid_distance(points, self._heart_zyx + _zyx(0.0, -3.0, 0.0), _zyx(56.0, 48.0, 62.0))
        column = ellipsoid_distance(points, _zyx(60.0, 103.0, 2.0), _zyx(75.0, 56.0, 34.0))
        spine = ellipsoid_distance(points, _zyx(0.0, 178.0, 4.0), _zyx(400.0, 42.0, 32.0))
        fat = np.minimum(smooth_minimum(pad, column, 10.0), spine) + 0.6 * rough
        self._fill(canvas, index, np.maximum(fat, inside + 0.5), MEDIASTINUM, ((0.3, 9.0),), 0.85)

    def _abdomen(self, canvas: Canvas, index: Index, points: Field, inside: Field, rough: Field) -> None:
        up = self._dome_mm
        below = ellipsoid_distance(points, _zyx(-136.0 + up, 115.0, 62.0), _zyx(82.0, 82.0, 72.0))
        self._fill(canvas, index, np.maximum(below, inside + 3.0), MEDIASTINUM, ((0.35, 14.0), (0.2, 6.0)), 0.9)
        stomach = ellipsoid_distance(points, _zyx(-106.0 + up, 98.0, 62.0), _zyx(40.0, 34.0, 36.0)) + rough
        self._fill(canvas, index, np.maximum(stomach, inside + 4.0), STOMACH, ((0.5, 25.0), (0.2, 8.0)))
        spleen = ellipsoid_distance(points, _zyx(-108.0 + up, 155.0, 98.0), _zyx(42.0, 36.0, 24.0)) + rough
        self._fill(canvas, index, np.maximum(spleen, inside + 4.0), SPLEEN)
        right = ellipsoid_distance(points, _zyx(-112.0 + up, 118.0, -60.0), _zyx(84.0, 80.0, 80.0))
        left = ellipsoid_distance(points, _zyx(-122.0 + up, 84.0, 4.0), _zyx(56.0, 38.0, 72.0))
        liver = np.maximum(smooth_minimum(right, left, 14.0) + rough, inside + 3.5)
        self._fill(canvas, index, liver, LIVER, ((0.05, 16.0), (0.05, 6.0)))

    def _heart(self, canvas: Canvas, index: Index, points: Field, inside: Field, rough: Field) -> None:
        near = np.flatnonzero(
            np.abs(points - self._heart_zyx[:, None].astype(np.float32)).max(axis=0) < 90.0 * self._heart_size
        )
        index, inside, rough = index[near], inside[near], rough[near]
        own = points[:, near]
        local = self._turn @ (own - self._heart_zyx[:, None].astype(np.float32)) / np.float32(self._heart_size)
        local = local + np.stack([2.6 * self._noise.at(own + 200.0 * n, 34.0) for n in range(3)])
        ventricles = ellipsoid_distance(local, _zyx(0.0, 1.0, 8.0), _zyx(40.0, 39.0, 52.0))
        atria = ellipsoid_distance(local, _zyx(4.0, 6.0, -30.0), _zyx(36.0, 42.0, 26.0))
        outer = np.maximum(smooth_minimum(ventricles, atria, 7.0) + 0.4 * rough, inside + 3.0)
        flow = ((0.07, 20.0), (0.04, 6.0))
        ragged = 1.0 * self._noise.at(own, 7.0)
        self._fill(canvas, index, outer, MYOCARDIUM)
        self._fill(canvas, index, outer + 1.8 + 0.5 * ragged, HEART_BLOOD, flow)
        wall = ellipsoid_distance(local, _zyx(2.0, 9.0, 20.0), _zyx(29.0, 25.0, 38.0)) + 0.3 * rough
        self._fill(canvas, index, np.maximum(wall, outer), MYOCARDIUM, ((0.06, 7.0),))
        chamber = ellipsoid_distance(local, _zyx(2.0, 9.0, 16.0), _zyx(20.0, 16.0, 32.0)) + rough + 1.6 * ragged
        self._fill(canvas, index, np.maximum(chamber, outer + 2.0), HEART_BLOOD, flow)
        valve = (
            np.abs(local[2] + 13.0 + 0.1 * local[1]) - 0.9 - np.clip((np.abs(local[1] - 6.0) - 22.0) / 5.0, 0.0, 3.0)
        )
        gap = np.maximum(np.maximum(valve, outer - 1.0), 18.0 - np.abs(local[1] - 6.0))
        self._fill(canvas, index, gap, MYOCARDIUM, (), 0.5)


def _turn(yaw_deg: float, pitch_deg: float) -> NDArray[np.float32]:
    """Rotation (3, 3) of (z, y, x) that lays the heart's long axis, its own x, to the left, front and below."""
    yaw, pitch = np.deg2rad(yaw_deg), np.deg2rad(pitch_deg)
    long_axis = np.array([-np.sin(pitch), -np.sin(yaw) * np.cos(pitch), np.cos(yaw) * np.cos(pitch)])
    short = np.cross(long_axis, np.array([1.0, 0.0, 0.0]))
    short /= np.linalg.norm(short)
    return np.stack([np.cross(short, long_axis), short, long_axis]).astype(np.float32)
