"""Headers of `.npy` arrays, which say nothing of the patient. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.lib import format as npy_format

from backend.imaging.dicom.faults import Defect
from backend.imaging.formats.layout import REAL_VALUES, WRITE_AGAIN, Layout, Packing, check_sizes
from backend.imaging.formats.streams import read_head

HEAD_LIMIT = 2**14
READERS = {(1, 0): npy_format.read_array_header_1_0, (2, 0): npy_format.read_array_header_2_0}
REORDER = "Save the array as (rows, columns, slices), as BreastDM does, and import the case again."
# Nothing in the file says how large a voxel is or how the array lies. Taken: 1 mm each way, columns to the left of
# the patient, rows to the back, slices to the head, as axial pictures are shown. Each such case comes with a warning.
ASSUMED = (
    "holds no geometry in its files: voxels were taken as 1 × 1 × 1 mm, axial, first row in front, first column on the "
    "patient's right, first slice at the feet"
)
MEASURE_NOTHING = "Do not trust lengths, volumes in millilitres, or left and right in this study."


def read_layout(path: Path) -> Layout:
    """Layout of a 3-D array of real numbers, (rows, columns, slices). Raises Defect for anything else."""
    head, _ = read_head(path, HEAD_LIMIT)
    stream = io.BytesIO(head)
    try:
        reader = READERS[npy_format.read_magic(stream)]
        shape, by_columns, dtype = reader(stream)
    except Exception as error:  # the header is a Python literal, and numpy's parser of it raises many kinds
        raise Defect(
            "is not an .npy array, although its name says so, or its header is damaged", WRITE_AGAIN
        ) from error
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise Defect("holds values of a kind that is not read", REAL_VALUES)
    if len(shape) != 3:
        raise Defect(f"has {len(shape)} axes, not rows, columns and slices", REORDER)
    check_sizes(shape)
    if shape[2] > min(shape[:2]):
        shown = "×".join(str(size) for size in shape)
        raise Defect(f"has {shown} values: rows, columns and then fewer slices are expected", REORDER)
    order = (2, 1, 0) if by_columns else (0, 1, 2)
    return Layout(
        kind="npy",
        dtype=dtype,
        packing=Packing.PLAIN,
        offset=stream.tell(),
        axes="".join("yxz"[axis] for axis in order),
        sizes=tuple(shape[axis] for axis in order),
        matrix=np.eye(4)[[2, 1, 0, 3]],
        placed_by="assumption",
    )
