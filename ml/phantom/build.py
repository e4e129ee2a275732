"""How one woman is built: the few numbers from which her anatomy is drawn. All ranges are chosen by eye."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.phantom.fields import stream

DENSITY_SHARES = (("a", 0.15), ("b", 0.35), ("c", 0.35), ("d", 0.15))
_DENSITY_RANGE = {"a": (0.0, 0.14), "b": (0.2, 0.42), "c": (0.5, 0.72), "d": (0.82, 1.0)}
IMPLANT_SHARE = 1.0 / 6.0


@dataclass(frozen=True)
class Breast:
    """One hanging breast. side: +1 left, -1 right. Radii and nipple in mm; nipple (z, y, x)."""

    side: int
    nipple_zyx: NDArray[np.float64]
    base_y_mm: float
    half_width_mm: float
    half_height_mm: float
    lean_zx: tuple[float, float]

    @property
    def length_mm(self) -> float:
        """From the base, near the chest wall, to the nipple."""
        return self.base_y_mm - float(self.nipple_zyx[1])

    def axis_at(self, depth: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Centre (z, x) of the breast at a share of its length: 0 at the nipple, 1 at the base."""
        z = self.nipple_zyx[0] + self.lean_zx[0] * depth
        x = self.nipple_zyx[2] + self.lean_zx[1] * depth
        return z.astype(np.float32), x.astype(np.float32)


@dataclass(frozen=True)
class Build:
    """One body. scale: of the thorax; density: 0 almost entirely fatty, 1 extremely dense; implants: sides with one."""

    seed: int
    scale: float
    density_letter: str
    density: float
    breasts: tuple[Breast, Breast]
    presternal_mm: float
    skin_mm: float
    muscle_mm: float
    dome_mm: float
    enhancement: float
    fat_residual: float
    implants: tuple[int, ...]


def make_build(seed: int) -> Build:
    """Draw a body. Small breasts carry implants more often than large ones."""
    rng = stream(seed, "build")
    letters = [letter for letter, _ in DENSITY_SHARES]
    shares = [share for _, share in DENSITY_SHARES]
    letter = str(rng.choice(letters, p=shares))
    implants = _draw_implants(rng)
    fullness = float(rng.beta(2.0, 2.0)) * (0.6 if implants else 1.0) + (0.3 if implants else 0.0)
    presternal_mm = float(rng.uniform(9.0, 17.0))
    right, left = (_make_breast(rng, side, fullness, presternal_mm) for side in (-1, 1))
    return Build(
        seed=seed,
        scale=float(rng.uniform(0.94, 1.05)),
        density_letter=letter,
        density=float(rng.uniform(*_DENSITY_RANGE[letter])),
        breasts=(right, left),
        presternal_mm=presternal_mm,
        skin_mm=float(rng.uniform(1.5, 2.3)),
        muscle_mm=float(rng.uniform(7.0, 13.0)),
        dome_mm=float(rng.uniform(-12.0, 14.0)),
        enhancement=float(rng.choice([0.5, 1.0, 1.8, 3.0], p=[0.3, 0.35, 0.23, 0.12])),
        fat_residual=float(rng.uniform(0.75, 1.25)),
        implants=implants,
    )


def _draw_implants(rng: np.random.Generator) -> tuple[int, ...]:
    both = rng.random() < 0.8
    side = int(rng.choice([-1, 1]))
    if rng.random() >= IMPLANT_SHARE:
        return ()
    return (-1, 1) if both else (side,)


def _make_breast(rng: np.random.Generator, side: int, fullness: float, presternal_mm: float) -> Breast:
    size = float(np.clip(fullness + rng.normal(0.0, 0.035), 0.02, 1.0))
    base_y_mm = 34.0 - (presternal_mm - 12.0)
    length_mm = 72.0 + 88.0 * size
    half_width_mm = 50.0 + 15.0 * size
    nipple_x = side * (half_width_mm + 22.0 + rng.normal(0.0, 3.0))
    nipple_z = -24.0 + rng.normal(0.0, 6.0)
    return Breast(
        side=side,
        nipple_zyx=np.array([nipple_z, base_y_mm - length_mm, nipple_x]),
        base_y_mm=base_y_mm,
        half_width_mm=half_width_mm,
        half_height_mm=58.0 + 18.0 * size,
        lean_zx=(float(rng.normal(0.0, 3.0)), side * float(rng.normal(2.0, 4.0))),
    )
