"""Headers of MetaImage files with their values inside (.mha).

Read here and not by a library, since those open whatever file a header names. https://itk.org/Wiki/MetaIO/Documentation
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from backend.imaging.dicom.faults import Defect
from backend.imaging.formats.fields import HEAD_LIMIT, numbers, put_once, whole_numbers
from backend.imaging.formats.layout import (
    ONE_FILE,
    REAL_VALUES,
    SAY_WHERE,
    WRITE_AGAIN,
    Layout,
    Matrix,
    Packing,
    check_sizes,
)
from backend.imaging.formats.streams import read_head

DATA_LINE = re.compile(rb"(?:^|\n)ElementDataFile[ \t]*=[ \t]*([^\r\n]*?)[ \t]*\r?\n")
FIELD = re.compile(r"(\w+)\s*=\s*(.*)")
TYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
ALIASES = {
    "position": "offset",
    "origin": "offset",
    "rotation": "transformmatrix",
    "orientation": "transformmatrix",
    "elementbyteordermsb": "binarydatabyteordermsb",
}


def read_layout(path: Path) -> Layout:
    """Layout of a file. Raises Defect for what is not one image of real numbers with a place in the patient."""
    head, packed = read_head(path, HEAD_LIMIT)
    end = DATA_LINE.search(head)
    if packed or end is None:
        raise Defect("is not MetaImage, although its name says so, or its header is damaged", WRITE_AGAIN)
    if end[1] != b"LOCAL":
        raise Defect("holds no values and points to other files", ONE_FILE)
    fields = _parse(head[: end.start()].decode(errors="replace"))
    _check_plain(fields)
    sizes = whole_numbers(fields.get("dimsize", ""))
    while len(sizes) > 3 and sizes[-1] == 1:
        sizes = sizes[:-1]
    if not 3 <= len(sizes) <= 4:
        raise Defect("is not a volume: three axes in space are needed, and at most one of time points", REAL_VALUES)
    check_sizes(sizes)
    return Layout(
        kind="MetaImage",
        dtype=_dtype(fields),
        packing=Packing.ZLIB_VALUES if _is_true(fields, "compresseddata") else Packing.PLAIN,
        offset=end.end(),
        axes="xyzt"[: len(sizes)][::-1],
        sizes=sizes[::-1],
        matrix=_matrix(fields),
        placed_by="TransformMatrix",
    )


def _parse(text: str) -> dict[str, str]:
    """Fields by name in lower case."""
    fields: dict[str, str] = {}
    for line in filter(None, text.splitlines()):
        match = FIELD.fullmatch(line)
        if match is None:
            raise Defect("is not MetaImage, although its name says so, or its header is damaged", WRITE_AGAIN)
        name = match[1].lower()
        put_once(fields, ALIASES.get(name, name), match[2])
    return fields


def _check_plain(fields: Mapping[str, str]) -> None:
    """Binary values of one number each, right after the header."""
    if fields.get("elementnumberofchannels", "1") != "1":
        raise Defect("holds vectors or colours, not one number at each place and time", REAL_VALUES)
    if not _is_true(fields, "binarydata") or fields.get("headersize", "0") != "0":
        raise Defect("is packed in a way that is not read", "Write it as binary, and import it again.")
    if numbers(fields.get("elementtointensityfunctionslope", "1")) != (1.0,) or numbers(
        fields.get("elementtointensityfunctionoffset", "0")
    ) != (0.0,):
        raise Defect("gives a slope or offset for its values, which programs read differently", REAL_VALUES)


def _is_true(fields: Mapping[str, str], name: str) -> bool:
    return fields.get(name, "").lower() in {"true", "1"}


def _dtype(fields: Mapping[str, str]) -> np.dtype[np.generic]:
    code = TYPES.get(fields.get("elementtype", ""))
    if code is None:
        raise Defect("holds values of a kind that is not read", REAL_VALUES)
    return np.dtype((">" if _is_true(fields, "binarydatabyteordermsb") else "<") + code)


def _matrix(fields: Mapping[str, str]) -> Matrix:
    """(z, y, x) → LPS mm. The file lists the direction of each axis in turn; a fourth axis stands apart."""
    if "transformmatrix" not in fields or "offset" not in fields:
        raise Defect("does not say how it lies in the patient: it has no TransformMatrix or no Offset", SAY_WHERE)
    count = int(len(numbers(fields["transformmatrix"])) ** 0.5)
    figures = [numbers(fields.get(name, "")) for name in ("transformmatrix", "offset", "elementspacing")]
    if count not in {3, 4} or [len(part) for part in figures] != [count**2, count, count]:
        raise Defect("is damaged: its TransformMatrix, Offset and ElementSpacing do not fit together", WRITE_AGAIN)
    axes = np.reshape(figures[0], (count, count))
    if count == 4 and (np.abs(axes[3, :3]).max() > 0 or np.abs(axes[:3, 3]).max() > 0):
        raise Defect("gives no usable position: its axis of time leans into space", WRITE_AGAIN)
    matrix = np.eye(4)
    matrix[:3, :3] = (axes[:3, :3] * np.array(figures[2][:3])[:, None]).T[:, ::-1]
    matrix[:3, 3] = figures[1][:3]
    return matrix
