"""Chest wall: muscles, ribs with their cartilage, sternum and spine, placed by distance from the rib cage's inside."""

from __future__ import annotations

import numpy as np

from ml.phantom.build import Build
from ml.phantom.canvas import Canvas, Index
from ml.phantom.fields import Field, Noise, ellipsoid_distance, membership, stream
from ml.phantom.tissue import CARTILAGE, FAT, MARROW, MUSCLE, Tissue

_WALL_MM = 9.5
_RIB_PITCH_MM = 26.0


class ChestWall:
    """Painter of everything between the pleura and the subcutaneous fat."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._noise = Noise(stream(build.seed, "chest wall"))
        self._rib_offset_mm = float(stream(build.seed, "ribs").uniform(0.0, _RIB_PITCH_MM))

    def paint(self, canvas: Canvas, body: Field, cavity: Field) -> None:
        """Paint from the inside outward. body, cavity: distances (N,) in mm."""
        index = np.flatnonzero((cavity > -2.0) & (cavity < 45.0) & (body < -1.0))
        points = canvas.axes.points(index)
        depth = cavity[index] + 0.5 * self._noise.at(points, 24.0)
        grain = self._grain(points)
        self._wall(canvas, index, points, depth, grain)
        self._ribs(canvas, index, points, depth)
        self._pectorals(canvas, index, points, depth, grain, body[index])
        self._flank(canvas, index, points, depth + 1.8 * self._noise.at(points, 48.0), grain)
        self._sternum(canvas, index, points, depth)
        self._spine(canvas)

    def _layer(
        self, canvas: Canvas, index: Index, distance: Field, tissue: Tissue, texture: Field | float = 1.0
    ) -> None:
        near = distance < canvas.softness_mm
        shade = texture[near] if isinstance(texture, np.ndarray) else texture
        canvas.paint(index[near], membership(distance[near], canvas.softness_mm), tissue, shade)

    def _wall(self, canvas: Canvas, index: Index, points: Field, depth: Field, grain: Field) -> None:
        shell = np.maximum(0.8 - depth, depth - _WALL_MM + 1.0)
        self._layer(canvas, index, shell, MUSCLE, grain)
        plane = np.abs(depth - 5.0 - 0.8 * self._noise.at(points, 15.0)) - 0.5
        self._layer(canvas, index, plane, FAT, 0.8)

    def _ribs(self, canvas: Canvas, index: Index, points: Field, depth: Field) -> None:
        z, y, x = points
        around = np.arctan2(np.abs(x), 137.0 - y)
        climb = -20.0 * np.minimum(around / 0.8, 1.0) + 26.0 * np.clip(around - 0.8, 0.0, None)
        phase = (z - climb - self._rib_offset_mm) / _RIB_PITCH_MM
        above = (phase - np.round(phase)) * _RIB_PITCH_MM
        rib = (np.sqrt((above / 6.0) ** 2 + ((depth - 5.0) / 3.6) ** 2) - 1.0) * 3.6
        self._layer(canvas, index, rib - 1.2, MUSCLE, 0.35)
        self._layer(canvas, index, rib, MARROW, 1.0 + 0.12 * self._noise.at(points, 9.0))
        front = np.maximum(rib, (around - 0.42 - 0.05 * np.round(phase)) * 90.0)
        self._layer(canvas, index, front, CARTILAGE)

    def _pectorals(self, canvas: Canvas, index: Index, points: Field, depth: Field, grain: Field, body: Field) -> None:
        z, _, x = points
        lateral = np.abs(x)
        fan = np.clip((z + 62.0) / 50.0, 0.0, 1.25)
        fade = np.clip((lateral - 9.0) / 10.0, 0.0, 1.0) * np.clip((118.0 + 0.4 * z - lateral) / 22.0, 0.0, 1.0)
        thick = self._build.muscle_mm * np.sqrt(fan * fade) + 1.2 * self._noise.at(points, 40.0) * fade
        lift = _WALL_MM + 1.5 + 6.0 * np.clip((lateral - 55.0) / 40.0, 0.0, 1.0) * np.clip((z + 20.0) / 30.0, 0.0, 1.0)
        major = np.maximum(np.maximum(lift - depth, depth - lift - thick), body + 5.0)
        self._layer(canvas, index, np.where(thick > 0.8, major, 9.0), MUSCLE, grain)
        minor_thick = 5.0 * np.clip((z + 10.0) / 25.0, 0.0, 1.0) * np.clip((lateral - 58.0) / 12.0, 0.0, 1.0)
        minor_thick = minor_thick * np.clip((108.0 - lateral) / 12.0, 0.0, 1.0)
        minor = np.maximum(_WALL_MM + 0.8 - depth, depth - _WALL_MM - 0.8 - minor_thick)
        self._layer(canvas, index, np.where(minor_thick > 0.8, minor, 9.0), MUSCLE, grain)

    def _flank(self, canvas: Canvas, index: Index, points: Field, depth: Field, grain: Field) -> None:
        z, y, x = points
        behind = np.clip((y - 104.0 - 0.3 * z - 8.0 * self._noise.at(points, 50.0)) / 30.0, 0.0, 1.0)
        serratus_mm = (7.0 + 2.5 * self._noise.at(points, 30.0)) * np.clip((y - 76.0) / 25.0, 0.0, 1.0)
        serratus = np.maximum(_WALL_MM + 0.6 - depth, depth - _WALL_MM - serratus_mm)
        self._layer(canvas, index, np.where(serratus_mm > 0.8, serratus, 9.0), MUSCLE, grain)
        latissimus = np.maximum(_WALL_MM + 12.0 - depth, depth - _WALL_MM - 12.0 - 13.0 * np.sqrt(behind))
        self._layer(canvas, index, np.where(behind > 0.1, latissimus, 9.0), MUSCLE, grain)
        rectus_mm = 7.0 * np.clip((-62.0 - z) / 20.0, 0.0, 1.0) * np.clip((58.0 - np.abs(x)) / 15.0, 0.0, 1.0)
        rectus = np.maximum(_WALL_MM - 0.5 - depth, depth - _WALL_MM - rectus_mm)
        wanted = (rectus_mm > 0.8) & (np.abs(x) > 4.0) & (y < 90.0)
        self._layer(canvas, index, np.where(wanted, rectus, 9.0), MUSCLE, grain)

    def _sternum(self, canvas: Canvas, index: Index, points: Field, depth: Field) -> None:
        z, y, x = points
        half_width = np.clip(
            15.0 + 0.16 * np.clip(z - 10.0, 0.0, None) - 0.30 * np.clip(-45.0 - z, 0.0, None), 0.0, 24.0
        )
        edge = np.maximum(np.abs(x) - half_width, 0.0)
        plate = np.sqrt(edge**2 + np.maximum(np.abs(depth - 5.8) - 2.6, 0.0) ** 2) - 2.4
        wanted = (half_width > 4.0) & (y < 90.0)
        self._layer(canvas, index, np.where(wanted, plate - 0.9, 9.0), MUSCLE, 0.3)
        self._layer(canvas, index, np.where(wanted, plate, 9.0), MARROW, 1.25 + 0.15 * self._noise.at(points, 7.0))

    def _spine(self, canvas: Canvas) -> None:
        for height in np.arange(-128.0, 80.0, 27.0):
            centre = np.array([height, 186.0, 0.0])
            index, points = canvas.window(centre, np.array([14.0, 24.0, 26.0]))
            distance = ellipsoid_distance(points, centre, np.array([12.5, 19.0, 21.0]))
            self._layer(canvas, index, distance, MARROW, 1.1)

    def _grain(self, points: Field) -> Field:
        stretched = points * np.array([[0.5], [2.2], [0.6]], dtype=np.float32)
        return np.asarray(1.0 + 0.10 * self._noise.at(stretched, 7.0), dtype=np.float32)
