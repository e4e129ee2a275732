"""Slices into a stack with a geometry. Pure; DICOM PS3.3 C.7.6.2 (image plane)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.headers import Header
from ml.geometry import Geometry

Vector = NDArray[np.float64]

MIN_SLICES = 3
SAME_PLACE_MM = 0.01
SAME_DIRECTION = 1e-3  # of a unit vector's component
EVEN_SHARE = 0.05  # of the slice distance: exporters round positions
LINE_MM = 0.05
SEND_ALL = "Export the series again with all of its images, and import the whole study again."
SPLIT_SERIES = "Export each stack as a series of its own, or leave this series out, and import the study again."


@dataclass(frozen=True)
class Stack:
    """headers: one per slice, sorted along cross(row direction, column direction)."""

    headers: tuple[Header, ...]
    geometry: Geometry


def build_stack(headers: Sequence[Header]) -> Stack:
    """Sort slices and measure their grid. Raises Defect naming what is missing or contradictory, and where."""
    _one_size(headers)
    _one_plane(headers)
    row, column = axes_lps(headers[0])
    depths = depths_mm(headers)
    order = np.argsort(depths, kind="stable")
    ordered = tuple(headers[i] for i in order)
    _even(depths[order])
    positions = np.array([header.position_lps for header in ordered])
    step = (positions[-1] - positions[0]) / (len(ordered) - 1)
    _straight(positions, step)
    y_mm, x_mm = ordered[0].spacing_yx_mm
    first = positions[0]
    geometry = Geometry.from_axes(
        shape_zyx=(len(ordered), ordered[0].rows, ordered[0].columns),
        origin_lps=(float(first[0]), float(first[1]), float(first[2])),
        z_axis_lps=step,
        y_axis_lps=column * y_mm,
        x_axis_lps=row * x_mm,
    )
    return Stack(ordered, geometry)


def axes_lps(header: Header) -> tuple[Vector, Vector]:
    """Unit directions of a row (growing column index) and of a column (growing row index)."""
    cosines = np.asarray(header.orientation, dtype=np.float64)
    row, column = cosines[:3], cosines[3:]
    return row / np.linalg.norm(row), column / np.linalg.norm(column)


def depths_mm(headers: Sequence[Header]) -> Vector:
    """Position of each slice along the normal of the first."""
    normal = np.cross(*axes_lps(headers[0]))
    return np.array([header.position_lps for header in headers]) @ normal


def has_plane(header: Header) -> bool:
    """True when the header says where its pixels lie."""
    if len(header.position_lps) != 3 or len(header.orientation) != 6 or len(header.spacing_yx_mm) != 2:
        return False
    row, column = np.asarray(header.orientation[:3]), np.asarray(header.orientation[3:])
    lengths = np.array([np.linalg.norm(row), np.linalg.norm(column)])
    return bool(np.abs(lengths - 1).max() < 0.01 and abs(row @ column) < 0.01 and min(header.spacing_yx_mm) > 0)


def _one_size(headers: Sequence[Header]) -> None:
    sizes = Counter((header.rows, header.columns) for header in headers)
    if len(sizes) > 1:
        raise Defect(f"has images of {len(sizes)} sizes: {_counted(sizes)} (rows×columns)", SPLIT_SERIES)
    rows, columns = next(iter(sizes))
    if min(rows, columns) < 2:
        raise Defect(f"has images of {rows}×{columns} pixels", SEND_ALL)


def _one_plane(headers: Sequence[Header]) -> None:
    first = headers[0]
    turned = sum(
        bool(np.abs(np.subtract(header.orientation, first.orientation)).max() > SAME_DIRECTION) for header in headers
    )
    if turned:
        raise Defect(f"has mixed orientations: {turned} of {len(headers)} images lie in another plane", SPLIT_SERIES)
    scaled = sum(not np.allclose(header.spacing_yx_mm, first.spacing_yx_mm, rtol=1e-3) for header in headers)
    if scaled:
        raise Defect(f"has mixed pixel spacings: {scaled} of {len(headers)} images differ", SPLIT_SERIES)


def _even(depths: Vector) -> None:
    gaps = np.diff(depths)
    repeated = int((gaps < SAME_PLACE_MM).sum())
    if repeated:
        where = f"first at slice {int(np.argmax(gaps < SAME_PLACE_MM)) + 1}"
        raise Defect(f"has {repeated} slices at the place of another ({where} of {len(depths)})", SPLIT_SERIES)
    step = _step_mm(gaps)
    off = np.abs(gaps - step) > max(SAME_PLACE_MM, EVEN_SHARE * step)
    if not off.any():
        return
    lacking = np.rint(gaps / step) - 1
    is_hole = off & (lacking >= 1) & (np.abs(gaps / step - lacking - 1) <= 2 * EVEN_SHARE)
    if is_hole.sum() == off.sum():
        _refuse_holes(lacking, is_hole, len(depths))
    places = ", ".join(f"{gaps[i]:.2f} mm after slice {i + 1}" for i in np.flatnonzero(off)[:3])
    raise Defect(
        f"is unevenly spaced: {int(off.sum())} of {len(gaps)} gaps differ from {step:.2f} mm: {places}", SEND_ALL
    )


def _step_mm(gaps: Vector) -> float:
    """The smallest gap when every other is a multiple of it, which is how missing slices look; else the median."""
    multiples = gaps / gaps.min()
    if np.abs(multiples - np.rint(multiples)).max() <= 2 * EVEN_SHARE:
        return float(gaps.min())
    return float(np.median(gaps))


def _refuse_holes(lacking: Vector, is_hole: NDArray[np.bool_], found: int) -> None:
    missing = int(lacking[is_hole].sum())
    places = ", ".join(f"{int(lacking[i])} after slice {i + 1}" for i in np.flatnonzero(is_hole)[:5])
    verb = "slice is" if missing == 1 else "slices are"
    raise Defect(f"is incomplete: {missing} {verb} missing ({places} of the {found} that came)", SEND_ALL)


def _straight(positions: NDArray[np.float64], step: Vector) -> None:
    line = positions[0] + np.arange(len(positions))[:, None] * step
    off_mm = np.linalg.norm(positions - line, axis=1)
    limit = max(LINE_MM, EVEN_SHARE * float(np.linalg.norm(step)))
    if off_mm.max() > limit:
        worst = int(off_mm.argmax())
        raise Defect(f"is not straight: slice {worst + 1} lies {off_mm[worst]:.2f} mm beside the others", SPLIT_SERIES)


def _counted(sizes: Counter[tuple[int, int]]) -> str:
    return ", ".join(f"{count} of {rows}×{columns}" for (rows, columns), count in sizes.most_common(3))
