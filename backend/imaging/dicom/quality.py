"""The import's quality gate for volumes, one rule a function: what headers contradict, what no breast MR is. Pure.

Faults refuse the study, warnings come in with it. What makes a stack impossible is told where stacks are built
(`stacks`, `splitting`), what is wrong with the order of phases by `doubts`, what series are at all by `nature`.
The table in docs/importing.md lists them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.headers import Header
from backend.imaging.dicom.pixels import Pixels
from backend.imaging.dicom.wording import plane_of, side_of
from backend.imaging.reading.messages import Fault
from ml.geometry import Geometry

if TYPE_CHECKING:
    from backend.imaging.dicom.plan import VolumePlan

# No scanner has a bore of a metre, and a side of a millimetre is a header in other units.
POSSIBLE_MM = (1.0, 1000.0)
# One breast in sagittal slices is about 180 mm high and 80 mm deep, both in axial slices 300 to 450 mm wide.
USUAL_PLANE_MM = (80.0, 600.0)
USUAL_DEPTH_MM = (40.0, 500.0)
USUAL_SLICES = (10, 600)
USUAL_PIXELS = (64, 1024)
POSSIBLE_SLOPE = (1e-9, 1e9)
SPACING_SHARE = 0.05
PLANES = ("sagittal", "coronal", "axial")  # by the axis of the patient (x, y, z) that slices follow each other on
CLEAR_PLANE = 0.8  # of the normal on that axis; less is oblique, and no word fits it
BEYOND_MIDDLE_MM = 20.0  # the scanner's middle is not exactly the patient's
SUPINE, ON_THE_SIDE = {"HFS", "FFS"}, {"HFDL", "HFDR", "FFDL", "FFDR"}
CHECK_SIDE = "Compare the pictures with the report or the archive before anybody draws on them."
CHECK_SIZE = "Look at the volume; leave the series out when it is no breast MR."
UNCOMPRESSED = "Import the original where the archive still has it."

Found = Iterator[tuple[str, str]]


def check_extent(geometry: Geometry) -> None:
    """Raises Defect for sizes in mm that nothing in a scanner has."""
    sizes = extent_mm(geometry)
    low, high = POSSIBLE_MM
    if min(sizes) < low or max(sizes) > high:
        raise Defect(
            f"measures {_by(sizes)} mm, which no MR can (limits {low:.0f} and {high:,.0f} mm)",
            "The spacing in its headers is wrong: export it again from the scanner or archive, and import again.",
        )


def check_scale(images: Sequence[Header]) -> None:
    """Raises Defect for a rescale whose values no picture has, and no 32-bit number holds."""
    low, high = POSSIBLE_SLOPE
    odd = [h for h in images if not low <= abs(h.slope) <= high or abs(h.intercept) > high]
    if odd:
        raise Defect(
            f"has {len(odd)} of {len(images)} images with Rescale Slope {odd[0].slope:g} and Rescale Intercept "
            f"{odd[0].intercept:g} (limits {low:g} to {high:g})",
            "Export it again from the scanner or archive, and import again.",
        )


def extent_mm(geometry: Geometry) -> tuple[float, float, float]:
    """Depth, height and width (z, y, x) of the whole grid."""
    z, y, x = (n * mm for n, mm in zip(geometry.shape_zyx, geometry.spacing_zyx_mm, strict=True))
    return z, y, x


def warnings_of(volume: VolumePlan) -> list[Fault]:
    """What to look at in a volume, by its headers."""
    return [Fault(volume.name, message, action) for check in CHECKS for message, action in check(volume)]


def warnings_of_pixels(subject: str, pixels: Pixels) -> list[Fault]:
    """What to look at in a phase once its pixels are read."""
    if not pixels.blank_slices:
        return []
    slices = "slice" if pixels.blank_slices == 1 else "slices"
    message = f"has {pixels.blank_slices} of {len(pixels.stored)} {slices} of one value alone"
    return [Fault(subject, message, "Look whether the scanner padded the volume or the export lost pictures.")]


def size_doubts(geometry: Geometry) -> Found:
    """What is unlike breast MR in the size of a grid."""
    z, y, x = geometry.shape_zyx
    depth, height, width = extent_mm(geometry)
    rows: tuple[tuple[tuple[float, ...], tuple[float, float], str], ...] = (
        ((z,), USUAL_SLICES, "slices"),
        ((y, x), USUAL_PIXELS, "pixels"),
        ((height, width), USUAL_PLANE_MM, "mm in the plane"),
        ((depth,), USUAL_DEPTH_MM, "mm through the plane"),
    )
    odd = [
        f"{'×'.join(f'{value:.0f}' for value in values)} {what} (usual are {low:g} to {high:g})"
        for values, (low, high), what in rows
        if min(values) < low or max(values) > high
    ]
    if odd:
        yield f"has a size that breast MR seldom has: {'; '.join(odd)}", CHECK_SIZE


def _size(volume: VolumePlan) -> Found:
    yield from size_doubts(volume.geometry)


def _slice_distance(volume: VolumePlan) -> Found:
    measured = volume.geometry.spacing_zyx_mm[0]
    said = {abs(header.between_slices_mm) for header in _images(volume) if header.between_slices_mm}
    odd = [mm for mm in said if abs(mm - measured) > SPACING_SHARE * measured]
    if odd:
        yield (
            f"has slices {measured:.2f} mm apart by their positions, but {odd[0]:.2f} mm by Spacing Between Slices; "
            "the positions count",
            "Look at the proportions in another plane.",
        )


def _plane(volume: VolumePlan) -> Found:
    plane = plane_of_geometry(volume.geometry)
    for description in _descriptions(volume):
        named = plane_of(description)
        if plane and named and named != plane:
            yield f"is {plane} by its orientation, but its description says {named}", CHECK_SIDE
            return


def _side(volume: VolumePlan) -> Found:
    by_header = {header.laterality for header in _images(volume)} - {""}
    by_words = {side for description in _descriptions(volume) if (side := side_of(description))}
    for source, sides in (("Laterality in its headers", by_header), ("the description", by_words)):
        if len(sides) > 1:
            yield f"is both left and right by {source}", CHECK_SIDE
    if len(by_header) == 1 and len(by_words) == 1 and by_header != by_words:
        yield f"is {_only(by_header)} by Laterality, but its description says {_only(by_words)}", CHECK_SIDE
    by_place = side_by_place(volume.geometry)
    said = by_header or by_words
    if by_place and len(said) == 1 and said != {by_place}:
        reach = max(abs(x) for x in _reach_x_lps(volume.geometry))
        source = "Laterality" if by_header else "description"
        where = f"wholly on the {by_place} of the scanner's middle (as far as {reach:.0f} mm)"
        yield f"is {_only(said)} by its {source}, but lies {where}", CHECK_SIDE


def _patient_position(volume: VolumePlan) -> Found:
    positions = sorted({header.patient_position for header in _images(volume)} - {""})
    if len(positions) > 1:
        yield f"has images of more than one Patient Position: {', '.join(_codes(positions))}", CHECK_SIDE
    elif positions and positions[0] in SUPINE:
        yield f"was made with the patient on the back ({positions[0]}), and breast MR is made face down", CHECK_SIDE
    elif positions and positions[0] in ON_THE_SIDE:
        yield f"was made with the patient on the side ({positions[0]}), and breast MR is made face down", CHECK_SIDE


def _lossy(volume: VolumePlan) -> Found:
    lossy = sum(header.is_lossy for header in _images(volume))
    if lossy:
        yield f"has {lossy} of {len(_images(volume))} images that lost detail to compression", UNCOMPRESSED


def _inverted(volume: VolumePlan) -> Found:
    if any(header.photometric == "MONOCHROME1" for header in _images(volume)):
        yield (
            "says that low values are bright (MONOCHROME1), which MR never is; the values stay as they are",
            "Look whether fat and background are as they should be.",
        )


def plane_of_geometry(geometry: Geometry) -> str:
    """`sagittal`, `coronal` or `axial`; empty for oblique slices."""
    normal = np.abs(np.cross(geometry.direction_zyx[:, 2], geometry.direction_zyx[:, 1]))
    return PLANES[int(normal.argmax())] if normal.max() >= CLEAR_PLANE else ""


def side_by_place(geometry: Geometry) -> str:
    """`left` or `right` of the scanner's middle when the whole grid lies there; empty else."""
    low, high = _reach_x_lps(geometry)
    if low > BEYOND_MIDDLE_MM:
        return "left"
    return "right" if high < -BEYOND_MIDDLE_MM else ""


def _reach_x_lps(geometry: Geometry) -> tuple[float, float]:
    """Smallest and largest x of the grid's corners; x grows to the patient's left."""
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in geometry.shape_zyx])).reshape(3, -1).T
    across = geometry.position_lps(corners)[:, 0]
    return float(across.min()), float(across.max())


def _images(volume: VolumePlan) -> list[Header]:
    return [header for phase in volume.phases for header in phase.source.stack.headers]


def _descriptions(volume: VolumePlan) -> list[str]:
    return list(dict.fromkeys(phase.source.first.series_description for phase in volume.phases))


def _only(found: set[str]) -> str:
    return next(iter(found))


def _codes(found: list[str]) -> list[str]:
    """Codes of DICOM; any other text could name somebody."""
    return [code if code in SUPINE | ON_THE_SIDE | {"HFP", "FFP"} else "unknown" for code in found]


def _by(sizes: tuple[float, ...]) -> str:
    return "×".join(f"{mm:.4g}" for mm in sizes)


CHECKS: tuple[Callable[[VolumePlan], Found], ...] = (
    _size,
    _slice_distance,
    _plane,
    _side,
    _patient_position,
    _lossy,
    _inverted,
)
