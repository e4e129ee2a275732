"""What the browser's operations on labels must give, by scipy and SimpleITK.

`python -m tests.border.operation_cases` writes the fixture that the browser's tests read.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray
from scipy import ndimage

from backend.config.env import ROOT

FIXTURE = ROOT / "frontend" / "src" / "viewer" / "fixtures" / "operations.json"
SHAPE = (9, 22, 18)
SPACINGS = ((1.0, 1.0, 1.0), (3.0, 0.7, 0.7), (2.0, 0.8, 1.1))
GLAND, LESION = 1, 5
TIE_MM = 1e-4

Mask = NDArray[np.bool_]
Labels = NDArray[np.uint8]
Spacing = tuple[float, float, float]


def cases() -> Iterator[dict[str, Any]]:
    """Every operation on random labels and on a phantom, on each spacing."""
    for spacing in SPACINGS:
        for name, labels in (("random", random_labels()), ("phantom", phantom(spacing))):
            for before, operation, after in (
                *((labels, *done) for done in performed(labels, spacing)),
                *between(labels, spacing),
            ):
                yield {
                    "name": f"{' '.join(str(value) for value in operation.values())} of {name} labels at {spacing} mm",
                    "source": {"labels": packed(before), "intensities": packed(intensities())},
                    "shape": SHAPE,
                    "spacing": spacing,
                    "operation": operation,
                    "after": packed(after),
                }


def document() -> dict[str, Any]:
    """The fixture: volumes by name, packed, and cases that name them."""
    volumes: dict[str, str] = {}
    listed = []
    for case in cases():
        source = case.pop("source")
        for key in ("labels", "intensities"):
            case[key] = _name(volumes, source[key])
        case["after"] = _name(volumes, case["after"])
        listed.append(case)
    return {"how": "python -m tests.border.operation_cases", "volumes": volumes, "cases": listed}


def random_labels() -> Labels:
    """Clouds of two labels with specks and holes."""
    rng = np.random.default_rng(1)
    cloud = ndimage.gaussian_filter(rng.normal(size=SHAPE), 1.0)
    return np.select([cloud > 0.12, cloud < -0.2], [LESION, GLAND], 0).astype(np.uint8)


def phantom(spacing: Spacing) -> Labels:
    """An ellipsoid of gland around a ball of lesion with a hole and two specks beside it."""
    z, y, x = ((np.arange(n) - (n - 1) / 2) * mm for n, mm in zip(SHAPE, spacing, strict=True))
    zz, yy, xx = np.meshgrid(z, y, x, indexing="ij")
    reach = min(n * mm for n, mm in zip(SHAPE, spacing, strict=True)) / 2
    radius = np.sqrt(zz**2 + yy**2 + xx**2)
    labels = np.where(radius < 0.95 * reach, GLAND, 0).astype(np.uint8)
    labels[radius < 0.7 * reach] = LESION
    labels[4, 10:12, 8:10] = 0
    labels[4, 2, 2:5] = LESION
    labels[7, 19, 15] = LESION
    return labels


def intensities() -> NDArray[np.int16]:
    """A smooth field with noise, in stored values."""
    rng = np.random.default_rng(2)
    field = ndimage.gaussian_filter(rng.normal(size=SHAPE), 2.0)
    return np.rint(500 + 300 * field / field.std() + rng.normal(size=SHAPE) * 10).astype(np.int16)


def performed(labels: Labels, spacing: Spacing) -> Iterator[tuple[dict[str, Any], Labels]]:
    """Operations and the labels after each."""
    mask = labels == LESION
    of = {"label": LESION}
    for method, mm in (("median", 1.6), ("gaussian", 0.9), ("closing", 1.53), ("opening", 1.53)):
        smoothed = SMOOTHED[method](mask, spacing, mm)
        yield {"kind": "smooth", **of, "method": method, "mm": mm}, reshaped(labels, smoothed)
    yield {"kind": "margin", **of, "mm": 2.03}, reshaped(labels, grown(mask, spacing, 2.03))
    yield {"kind": "margin", **of, "mm": 3.0}, reshaped(labels, grown(mask, spacing, 3.0))
    yield {"kind": "margin", **of, "mm": -1.03}, reshaped(labels, shrunk(mask, spacing, 1.03))
    for connectivity in (6, 26):
        by = {**of, "connectivity": connectivity}
        parts, sizes = islands(mask, connectivity)
        yield {"kind": "largest-island", **by}, reshaped(labels, parts == 1)
        least = 4 * float(np.prod(spacing))
        kept = np.isin(parts, 1 + np.flatnonzero(sizes >= 4))
        yield {"kind": "small-islands", **by, "leastMm3": least}, reshaped(labels, kept)
        seed = np.argwhere(parts == 2)[0].tolist()
        yield {"kind": "picked-island", **by, "seed": seed}, reshaped(labels, parts == 2)
    yield {"kind": "holes", **of, "axis": None}, reshaped(labels, ndimage.binary_fill_holes(mask))
    for axis in range(3):
        slices = [ndimage.binary_fill_holes(part) for part in np.moveaxis(mask, axis, 0)]
        yield {"kind": "holes", **of, "axis": axis}, reshaped(labels, np.moveaxis(np.array(slices), 0, axis))
    near = grown(labels == GLAND, spacing, 1.53)
    for operator, inside in (("union", mask | near), ("subtract", mask & ~near), ("intersect", mask & near)):
        by = {"operator": operator, **of, "other": GLAND, "mm": 1.53, "into": LESION}
        yield {"kind": "boolean", **by}, reshaped(labels, inside)
    seed = (4, 12, 9)
    region = region_around(seed, spacing, 1.4, 6.2)
    after = np.where(region, LESION, labels).astype(np.uint8)
    yield {"kind": "grow", **of, "seed": seed, "width": 1.4, "radiusMm": 6.2}, after


def between(labels: Labels, spacing: Spacing) -> Iterator[tuple[Labels, dict[str, Any], Labels]]:
    """Interpolation across each axis of labels that only every third slice has."""
    for axis in range(3):
        sparse = np.where(np.indices(SHAPE)[axis] % 3 == 0, labels, 0).astype(np.uint8)
        after = reshaped(sparse, interpolated(sparse == LESION, spacing, axis))
        yield sparse, {"kind": "interpolate", "label": LESION, "axis": axis}, after


def reshaped(labels: Labels, mask: Mask) -> Labels:
    """The labels with the lesion in this form."""
    before = labels == LESION
    return np.where(mask & ~before, LESION, np.where(before & ~mask, 0, labels)).astype(np.uint8)


def grown(mask: Mask, spacing: Spacing, mm: float) -> Mask:
    """Voxels within mm of the mask."""
    if not mask.any():
        return mask  # scipy knows no distance to nothing
    return np.asarray(ndimage.distance_transform_edt(~mask, sampling=spacing) <= mm + TIE_MM)


def shrunk(mask: Mask, spacing: Spacing, mm: float) -> Mask:
    """Voxels of the mask farther than mm from every other."""
    return np.asarray(ndimage.distance_transform_edt(mask, sampling=spacing) > mm + TIE_MM)


def median(mask: Mask, spacing: Spacing, mm: float) -> Mask:
    """The majority in a box reaching mm to each side."""
    size = tuple(2 * int(np.floor(mm / step + 0.5)) + 1 for step in spacing)
    return np.asarray(ndimage.median_filter(mask.astype(np.uint8), size=size, mode="constant") == 1)


def gaussian(mask: Mask, spacing: Spacing, mm: float) -> Mask:
    """Where a Gaussian blur is above a half."""
    sigma = [mm / step for step in spacing]
    return np.asarray(ndimage.gaussian_filter(mask.astype(float), sigma, mode="constant", truncate=4.0) > 0.5)


SMOOTHED: dict[str, Callable[[Mask, Spacing, float], Mask]] = {
    "median": median,
    "gaussian": gaussian,
    "closing": lambda mask, spacing, mm: shrunk(grown(mask, spacing, mm), spacing, mm),
    "opening": lambda mask, spacing, mm: grown(shrunk(mask, spacing, mm), spacing, mm),
}


def islands(mask: Mask, connectivity: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Parts by size, 1 the largest, and their sizes."""
    found = sitk.ConnectedComponent(sitk.GetImageFromArray(mask.astype(np.uint8)), connectivity == 26)
    parts = sitk.GetArrayFromImage(sitk.RelabelComponent(found)).astype(np.int64)
    return parts, np.bincount(parts.ravel())[1:]


def interpolated(mask: Mask, spacing: Spacing, axis: int) -> Mask:
    """Raya and Udupa's shape-based interpolation in every gap."""
    slices = np.moveaxis(mask, axis, 0).copy()
    flat = tuple(mm for i, mm in enumerate(spacing) if i != axis)
    drawn = [n for n, part in enumerate(slices) if part.any()]
    for low, high in pairwise(drawn):
        edges = [_signed(slices[n], flat) for n in (low, high)]
        for n in range(low + 1, high):
            share = (n - low) / (high - low)
            slices[n] = (1 - share) * edges[0] + share * edges[1] < -TIE_MM
    return np.moveaxis(slices, 0, axis)


def region_around(seed: tuple[int, int, int], spacing: Spacing, width: float, radius_mm: float) -> Mask:
    """SimpleITK's connected threshold within a ball; the range from the surroundings of the seed."""
    values = intensities()
    around = tuple(
        slice(max(0, n - max(1, int(2 / mm))), n + max(1, int(2 / mm)) + 1) for n, mm in zip(seed, spacing, strict=True)
    )
    near = values[around].astype(float)
    spread = max(near.std(), abs(near.mean()) * 0.05)
    low, high = near.mean() - width * spread, near.mean() + width * spread
    far = [(np.arange(n) - s) * mm for n, s, mm in zip(SHAPE, seed, spacing, strict=True)]
    z, y, x = np.meshgrid(*far, indexing="ij")
    inside = np.where(z**2 + y**2 + x**2 <= radius_mm**2, values.astype(float), -1e9)
    image = sitk.GetImageFromArray(inside)
    found = sitk.ConnectedThreshold(image, [seed[::-1]], lower=float(low), upper=float(high))
    return np.asarray(sitk.GetArrayFromImage(found) == 1)


def packed(volume: NDArray[Any]) -> str:
    """Deflated bytes, x fastest, in base64."""
    return base64.b64encode(zlib.compress(np.ascontiguousarray(volume).tobytes(), 9)).decode()


def unpacked(text: str, kind: type = np.uint8) -> NDArray[Any]:
    """The reverse of packed, for volumes of the shape of all cases."""
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), kind).reshape(SHAPE)


def _signed(part: Mask, spacing: tuple[float, ...]) -> NDArray[np.float64]:
    outside = ndimage.distance_transform_edt(~part, sampling=spacing)
    return np.asarray(outside - ndimage.distance_transform_edt(part, sampling=spacing))


def _name(volumes: dict[str, str], text: str) -> str:
    for name, known in volumes.items():
        if known == text:
            return name
    volumes[f"v{len(volumes)}"] = text
    return f"v{len(volumes) - 1}"


if __name__ == "__main__":
    FIXTURE.write_text(json.dumps(document(), indent=1) + "\n")
