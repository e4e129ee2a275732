"""A DICOM Segmentation on the grid of a volume (PS3.3 A.51, A.101, C.8.20).

Read with pydicom, item by item: real files lack what strict readers ask for. What is written is strict.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.filereader import dcmread
from pydicom.pixels.utils import iter_pixels

from backend.imaging.dicom.deidentify import Cleaner, Key
from backend.imaging.dicom.headers import HeaderRefused, quietly, read_header
from backend.imaging.reading.messages import BuiltMask
from backend.imaging.reading.output import Output
from backend.imaging.segments.bitmaps import pack, unpack
from backend.imaging.segments.frames import Frame, read_frames
from backend.imaging.segments.kinds import Kind, kind_of
from backend.imaging.segments.label_maps import Planes, built, checked, planes_of
from backend.imaging.segments.naming import described_segments
from backend.imaging.segments.refusal import MaskRefused
from ml.geometry import Geometry

SEND_AGAIN = "Export the segmentation again, and send it whole."
OTHER_SPACE = "Send a segmentation of this study, or import the study to which this one belongs."
WAITING_LEVEL = 1  # zlib's, for frames that wait to be put together


def read_seg(
    path: Path,
    *,
    key: Key,
    grid: Geometry,
    references: Mapping[str, int],
    out: Output,
    frame_of_reference: str = "",
    cleaner: Cleaner | None = None,
) -> BuiltMask:
    """The segments of a file on a grid. Frames are placed by where they lie, else by the image that they refer to.

    references: SOP instance UID of each slice of the volume, as in the files or its stand-in → slice index.
    frame_of_reference: the volume's stand-in; empty where it has none.
    cleaner: cuts a person's words out of names; by default one made of the file's own identity.
    The answer says volume 0 and no series: `dataclasses.replace` puts it into its place of a study.

    Raises MaskRefused for a file that is no segmentation of this volume, with what differs.
    """
    dataset, own_cleaner = _open(path)
    with quietly():
        kind = kind_of(dataset)
        _check_space(dataset, key, frame_of_reference)
        frames = read_frames(dataset, grid, key=key, references=references, one_segment_each=not kind.is_label_map)
        said = described_segments(
            dataset, (cleaner or own_cleaner).knowing([str(dataset.get("ContentCreatorName", ""))])
        )
        gather = _from_label_map if kind.is_label_map else _from_frames
        planes = gather(dataset, kind, frames, grid)
    return built(
        checked(grid.shape_zyx, planes),
        said,
        source=kind.source,
        instances_key=key.digest("instances", str(dataset.SOPInstanceUID)),
        volume=0,
        out=out,
        remarks=kind.remarks,
    )


def _open(path: Path) -> tuple[Dataset, Cleaner]:
    """The whole file: its header is looked at first, under the limits that hold for every file."""
    try:
        header = read_header(path)
        return dcmread(path, force=True), Cleaner([header])
    except HeaderRefused as error:
        raise MaskRefused("is no DICOM file that can be read", SEND_AGAIN) from error
    except Exception:  # noqa: BLE001 - damaged files raise many kinds, and their texts quote the file
        raise MaskRefused("is damaged", SEND_AGAIN) from None


def _check_space(dataset: Dataset, key: Key, frame_of_reference: str) -> None:
    """The file's frame of reference is the volume's, by itself (our own export) or by its stand-in."""
    uid = str(dataset.get("FrameOfReferenceUID") or "")
    if uid and frame_of_reference and frame_of_reference not in {uid, key.uid(uid)}:
        raise MaskRefused(
            "lies in another frame of reference than the volume: positions in them have nothing to do with each other",
            OTHER_SPACE,
        )


def _from_label_map(dataset: Dataset, kind: Kind, frames: list[Frame], grid: Geometry) -> Planes:
    labels = np.zeros(grid.shape_zyx, dtype=np.uint16)
    for frame, pixels in zip(frames, _pixels(dataset, len(frames)), strict=True):
        frame.place.part(labels, pixels.shape)[...] = np.where(pixels == kind.padding, 0, pixels)
    return planes_of(labels)


def _from_frames(dataset: Dataset, kind: Kind, frames: list[Frame], grid: Geometry) -> Planes:
    waiting = dict[int, list[tuple[Frame, bytes]]]()
    shape = (int(dataset.Rows), int(dataset.Columns))
    for frame, pixels in zip(frames, _pixels(dataset, len(frames)), strict=True):
        inside = pixels >= kind.least
        if frame.segment is not None and inside.any():
            waiting.setdefault(frame.segment, []).append((frame, zlib.compress(pack(inside), WAITING_LEVEL)))
    return {number: _put_together(drawn, shape, grid) for number, drawn in sorted(waiting.items())}


def _put_together(drawn: list[tuple[Frame, bytes]], shape: tuple[int, int], grid: Geometry) -> dict[int, bytes]:
    voxels = np.zeros(grid.shape_zyx, dtype=np.bool_)
    for frame, packed in drawn:
        view = frame.place.part(voxels, shape)
        view |= unpack(zlib.decompress(packed), shape)
    return {z: pack(plane) for z, plane in enumerate(voxels) if plane.any()}


def _pixels(dataset: Dataset, frames: int) -> Iterator[NDArray[Any]]:
    """Stored values (Y, X) of each frame."""
    shape, given = (int(dataset.Rows), int(dataset.Columns)), 0
    try:
        for pixels in iter_pixels(dataset, raw=True):
            if pixels.shape != shape or pixels.dtype.kind not in "iu":
                raise ValueError(f"frames need {shape} whole numbers, got {pixels.shape}")
            given += 1
            yield pixels
    except Exception:  # noqa: BLE001 - decoders raise many kinds, and their texts can quote the file
        raise MaskRefused(f"cannot be read after {given} of {frames} frames", SEND_AGAIN) from None
    if given != frames:
        raise MaskRefused(f"is cut short: it has {given} of {frames} frames", SEND_AGAIN)
