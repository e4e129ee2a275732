"""Where each frame of a DICOM Segmentation lies on a volume's grid. Pure; PS3.3 C.7.6.16."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from backend.imaging.dicom.deidentify import Key
from backend.imaging.segments.places import Fit, fit
from backend.imaging.segments.refusal import MaskRefused
from ml.geometry import Geometry

FLAT = "lies on pictures without a place in the patient, as X-ray and mammography are"
SEND_MR = "Send a segmentation of the MR volume."
SEND_AGAIN = "Export the segmentation again, and send it whole."

GEOMETRY_GROUPS = ("PlanePositionSequence", "PlaneOrientationSequence", "PixelMeasuresSequence")


@dataclass(frozen=True)
class Frame:
    """segment: number of the one segment that the frame draws; None in a label map."""

    segment: int | None
    place: Fit


def read_frames(
    dataset: Dataset, grid: Geometry, *, key: Key, references: Mapping[str, int], one_segment_each: bool
) -> list[Frame]:
    """Every frame in its order. Raises MaskRefused where one lies elsewhere, or does not say where it lies."""
    groups = _groups(dataset)
    size = (int(dataset.get("Rows") or 0), int(dataset.get("Columns") or 0))
    if min(size) < 1:
        raise MaskRefused("has no pixels", SEND_AGAIN)
    return [
        Frame(
            _segment(frame) if one_segment_each else None,
            _place(frame, grid, size) or _referred(frame, grid, size, key, references),
        )
        for frame in groups
    ]


def _groups(dataset: Dataset) -> list[Dataset]:
    """Functional groups of each frame, the shared ones among them."""
    shared = (dataset.get("SharedFunctionalGroupsSequence") or [Dataset()])[0]
    frames: Sequence[Dataset] = dataset.get("PerFrameFunctionalGroupsSequence") or []
    stated = int(dataset.get("NumberOfFrames") or 1)
    if len(frames) != stated:
        raise MaskRefused(f"says that it has {stated} frames, and describes {len(frames)}", SEND_AGAIN)
    return [_merged(shared, frame) for frame in frames]


def _merged(shared: Dataset, frame: Dataset) -> Dataset:
    merged = Dataset()
    for groups in (shared, frame):
        merged.update({element.tag: element for element in groups})
    return merged


def _segment(frame: Dataset) -> int:
    item = _first(frame, "SegmentIdentificationSequence")
    number = item.get("ReferencedSegmentNumber") if item else None
    if not number or isinstance(number, list):
        raise MaskRefused("has a frame that names no segment", SEND_AGAIN)
    return int(number)


def _place(frame: Dataset, grid: Geometry, size: tuple[int, int]) -> Fit | None:
    """By position and orientation; None for a frame without a position."""
    position = _numbers(frame, "PlanePositionSequence", "ImagePositionPatient", 3)
    orientation = _numbers(frame, "PlaneOrientationSequence", "ImageOrientationPatient", 6)
    spacing = _numbers(frame, "PixelMeasuresSequence", "PixelSpacing", 2)
    if position is None or orientation is None or spacing is None or min(spacing) <= 0:
        return None
    row, column = orientation[:3], orientation[3:]
    steps = np.stack((column * spacing[0], row * spacing[1]))  # from one row to the next, from one column to the next
    return fit(grid, shape=size, origin_lps=position, steps_lps=steps)


def _referred(frame: Dataset, grid: Geometry, size: tuple[int, int], key: Key, references: Mapping[str, int]) -> Fit:
    """By the image that the frame was drawn on."""
    derivation = _first(frame, "DerivationImageSequence") or Dataset()
    for source in derivation.get("SourceImageSequence") or ():
        uid = str(source.get("ReferencedSOPInstanceUID", ""))
        z = references.get(uid, references.get(key.uid(uid)))
        if z is not None and size == grid.shape_zyx[1:]:
            return Fit(axes=(1, 2), signs=(1, 1), start_zyx=(z, 0, 0))
    raise MaskRefused(f"{FLAT}, and refers to no image of the volume", SEND_MR)


def _numbers(frame: Dataset, group: str, keyword: str, length: int) -> Any:
    item = _first(frame, group)
    values = np.asarray(item.get(keyword) or () if item else (), dtype=np.float64)
    return values if values.shape == (length,) and np.isfinite(values).all() else None


def _first(frame: Dataset, keyword: str) -> Dataset | None:
    return next(iter(frame.get(keyword) or ()), None)
