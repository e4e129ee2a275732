"""Lesions: masses with smooth, irregular or spiculated margins and rim enhancement, and non-mass enhancement.

Shapes and words follow the ACR BI-RADS MRI lexicon (mass: shape, margin, internal enhancement; non-mass:
distribution and internal pattern). Sizes, shares and uptake figures are chosen by eye.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ml.phantom.build import Breast, Build
from ml.phantom.canvas import Canvas, Index
from ml.phantom.fields import CoarseField, Field, Noise, ellipsoid_distance, membership, stream
from ml.phantom.tissue import Label, Tissue, Uptake
from ml.phantom.tubes import Segment, chain, paint_tubes

_TRIES = 80
LESION_FREE_SHARE = 0.04


class Kind(Enum):
    """What a lesion looks like."""

    SMOOTH_MASS = "smooth mass"
    IRREGULAR_MASS = "irregular mass"
    SPICULATED_MASS = "spiculated mass"
    NON_MASS = "non-mass enhancement"


UPTAKE = {
    Kind.SMOOTH_MASS: Uptake(0.27, 0.009, -0.0004),
    Kind.IRREGULAR_MASS: Uptake(0.42, 0.050, 0.0018),
    Kind.SPICULATED_MASS: Uptake(0.48, 0.060, 0.0024),
    Kind.NON_MASS: Uptake(0.28, 0.015, 0.0003),
}


@dataclass(frozen=True)
class Lesion:
    """One lesion. side: +1 left, -1 right; centre, radii and nipple (z, y, x) in mm; rim: little enhancement inside."""

    kind: Kind
    side: int
    centre_zyx: NDArray[np.float64]
    radii_zyx: NDArray[np.float64]
    rim: bool
    uptake: Uptake
    nipple_zyx: NDArray[np.float64]

    @property
    def tissue(self) -> Tissue:
        """The enhancing part."""
        return Tissue(Label.LESION, 1500.0, 1.15, self.uptake)

    @property
    def core(self) -> Tissue:
        """The poorly supplied centre of a rim-enhancing mass."""
        return Tissue(Label.LESION, 1800.0, 1.0, Uptake(0.06, 0.006, -0.0005))


class Lesions:
    """All lesions of one patient."""

    def __init__(self, build: Build, body: CoarseField, cavity: CoarseField) -> None:
        rng = stream(build.seed, "lesions")
        self._noise = Noise(rng)
        free = rng.random() < LESION_FREE_SHARE
        count = 0 if free else int(rng.choice([1, 2, 3], p=[0.6, 0.28, 0.12]))
        self.lesions = tuple(_place(rng, build, body, cavity) for _ in range(count))
        self._spicules = tuple(_grow_spicules(rng, lesion) for lesion in self.lesions)

    def paint(self, canvas: Canvas, body: Field, cavity: Field) -> None:
        """Paint over gland and fat. body, cavity: distances (N,) in mm over the slab."""
        for lesion, spicules in zip(self.lesions, self._spicules, strict=True):
            paint_tubes(canvas, spicules, lesion.tissue, (body < -3.0) & (cavity > 12.0))
            index, points = canvas.window(lesion.centre_zyx, lesion.radii_zyx * 1.6 + 5.0)
            inside = (body[index] < -3.5) & (cavity[index] > 12.0)
            draw = self._non_mass if lesion.kind is Kind.NON_MASS else self._mass
            draw(canvas, index[inside], points[:, inside], lesion)

    def _mass(self, canvas: Canvas, index: Index, points: Field, lesion: Lesion) -> None:
        size = float(lesion.radii_zyx.mean())
        rough = 0.09 if lesion.kind is Kind.SMOOTH_MASS else 0.17
        bumps = rough * min(size, 9.0) * (self._noise.at(points, 1.3 * size) + 0.5 * self._noise.at(points, 0.5 * size))
        edge = ellipsoid_distance(points, lesion.centre_zyx, lesion.radii_zyx) + bumps
        grain = 1.0 + 0.07 * self._noise.at(points, 0.6 * size)
        canvas.paint(index, membership(edge, canvas.softness_mm), lesion.tissue, grain)
        if lesion.rim:
            core = membership(edge + 0.42 * size, canvas.softness_mm + 0.12 * size)
            canvas.paint(index, core * np.float32(0.9), lesion.core)
        elif lesion.kind is Kind.SMOOTH_MASS:
            septa = 0.6 * np.clip(1.0 - np.abs(self._noise.at(points, 0.9 * size)) / 0.12, 0.0, 1.0)
            canvas.paint(index, septa * membership(edge + 1.0, canvas.softness_mm), lesion.core)

    def _non_mass(self, canvas: Canvas, index: Index, points: Field, lesion: Lesion) -> None:
        edge = ellipsoid_distance(points, lesion.centre_zyx, lesion.radii_zyx)
        away = points - lesion.nipple_zyx[:, None].astype(np.float32)
        fibres = away * (np.sqrt((away**2).sum(axis=0)) / 60.0 + 0.1) ** -0.6
        clumps = 0.8 * self._noise.at(fibres, 8.0) + 0.7 * self._noise.at(fibres, 3.6)
        depth = np.clip(-edge / 5.0, -1.0, 1.0)
        share = np.clip(0.5 + 0.9 * (1.3 * clumps - 0.25 + 0.8 * depth), 0.0, 1.0) * np.clip(1.0 - edge / 3.0, 0.0, 1.0)
        canvas.paint(index, np.asarray(0.95 * share, dtype=np.float32), lesion.tissue)


def _place(rng: np.random.Generator, build: Build, body: CoarseField, cavity: CoarseField) -> Lesion:
    """A lesion in the gland's part of a breast, more often in the upper outer quadrant."""
    breast = build.breasts[int(rng.integers(2))]
    kind = Kind(rng.choice([kind.value for kind in Kind], p=[0.25, 0.25, 0.28, 0.22]))
    size = float(rng.uniform(15.0, 24.0) if kind is Kind.NON_MASS else rng.gamma(5.0, 1.3) + 6.5)
    radii = np.minimum(size, 21.0 if kind is Kind.NON_MASS else 15.0) * rng.uniform(0.75, 1.1, 3)
    centre, best = breast.nipple_zyx, -np.inf
    for _ in range(_TRIES):
        spot = _spot(rng, breast)
        point = spot[:, None].astype(np.float32)
        room = min(-float(body.at(point)[0]), float(cavity.at(point)[0]) - 22.0 - _behind(build, breast))
        if room > best:
            centre, best = spot, room
        if room > 0.9 * float(radii.max()) + 6.0:
            break
    radii = radii * min(1.0, max(best - 4.0, 6.0) / float(radii.max()))
    base = UPTAKE[kind]
    uptake = Uptake(base.peak_mmol_l * float(rng.uniform(0.8, 1.25)), base.wash_in_per_s, base.wash_out_per_s)
    rim = kind in (Kind.IRREGULAR_MASS, Kind.SPICULATED_MASS) and size > 9.0 and rng.random() < 0.55
    return Lesion(kind, breast.side, centre, radii, rim, uptake, breast.nipple_zyx)


def _behind(build: Build, breast: Breast) -> float:
    return 45.0 if breast.side in build.implants else 0.0


def _spot(rng: np.random.Generator, breast: Breast) -> NDArray[np.float64]:
    return np.asarray(
        breast.nipple_zyx
        + np.array([
            rng.normal(8.0, 0.26 * breast.half_height_mm), rng.uniform(0.2, 0.72) * breast.length_mm,
            breast.side * rng.normal(8.0, 0.28 * breast.half_width_mm),
        ])
    )  # fmt: skip


def _grow_spicules(rng: np.random.Generator, lesion: Lesion) -> tuple[Segment, ...]:
    if lesion.kind is not Kind.SPICULATED_MASS:
        return ()
    tubes: list[Segment] = []
    for _ in range(int(rng.integers(45, 75))):
        outward = rng.normal(0.0, 1.0, 3)
        outward /= np.linalg.norm(outward)
        root = lesion.centre_zyx + outward * lesion.radii_zyx * 0.7
        reach = lesion.radii_zyx * (1.22 + rng.gamma(2.0, 0.24)) * outward
        tip = lesion.centre_zyx + reach + rng.normal(0.0, 1.5, 3)
        tubes += chain((root, (root + tip) / 2 + rng.normal(0.0, 0.6, 3), tip), float(rng.uniform(0.8, 1.7)), 0.35)
    return tuple(tubes)
