"""Tapered tubes: chains of short cones that make vessels, ducts and spicules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.phantom.canvas import Canvas, Index
from ml.phantom.fields import membership
from ml.phantom.tissue import Tissue

Point = NDArray[np.float64]


@dataclass(frozen=True)
class Segment:
    """A cone from `start` to `end` (z, y, x) in mm, with a radius in mm at both ends."""

    start: Point
    end: Point
    start_radius_mm: float
    end_radius_mm: float


def chain(points: Iterable[Point], first_radius_mm: float, last_radius_mm: float) -> list[Segment]:
    """Segments through points, tapering evenly from the first radius to the last."""
    line = list(points)
    radii = np.linspace(first_radius_mm, last_radius_mm, len(line))
    return [Segment(line[n], line[n + 1], float(radii[n]), float(radii[n + 1])) for n in range(len(line) - 1)]


def wander(rng: np.random.Generator, start: Point, end: Point, *, sway_mm: float, step_mm: float = 6.0) -> list[Point]:
    """Points of a winding path between two ends; it strays about `sway_mm` from the straight line."""
    count = max(3, int(np.linalg.norm(end - start) / step_mm))
    share = np.linspace(0.0, 1.0, count + 1)
    waves = sum(rng.normal(0.0, sway_mm / k, 3)[None, :] * np.sin(np.pi * k * share)[:, None] for k in (1, 2, 3, 5))
    return list(start + share[:, None] * (end - start) + waves)


def branch(
    rng: np.random.Generator,
    start: Point,
    direction: Point,
    *,
    length_mm: float,
    radius_mm: float,
    generations: int,
    spread: float = 0.55,
) -> list[Segment]:
    """A tree that forks at the end of every branch; radii shrink by Murray's law (cubes add up), lengths by 0.8."""
    heading = direction / np.linalg.norm(direction)
    middle = start + heading * length_mm / 2 + rng.normal(0.0, 0.08 * length_mm, 3)
    end = start + heading * length_mm + rng.normal(0.0, 0.08 * length_mm, 3)
    tree = chain((start, middle, end), radius_mm, radius_mm * 0.9)
    if generations <= 1:
        return tree
    for share in (0.62, 0.38):
        turned = heading + rng.normal(0.0, spread, 3)
        tree += branch(
            rng,
            end,
            turned,
            length_mm=length_mm * float(rng.uniform(0.65, 0.95)),
            radius_mm=radius_mm * float(np.cbrt(share)),
            generations=generations - 1,
            spread=spread,
        )
    return tree


def paint_tubes(canvas: Canvas, tubes: Iterable[Segment], tissue: Tissue, allowed: NDArray[np.bool_]) -> None:
    """Paint every segment that touches the slab, where `allowed` (N,). Thin tubes keep their share of a point."""
    cover = np.zeros(allowed.size, dtype=np.float32)
    for tube in tubes:
        index, weight = _footprint(canvas, tube)
        cover[index] = np.maximum(cover[index], weight)
    hit = np.flatnonzero((cover > 0.0) & allowed)
    canvas.paint(hit, cover[hit], tissue)


def _footprint(canvas: Canvas, tube: Segment) -> tuple[Index, NDArray[np.floating]]:
    """Points around a tube, and how much of each it fills."""
    soft = canvas.softness_mm
    wide = max(tube.start_radius_mm, tube.end_radius_mm)
    index, points = canvas.window((tube.start + tube.end) / 2, np.abs(tube.end - tube.start) / 2 + wide + soft)
    thin = min(1.0, (wide / soft) ** 2 * 1.5)
    return index, membership(_distance(points, tube), soft) * np.float32(thin)


def _distance(points: NDArray[np.float32], tube: Segment) -> NDArray[np.float32]:
    axis = tube.end - tube.start
    away = points - tube.start[:, None].astype(np.float32)
    share = np.clip(axis.astype(np.float32) @ away / max(float(axis @ axis), 1e-6), 0.0, 1.0)
    gap = np.linalg.norm(away - axis[:, None].astype(np.float32) * share, axis=0)
    radius = tube.start_radius_mm + (tube.end_radius_mm - tube.start_radius_mm) * share
    return np.asarray(gap - radius, dtype=np.float32)
