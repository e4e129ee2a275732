"""Headers of NIfTI-1 and NIfTI-2 files, plain or gzip, through nibabel. https://nifti.nimh.nih.gov"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from nibabel.spatialimages import HeaderDataError

from backend.imaging.dicom.faults import Defect
from backend.imaging.formats.layout import (
    ONE_FILE,
    RAS_OF_LPS,
    REAL_VALUES,
    SAY_WHERE,
    WRITE_AGAIN,
    Layout,
    Matrix,
    Packing,
    check_axes,
    check_sizes,
)
from backend.imaging.formats.streams import read_head

HEADERS: dict[int, tuple[Any, str]] = {  # by the length of the header
    348: (nibabel.Nifti1Header, "NIfTI-1"),
    540: (nibabel.Nifti2Header, "NIfTI-2"),
}
MAGIC = {"NIfTI-1": {b"n+1": False, b"ni1": True}, "NIfTI-2": {b"n+2": False, b"ni2": True}}  # True: a pair of files
HEAD_LIMIT = 2**20  # header, extensions and padding before the first value
SPACE_MM = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}  # unknown, m, mm, µm
TIME_S = {8: 1.0, 16: 1e-3, 24: 1e-6}
PLAUSIBLE_STEP_S = (2.0, 1800.0)  # many converters write the repetition time here, a few milliseconds
REAL_TYPES = {2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280}
OTHER_TYPES = {
    1: "single bits",
    32: "complex numbers",
    1792: "complex numbers",
    2048: "complex numbers",
    128: "RGB colours",
    2304: "RGBA colours",
}
AGREE_MM = 0.05
CONTRADICT_MM = 1.0
NAMED_LABEL = re.compile(rb'<Label\s+Key="(\d{1,5})"[^>]{0,200}>\s*<!\[CDATA\[([^\]]{1,100})\]\]>')


def read_layout(path: Path) -> Layout:
    """Layout of a file. Raises Defect for what is not one image of real numbers with a place in the patient."""
    head, packed = read_head(path, HEAD_LIMIT)
    header, kind = _parse(head)
    sizes = _sizes(header)
    offset = float(header["vox_offset"])
    if not (len(header.binaryblock) <= offset <= HEAD_LIMIT and offset.is_integer()):
        raise Defect(f"says that its values start at byte {offset:.0f}, which cannot be", WRITE_AGAIN)
    matrix, placed_by, remarks = _place(header, sizes)
    slope, intercept = _scaling(header)
    return Layout(
        kind=kind,
        dtype=_dtype(header),
        packing=Packing.GZIP_WHOLE if packed else Packing.PLAIN,
        offset=int(offset),
        axes="tzyx" if len(sizes) == 4 else "zyx",
        sizes=tuple(reversed(sizes)),
        matrix=matrix,
        placed_by=placed_by,
        slope=slope,
        intercept=intercept,
        step_s=_step_s(header) if len(sizes) == 4 else None,
        remarks=remarks,
        label_names=_label_names(head[: int(offset)]),
    )


def _parse(head: bytes) -> tuple[nibabel.Nifti1Header, str]:
    for length, (header_class, kind) in HEADERS.items():
        if len(head) < length or length not in _first_number(head):
            continue
        header = header_class(head[:length], check=False)
        pair = MAGIC[kind].get(bytes(header["magic"])[:3])
        if pair is None:
            break
        if pair:
            raise Defect("is the header of a pair of files (.hdr and .img)", ONE_FILE)
        return header, kind
    raise Defect("is not NIfTI, although its name says so, or its header is damaged", WRITE_AGAIN)


def _first_number(head: bytes) -> set[int]:
    """The length that the header says it has, in either order of bytes."""
    return {int.from_bytes(head[:4], "little"), int.from_bytes(head[:4], "big")}


def _sizes(header: nibabel.Nifti1Header) -> tuple[int, ...]:
    """Sizes along x, y, z, and t where there are several time points."""
    count = int(header["dim"][0])
    if not 1 <= count <= 7:
        raise Defect(f"says that it has {count} dimensions", WRITE_AGAIN)
    sizes = [int(n) for n in header["dim"][1 : count + 1]]
    while len(sizes) > 3 and sizes[-1] == 1:
        sizes.pop()
    if len(sizes) > 4:
        raise Defect("holds vectors, not one number at each place and time", REAL_VALUES)
    if len(sizes) < 3:
        raise Defect("is a picture of one slice, not a volume", "Import the whole volume.")
    check_sizes(tuple(sizes))
    return tuple(sizes)


def _dtype(header: nibabel.Nifti1Header) -> np.dtype[Any]:
    code = int(header["datatype"])
    if code not in REAL_TYPES:
        what = OTHER_TYPES.get(code, f"an unknown kind (code {code})")
        raise Defect(f"holds values of a kind that is not read: {what}", REAL_VALUES)
    found: np.dtype[Any] = header.get_data_dtype()
    return found


def _scaling(header: nibabel.Nifti1Header) -> tuple[float, float]:
    """Slope and intercept; a slope of 0 or none means that values are as they are."""
    try:
        slope, intercept = header.get_slope_inter()
    except HeaderDataError as error:
        raise Defect("gives a slope without a usable intercept", WRITE_AGAIN) from error
    return (1.0, 0.0) if slope is None else (float(slope), float(intercept))


def _place(header: nibabel.Nifti1Header, sizes: tuple[int, ...]) -> tuple[Matrix, str, tuple[str, ...]]:
    """Matrix (z, y, x) → LPS mm, which of the two forms gave it, and remarks."""
    scale = SPACE_MM.get(int(header["xyzt_units"]) & 7)
    if scale is None:
        raise Defect("gives its distances in an unknown unit", SAY_WHERE)
    try:
        sform, sform_code = header.get_sform(coded=True)
        qform, qform_code = header.get_qform(coded=True)
    except (HeaderDataError, ValueError) as error:
        raise Defect("gives an orientation (qform) that cannot be", SAY_WHERE) from error
    forms = [_lps_of(form, scale) for form, code in ((sform, sform_code), (qform, qform_code)) if code > 0]
    if not forms:
        raise Defect("does not say how it lies in the patient: its sform and qform codes are 0", SAY_WHERE)
    placed_by = "sform" if sform_code > 0 else "qform"
    if len(forms) == 1:
        return forms[0], placed_by, ()
    return forms[0], "sform and qform", _compared(forms[0], forms[1], sizes)


def _lps_of(ijk_to_ras: Matrix, scale: float) -> Matrix:
    """From the file's (i, j, k) → RAS to our (z, y, x) → LPS mm."""
    lps = RAS_OF_LPS @ np.diag([scale, scale, scale, 1.0]) @ np.asarray(ijk_to_ras, dtype=np.float64)
    check_axes(lps)
    return lps[:, [2, 1, 0, 3]]


def _compared(sform: Matrix, qform: Matrix, sizes: tuple[int, ...]) -> tuple[str, ...]:
    x, y, z = (size - 1 for size in sizes[:3])
    corners = np.array([[k, j, i, 1] for k in (0, z) for j in (0, y) for i in (0, x)], dtype=np.float64)
    apart_mm = float(np.linalg.norm(corners @ (sform - qform).T, axis=1).max())
    if apart_mm > CONTRADICT_MM:
        message = f"says twice where it lies, and contradicts itself: sform and qform are up to {apart_mm:.1f} mm apart"
        raise Defect(message, SAY_WHERE)
    if apart_mm > AGREE_MM:
        return (f"its sform and qform are {apart_mm:.2f} mm apart; the sform was taken",)
    return ()


def _step_s(header: nibabel.Nifti1Header) -> float | None:
    unit = TIME_S.get(int(header["xyzt_units"]) & 56)
    step_s = float(header["pixdim"][4]) * unit if unit else 0.0
    low, high = PLAUSIBLE_STEP_S
    return round(step_s, 3) if low <= step_s <= high else None


def _label_names(head: bytes) -> dict[int, str]:
    """Names of values out of a label table in an extension, as Connectome Workbench and TotalSegmentator write it."""
    return {int(key): name.decode(errors="replace") for key, name in NAMED_LABEL.findall(head)}
