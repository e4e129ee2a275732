"""Grids that no breast MR has: refused before their pixels are read, or pointed out. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.quality import CHECK_SIDE, check_extent, plane_of_geometry, side_by_place, size_doubts
from backend.imaging.dicom.wording import plane_of, side_of
from ml.geometry import Geometry

VOXEL_MM = (0.05, 20.0)
MOST_STRETCHED = 20.0  # longest against shortest edge of a voxel
CHECK_UNITS = "Check the spacing and its unit in the program that wrote the file, and import it again."
SMALLER = "Import a smaller part of it, or ask the administrator to raise NINEFOLD_MAX_VOLUME_VOXELS."


def check_grid(geometry: Geometry) -> None:
    """Raises Defect for less than two voxels along an axis, and for voxels of an impossible size or form."""
    if min(geometry.shape_zyx) < 2:
        raise Defect(f"is no volume: it has {_by(geometry.shape_zyx)} voxels", "Import the whole volume.")
    edges = geometry.spacing_zyx_mm
    shown = " × ".join(f"{edge:.3g}" for edge in edges)
    if min(edges) < VOXEL_MM[0] or max(edges) > VOXEL_MM[1]:
        raise Defect(f"has voxels of {shown} mm (z, y, x), which no breast MR has", CHECK_UNITS)
    if max(edges) / min(edges) > MOST_STRETCHED:
        raise Defect(f"has voxels stretched {max(edges) / min(edges):.0f} times: {shown} mm (z, y, x)", CHECK_UNITS)
    check_extent(geometry)


def doubts_about(geometry: Geometry, words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What to look at, and what to do: an odd size, or a place that contradicts words of the file's name."""
    yield from size_doubts(geometry)
    said = " ".join(words)
    for named, found, by in (
        (plane_of(said), plane_of_geometry(geometry), "by its orientation"),
        (side_of(said), side_by_place(geometry), "by its position"),
    ):
        if named and found and named != found:
            yield f"is {found} {by}, but its name says {named}", CHECK_SIDE


def check_count(shape_zyx: Sequence[int], phases: int, limit: int) -> None:
    """Raises Defect for more voxels over all phases than an import accepts."""
    z, y, x = shape_zyx
    voxels = z * y * x * phases
    if voxels > limit:
        message = f"is too large: {phases} × {_by(shape_zyx)} = {voxels:,} voxels; the limit is {limit:,}"
        raise Defect(message, SMALLER)


def _by(shape: Sequence[int]) -> str:
    return "×".join(str(n) for n in shape)
