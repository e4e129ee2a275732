"""One seeded patient: phases, exact labels, geometry, fictitious identity and what she has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.geometry import Geometry
from ml.phantom.acquisition import Scanner, Timing, coil_sensitivity, fat_residual, make_timing
from ml.phantom.build import make_build
from ml.phantom.canvas import Canvas
from ml.phantom.fields import CoarseField, stream
from ml.phantom.identity import Identity, make_identity
from ml.phantom.scene import Scene
from ml.phantom.size import Axes, Size, grid_geometry, render_axes
from ml.phantom.tissue import Label

_SLAB_SLICES = 16
_MAX_PHASES = 64
_SOFTNESS_MM = {Size.SMALL: 1.0, Size.FULL: 0.5}
_DUCT_PITCH_MM = {Size.SMALL: 1.9, Size.FULL: 1.0}


@dataclass(frozen=True)
class LesionFeature:
    """One lesion as a reader would report it. side: "left" or "right"; centre in LPS mm; diameter in mm."""

    kind: str
    side: str
    centre_lps: tuple[float, float, float]
    diameter_mm: float
    rim: bool


@dataclass(frozen=True)
class Features:
    """What one patient has. density: ACR letter a to d; enhancement: of the gland, relative to a typical one."""

    density: str
    breast_length_mm: float
    enhancement: float
    lesions: tuple[LesionFeature, ...]
    nodes: int
    implants: tuple[str, ...]


@dataclass(frozen=True)
class Phantom:
    """One patient: phases (P, Z, Y, X) int16 and labels (Z, Y, X) uint8 on one grid.

    labels: 0 background and 1 to 9 as in `Label`. phase_times_s: acquisition starts relative to the pre-contrast
    phase. phase_duration_s: how long each phase takes.
    """

    seed: int
    size: Size
    geometry: Geometry
    phases: NDArray[np.int16]
    labels: NDArray[np.uint8]
    phase_times_s: tuple[float, ...]
    phase_duration_s: float
    identity: Identity
    features: Features


def make_phantom(*, seed: int, size: Size = Size.SMALL, phases: int = 4) -> Phantom:
    """Draw and scan one patient; the same arguments give the same bytes.

    phases: one pre-contrast and `phases - 1` post-contrast time points.
    Raises ValueError for a negative seed or fewer than 2 phases.
    """
    if seed < 0:
        raise ValueError(f"seed needs a whole number of at least 0, got {seed}")
    if not 2 <= phases <= _MAX_PHASES:
        raise ValueError(f"phases needs 2 to {_MAX_PHASES} (one pre-contrast and the rest after), got {phases}")
    build = make_build(seed)
    geometry = grid_geometry(size, _corner_lps(seed))
    axes = render_axes(size, geometry)
    scene = Scene(build, axes, _DUCT_PITCH_MM[size])
    timing = make_timing(seed, phases)
    images, labels = _scan(scene, axes, size, timing)
    return Phantom(
        seed=seed,
        size=size,
        geometry=geometry,
        phases=images,
        labels=labels,
        phase_times_s=timing.starts_s,
        phase_duration_s=timing.duration_s,
        identity=make_identity(seed),
        features=_features(scene),
    )


def _corner_lps(seed: int) -> tuple[float, float, float]:
    """Outer corner of the imaged block; patients are not centred alike."""
    right, front, bottom = stream(seed, "table").normal(0.0, (2.5, 3.0, 3.0))
    return -170.0 + float(right), -153.0 + float(front), -117.0 + float(bottom)


def _scan(scene: Scene, axes: Axes, size: Size, timing: Timing) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    fine = size.supersampling
    coil = coil_sensitivity(scene.build, axes)
    residual = fat_residual(scene.build, axes)
    scanner = Scanner(scene.build.seed, size, len(timing.starts_s))
    images = np.empty((len(timing.starts_s), *size.shape_zyx), dtype=np.int16)
    labels = np.empty(size.shape_zyx, dtype=np.uint8)
    for start in range(0, size.shape_zyx[0], _SLAB_SLICES):
        stop = min(start + _SLAB_SLICES, size.shape_zyx[0])
        slab = axes.slab(start * fine, stop * fine)
        canvas = Canvas(slab, timing.after_injection_s, _SOFTNESS_MM[size])
        scene.paint(canvas)
        labels[start:stop] = _majority(canvas.labels(), fine)
        _expose(canvas, scanner, coil, residual, images[:, start:stop], start)
    return images, labels


def _expose(
    canvas: Canvas, scanner: Scanner, coil: CoarseField, residual: CoarseField, out: NDArray[np.int16], first: int
) -> None:
    """Fill `out` (P, Z, Y, X) with the slab's images."""
    sensitivity = coil.on(canvas.axes)
    beating = canvas.labels() == Label.HEART
    for phase, signal in enumerate(canvas.signal(residual)):
        ghosted = scanner.add_ghosts(signal * sensitivity, beating)
        fine = ghosted.shape[0] // out.shape[1]
        out[phase] = scanner.acquire(_average(ghosted, fine), phase, first)


def _average(values: NDArray[np.float32], fine: int) -> NDArray[np.float32]:
    parts = list(_subpoints(values, fine))
    return np.asarray(sum(parts[1:], start=parts[0].copy()) / len(parts), dtype=np.float32)


def _subpoints(values: NDArray[Any], fine: int) -> Iterator[NDArray[Any]]:
    """The render points at each place within their voxels, as views on the coarse grid."""
    for z, y, x in product(range(fine), repeat=3):
        yield values[z::fine, y::fine, x::fine]


def _majority(labels: NDArray[np.uint8], fine: int) -> NDArray[np.uint8]:
    """The label with the largest share of each coarse voxel; the lower value on a tie."""
    parts = list(_subpoints(labels, fine))
    shares = np.stack([np.sum([part == label for part in parts], axis=0, dtype=np.uint8) for label in Label])
    return np.asarray(shares.argmax(axis=0), dtype=np.uint8)


def _features(scene: Scene) -> Features:
    build = scene.build
    lesions = tuple(
        LesionFeature(
            kind=lesion.kind.value,
            side=_side(lesion.side),
            centre_lps=(float(lesion.centre_zyx[2]), float(lesion.centre_zyx[1]), float(lesion.centre_zyx[0])),
            diameter_mm=round(2.0 * float(lesion.radii_zyx.max()), 1),
            rim=lesion.rim,
        )
        for lesion in scene.lesions.lesions
    )
    return Features(
        density=build.density_letter,
        breast_length_mm=round(float(np.mean([breast.length_mm for breast in build.breasts])), 1),
        enhancement=build.enhancement,
        lesions=lesions,
        nodes=len(scene.nodes.nodes),
        implants=tuple(_side(side) for side in build.implants),
    )


def _side(side: int) -> str:
    return "left" if side > 0 else "right"
