"""Distances in mm between the surfaces of two masks: HD95, NSD and ASSD from one pair of distance lists.

Definitions. A surface voxel belongs to the mask and has one of its six face neighbours outside of it or of the image.
Its distance is that from its centre to the centre of the nearest surface voxel of the other mask, in mm.
With A the distances from the prediction's surface, B those from the reference's:
HD95 = max(95th percentile of A, 95th percentile of B), percentiles interpolated linearly;
NSD at tolerance t = (|A <= t| + |B <= t|) / (|A| + |B|); ASSD = (sum A + sum B) / (|A| + |B|).
A label that neither mask holds has no distance: None. One that a single mask holds has no HD95 and no ASSD (None, to be
counted as a miss, since any number would be made up), and NSD 0.
Source: L. Maier-Hein et al., Metrics reloaded, Nature Methods 21:195, 2024; S. Nikolov et al., JMIR 23(7):e26151, 2021.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, find_objects, generate_binary_structure
from scipy.spatial import cKDTree

from ml.labelmaps import LabelArray
from ml.metrics.masks import Definition

HD95 = Definition("hd95_mm", 1)
NSD = Definition("nsd", 1)
ASSD = Definition("assd_mm", 1)

PERCENTILE = 95.0
FACES = generate_binary_structure(3, 1)

Mask = NDArray[np.bool_]
Distances = NDArray[np.float64]


@dataclass(frozen=True)
class Surfaces:
    """Distances (n,) in mm from each surface voxel of one mask to the other; empty where a mask is empty."""

    from_prediction: Distances
    from_reference: Distances
    in_prediction: int
    in_reference: int

    @property
    def hd95_mm(self) -> float | None:
        """95th percentile Hausdorff distance; None unless both masks hold voxels."""
        if not (self.in_prediction and self.in_reference):
            return None
        return float(max(np.percentile(d, PERCENTILE) for d in (self.from_prediction, self.from_reference)))

    @property
    def assd_mm(self) -> float | None:
        """Average symmetric surface distance; None unless both masks hold voxels."""
        if not (self.in_prediction and self.in_reference):
            return None
        return float(
            (self.from_prediction.sum() + self.from_reference.sum()) / (self.in_prediction + self.in_reference)
        )

    def nsd(self, tolerance_mm: float) -> float | None:
        """Share of both surfaces within the tolerance of the other, 0 to 1; None when both masks are empty."""
        total = self.in_prediction + self.in_reference
        if not total:
            return None
        near = (self.from_prediction <= tolerance_mm).sum() + (self.from_reference <= tolerance_mm).sum()
        return float(near / total)


def surfaces(reference: Mask, prediction: Mask, spacing_zyx_mm: tuple[float, float, float]) -> Surfaces:
    """Surface distances of two masks (Z, Y, X). Raises ValueError for unequal shapes or a spacing of zero."""
    if reference.shape != prediction.shape or reference.ndim != 3:
        raise ValueError(f"masks need one shape (Z, Y, X), got {reference.shape} and {prediction.shape}")
    if min(spacing_zyx_mm) <= 0:
        raise ValueError(f"spacing_zyx_mm needs positive numbers, got {spacing_zyx_mm}")
    ours, theirs = _surface(prediction), _surface(reference)
    ours_mm, theirs_mm = (np.argwhere(surface) * np.asarray(spacing_zyx_mm) for surface in (ours, theirs))
    if not (len(ours_mm) and len(theirs_mm)):
        return Surfaces(np.empty(0), np.empty(0), len(ours_mm), len(theirs_mm))
    return Surfaces(
        from_prediction=_nearest(ours_mm, theirs_mm, known=theirs[ours]),
        from_reference=_nearest(theirs_mm, ours_mm, known=ours[theirs]),
        in_prediction=len(ours_mm),
        in_reference=len(theirs_mm),
    )


def surfaces_by_label(
    reference: LabelArray,
    prediction: LabelArray,
    values: tuple[int, ...],
    spacing_zyx_mm: tuple[float, float, float],
    ignore: int | None = None,
) -> dict[int, Surfaces]:
    """Surface distances for each label value of two label maps (Z, Y, X) of uint8, each cropped to where it lies.

    ignore: value of the reference whose voxels belong to no label in either map. Raises ValueError as `surfaces`.
    """
    if reference.shape != prediction.shape:
        raise ValueError(f"label maps need one shape, got {reference.shape} and {prediction.shape}")
    if ignore is not None:
        prediction = np.where(reference == ignore, np.uint8(0), prediction)
    boxes = [_boxes(reference), _boxes(prediction)]
    found = {}
    for value in values:
        box = _union([b[value - 1] for b in boxes if value <= len(b)], reference.shape)
        found[value] = surfaces(reference[box] == value, prediction[box] == value, spacing_zyx_mm)
    return found


def _surface(mask: Mask) -> Mask:
    inner: Mask = binary_erosion(mask, FACES)
    return mask & ~inner


def _nearest(points_mm: Distances, others_mm: Distances, *, known: Mask) -> Distances:
    """Distances (n,) of points (n, 3) to the nearest other (m, 3). known: the points that are others too, at 0 mm."""
    found = np.zeros(len(points_mm))
    if not known.all():
        found[~known], _ = cKDTree(others_mm, balanced_tree=False, compact_nodes=False).query(points_mm[~known])
    return found


def _boxes(labels: LabelArray) -> list[tuple[slice, ...] | None]:
    boxes: list[tuple[slice, ...] | None] = find_objects(labels)
    return boxes


def _union(boxes: list[tuple[slice, ...] | None], shape: tuple[int, ...]) -> tuple[slice, ...]:
    """The box around all boxes and one voxel more on each side, so that a cut is not taken for the image's end."""
    present = [box for box in boxes if box is not None]
    if not present:
        return tuple(slice(0, 0) for _ in shape)
    return tuple(
        slice(max(0, min(box[axis].start for box in present) - 1), min(n, max(box[axis].stop for box in present) + 1))
        for axis, n in enumerate(shape)
    )
