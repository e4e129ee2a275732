"""Fibroglandular tissue: a lobed body behind the nipple, a branching tree of ducts, and Cooper's ligaments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ml.phantom.build import Breast, Build
from ml.phantom.canvas import Canvas, Index
from ml.phantom.fields import CoarseField, Field, Noise, stream
from ml.phantom.size import Axes
from ml.phantom.tissue import DUCT, MEMBRANE, Label, Tissue, Uptake
from ml.phantom.tubes import Segment, branch


class Gland:
    """Painter of the gland of one breast."""

    def __init__(self, build: Build, breast: Breast, pitch_mm: float) -> None:
        rng = stream(build.seed, f"gland {breast.side}")
        self._breast = breast
        self._density = float(np.clip(build.density + rng.normal(0.0, 0.03), 0.0, 1.0))
        self._noise = Noise(rng)
        self._implant_mm = 34.0 if breast.side in build.implants else 0.0
        self._tissue = Tissue(Label.GLAND, DUCT.t1_ms, DUCT.proton, Uptake(0.07 * build.enhancement, 0.008, -0.0003))
        self._tree = _tree_field(rng, breast, self._density, pitch_mm)
        self._lift = rng.normal(0.0, 5.0, 3)

    def paint(self, canvas: Canvas, body: Field, cavity: Field) -> None:
        """Paint into the fat of the breast. body, cavity: distances (N,) in mm over the slab."""
        breast = self._breast
        reach = np.array([breast.half_height_mm + 14.0, breast.length_mm / 2 + 6.0, breast.half_width_mm + 14.0])
        centre = breast.nipple_zyx + np.array([breast.lean_zx[0] / 2, breast.length_mm / 2, breast.lean_zx[1] / 2])
        index, points = canvas.window(centre, reach)
        inside = (body[index] < -1.8) & (cavity[index] > 14.0)
        index, points = index[inside], points[:, inside]
        if not index.size:
            return
        fibres = self._along_fibres(points)
        self._ligaments(canvas, index, fibres, body[index])
        room = self._room(points, body[index], cavity[index])
        self._parenchyma(canvas, index, points, fibres, room)

    def _along_fibres(self, points: Field) -> Field:
        """Coordinates in which structures stretched along rays from the nipple look round."""
        away = points - self._breast.nipple_zyx[:, None].astype(np.float32)
        far = np.sqrt((away**2).sum(axis=0)) + 8.0
        return np.asarray(away * (far / 60.0) ** -0.65, dtype=np.float32)

    def _room(self, points: Field, body: Field, cavity: Field) -> Field:
        """How deep in mm a point lies within the space that the gland may fill; negative outside it."""
        breast = self._breast
        away = points - breast.nipple_zyx[:, None].astype(np.float32)
        close = np.sqrt((away**2).sum(axis=0))
        skin_gap = (11.0 - 6.0 * self._density) * np.clip(close / 28.0 - 0.25, 0.0, 1.0)
        outer = 6.0 * breast.side
        spread = 0.62 + 0.26 * self._density
        cone = np.sqrt(
            ((away[0] - 5.0 - self._lift[0]) / (breast.half_height_mm * spread)) ** 2
            + ((away[1] - 0.42 * breast.length_mm) / (breast.length_mm * (0.48 + 0.06 * self._density))) ** 2
            + ((away[2] - outer - self._lift[2] * 0.5) / (breast.half_width_mm * spread)) ** 2
        )
        limits = (
            -body - 2.5 - skin_gap,
            cavity - 26.0 - self._implant_mm * 0.6,
            (1.0 - cone) * 42.0 + 5.0 * self._noise.at(points, 30.0),
        )
        return np.asarray(np.minimum(np.minimum(limits[0], limits[1]), limits[2]), dtype=np.float32)

    def _parenchyma(self, canvas: Canvas, index: Index, points: Field, fibres: Field, room: Field) -> None:
        near = np.flatnonzero(room > -8.0)
        index, points, fibres, room = index[near], points[:, near], fibres[:, near], room[near]
        tree = self._tree.at(points) * np.clip(room / 4.0 + 1.0, 0.0, 1.0)
        level = self._lobes(fibres) + np.minimum(room / 9.0, 1.2) - 0.6
        share = np.clip(0.5 + 1.1 * (level + (1.0 + 1.4 * (1.0 - self._density)) * tree), 0.0, 0.97)
        share = np.maximum(share * np.clip(room / 2.5 + 1.0, 0.0, 1.0), np.clip(tree * 1.5 - 0.12, 0.0, 0.95))
        hit = share > 0.03
        noise, spots = self._noise, points[:, hit]
        shade = 1.0 + 0.12 * noise.at(spots, 15.0) + 0.11 * noise.at(spots, 4.2) + 0.07 * noise.at(spots, 1.9)
        canvas.paint(index[hit], share[hit], self._tissue, shade)

    def _lobes(self, fibres: Field) -> Field:
        """Where parenchyma is likely: lobes, lobules and fine strands, parted by clefts of fat."""
        noise = self._noise
        bulk = noise.at(fibres, 27.0) + 0.75 * noise.at(fibres, 11.0) + 0.6 * noise.at(fibres, 4.6)
        cleft = np.clip(1.0 - np.abs(noise.at(fibres + 57.0, 12.0)) / 0.30, 0.0, 1.0)
        strands = noise.at(fibres + 13.0, 2.3)
        return np.asarray(
            bulk + 0.45 * strands - (1.2 + self._density) * cleft - 2.35 + 3.9 * self._density, dtype=np.float32
        )

    def _ligaments(self, canvas: Canvas, index: Index, fibres: Field, body: Field) -> None:
        sheet = np.abs(self._noise.at(fibres, 15.0))
        fine = np.abs(self._noise.at(fibres + 31.0, 6.5))
        share = 0.42 * np.clip(1.0 - sheet / 0.07, 0.0, 1.0) + 0.26 * np.clip(1.0 - fine / 0.10, 0.0, 1.0)
        share = share * np.clip((-body - 1.0) / 4.0, 0.0, 1.0)
        hit = share > 0.02
        canvas.paint(index[hit], np.minimum(share[hit], 0.48), MEMBRANE)


def _tree_field(rng: np.random.Generator, breast: Breast, density: float, pitch_mm: float) -> CoarseField:
    """Share of duct and lobule around each point of the breast, 0 to 1, on a grid of `pitch_mm`."""
    low = breast.nipple_zyx - np.array([breast.half_height_mm + 12.0, 4.0, breast.half_width_mm + 12.0])
    high = breast.nipple_zyx + np.array([breast.half_height_mm + 12.0, breast.length_mm, breast.half_width_mm + 12.0])
    lines = [np.arange(a, b, pitch_mm, dtype=np.float32) for a, b in zip(low, high, strict=True)]
    axes = Axes(*lines)
    tree = _ducts(rng, breast)
    ducts = _splat(axes, *_samples(tree), pitch_mm, 0.9)
    lobules = _splat(axes, *_lobules(rng, tree, density), pitch_mm, 1.7)
    return CoarseField(axes, np.clip(1.3 * ducts + lobules, 0.0, 1.0).astype(np.float32))


def _ducts(rng: np.random.Generator, breast: Breast) -> list[Segment]:
    """Some 15 lobes, each a duct from the nipple that forks towards the chest."""
    tree: list[Segment] = []
    for lobe in range(int(rng.integers(12, 19))):
        turn = lobe * 2.399963 + rng.normal(0.0, 0.2)
        open_angle = float(np.sqrt(rng.uniform(0.02, 1.0))) * 0.85
        heading = np.array([np.sin(turn) * np.sin(open_angle), np.cos(open_angle), np.cos(turn) * np.sin(open_angle)])
        start = breast.nipple_zyx + np.array([0.0, 3.0, 0.0]) + heading * 2.0
        tree += branch(
            rng, start, heading, length_mm=0.21 * breast.length_mm, radius_mm=1.3, generations=6, spread=0.36
        )
    return tree


def _samples(tree: list[Segment]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    starts = np.array([tube.start for tube in tree])
    ends = np.array([tube.end for tube in tree])
    radii = np.array([tube.start_radius_mm for tube in tree])
    share = (np.arange(16) + 0.5) / 16
    points = starts[:, None] + share[None, :, None] * (ends - starts)[:, None]
    length = np.linalg.norm(ends - starts, axis=1)
    return points.reshape(-1, 3), np.repeat(np.pi * radii**2 * length / 16, 16)


def _lobules(
    rng: np.random.Generator, tree: list[Segment], density: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    ends = np.array([tube.end for tube in tree if tube.start_radius_mm < 0.62])
    chosen = ends[rng.random(len(ends)) < 0.25 + 0.5 * density]
    points = np.repeat(chosen, 12, axis=0) + rng.normal(0.0, 1.6, (12 * len(chosen), 3))
    volume = np.repeat(rng.gamma(2.0, 6.0 + 14.0 * density, len(chosen)) / 12, 12)
    return points, volume


def _splat(
    axes: Axes, points: NDArray[np.float64], volume_mm3: NDArray[np.float64], pitch_mm: float, sigma_mm: float
) -> Field:
    corner = np.array([axes.z[0], axes.y[0], axes.x[0]])
    cell = np.rint((points - corner) / pitch_mm).astype(np.intp)
    fits = ((cell >= 0) & (cell < np.array(axes.shape))).all(axis=1)
    flat = np.ravel_multi_index(tuple(cell[fits].T), axes.shape)
    volume = np.bincount(flat, weights=volume_mm3[fits], minlength=int(np.prod(axes.shape)))
    share = volume.reshape(axes.shape).astype(np.float32) / np.float32(pitch_mm**3)
    return np.asarray(ndimage.gaussian_filter(share, sigma_mm / pitch_mm), dtype=np.float32)
