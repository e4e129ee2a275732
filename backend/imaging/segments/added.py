"""One file that somebody adds to a volume as a mask, of any kind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from backend.imaging.dicom.deidentify import Key
from backend.imaging.reading.messages import BuiltMask
from backend.imaging.reading.output import Output
from backend.imaging.segments.label_files import is_label_file, read_label_file
from backend.imaging.segments.refusal import MaskRefused
from backend.imaging.segments.seg import read_seg
from ml.geometry import Geometry

ARRAY = "says nothing of where its voxels lie"
SEND_IMAGE = (
    "Send the mask as NIfTI, NRRD, MetaImage or DICOM SEG. A BreastDM case comes in whole, on the page Imports."
)


def read_mask_file(
    path: Path,
    name: str,
    *,
    key: Key,
    grid: Geometry,
    references: Mapping[str, int],
    out: Output,
    frame_of_reference: str = "",
) -> BuiltMask:
    """The mask in a file, by the suffix of the name it came with; without a known one it has to be DICOM.

    key, references, frame_of_reference: as `read_seg` takes them. Raises MaskRefused.
    """
    if is_label_file(name):
        return read_label_file(path, name, grid, out)
    if name.lower().endswith((".npy", ".npz")):
        raise MaskRefused(ARRAY, SEND_IMAGE)
    return read_seg(path, key=key, grid=grid, references=references, out=out, frame_of_reference=frame_of_reference)
