"""Headers of NRRD files with their values inside, label maps of 3D Slicer included.

Read here and not by a library, since those open whatever file a header names. http://teem.sourceforge.net/nrrd/format.html
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

MAGIC = re.compile(rb"NRRD000[1-5]\r?\n")
END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
FIELD = re.compile(r"([A-Za-z][A-Za-z ]*): ?(.*)")
KEY_VALUE = re.compile(r"([^:=]+):=(.*)")
VECTOR = re.compile(r"none|\([^()]*\)")
SEGMENT = re.compile(r"Segment\d+_LabelValue")  # as 3D Slicer writes it
TYPES = {
    "i1": "signed char, int8, int8_t",
    "u1": "uchar, unsigned char, uint8, uint8_t",
    "i2": "short, short int, signed short, signed short int, int16, int16_t",
    "u2": "ushort, unsigned short, unsigned short int, uint16, uint16_t",
    "i4": "int, signed int, int32, int32_t",
    "u4": "uint, unsigned int, uint32, uint32_t",
    "i8": "longlong, long long, long long int, signed long long, signed long long int, int64, int64_t",
    "u8": "ulonglong, unsigned long long, unsigned long long int, uint64, uint64_t",
    "f4": "float",
    "f8": "double",
}
DTYPES = {name: code for code, names in TYPES.items() for name in names.split(", ")}
LPS_SIGNS = {
    "left-posterior-superior": (1, 1, 1),
    "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1),
    "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
    "las": (1, -1, 1),
}
PACKINGS = {"raw": Packing.PLAIN, "gzip": Packing.GZIP_VALUES, "gz": Packing.GZIP_VALUES}
UNITS_MM = {"": 1.0, "mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001}
TIME_KINDS = {"list", "time", "none", "???", "domain", "space"}
PLAIN_OR_GZIP = "Write it with the encoding raw or gzip, and import it again."


def read_layout(path: Path) -> Layout:
    """Layout of a file. Raises Defect for what is not one image of real numbers with a place in the patient."""
    head, packed = read_head(path, HEAD_LIMIT)
    end = END_OF_HEADER.search(head)
    if packed or not MAGIC.match(head) or end is None:
        raise Defect("is not NRRD, although its name says so, or its header is damaged", WRITE_AGAIN)
    fields, pairs = _parse(head[: end.start()].decode(errors="replace"))
    _check_alone(fields)
    if pairs.get("modality", "").upper() == "DWMRI":
        raise Defect("is diffusion-weighted (DWMRI), with a picture for each gradient", "Leave it out of the import.")
    sizes = whole_numbers(fields.get("sizes", ""))
    axes, matrix = _axes(fields, sizes)
    return Layout(
        kind="NRRD",
        dtype=_dtype(fields),
        packing=_packing(fields),
        offset=end.end(),
        axes=axes[::-1],
        sizes=sizes[::-1],
        matrix=matrix,
        placed_by="space directions",
        is_segmentation=any(SEGMENT.fullmatch(name) for name in pairs),
    )


def _parse(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Fields by name in lower case, and the keys and values that programs add."""
    fields: dict[str, str] = {}
    pairs: dict[str, str] = {}
    for line in text.splitlines()[1:]:
        if line.startswith("#"):
            continue
        if pair := KEY_VALUE.fullmatch(line):
            put_once(pairs, pair[1], pair[2])
        elif field := FIELD.fullmatch(line):
            put_once(fields, field[1].lower().replace(" ", ""), field[2])
        else:
            raise Defect("is damaged: a line of its header is neither a field nor a pair", WRITE_AGAIN)
    return fields, pairs


def _check_alone(fields: Mapping[str, str]) -> None:
    """Nothing but this file is opened, and its values follow its header at once."""
    if "datafile" in fields:
        raise Defect("holds no values and points to other files", ONE_FILE)
    if any(fields.get(name, "0") != "0" for name in ("lineskip", "byteskip")):
        raise Defect("says that something else lies before its values", WRITE_AGAIN)


def _dtype(fields: Mapping[str, str]) -> np.dtype[np.generic]:
    code = DTYPES.get(fields.get("type", "").lower())
    if code is None:
        raise Defect("holds values of a kind that is not read", REAL_VALUES)
    order = {"little": "<", "big": ">"}.get(fields.get("endian", "").lower(), "")
    if not order and not code.endswith("1"):
        raise Defect("does not say in which order the bytes of its values are", WRITE_AGAIN)
    return np.dtype(order + code)


def _packing(fields: Mapping[str, str]) -> Packing:
    found = PACKINGS.get(fields.get("encoding", "").lower())
    if found is None:
        raise Defect("is packed in a way that is not read", PLAIN_OR_GZIP)
    return found


def _axes(fields: Mapping[str, str], sizes: tuple[int, ...]) -> tuple[str, Matrix]:
    """Names of the axes from the fastest to the slowest, and the matrix (z, y, x) → LPS mm."""
    signs = LPS_SIGNS.get(fields.get("space", "").lower())
    vectors = VECTOR.findall(fields.get("spacedirections", ""))
    if signs is None or not vectors:
        raise Defect("does not say how it lies in the patient: it names no anatomical space with directions", SAY_WHERE)
    if len(vectors) != len(sizes) or not 3 <= len(sizes) <= 4 or sum(v != "none" for v in vectors) != 3:
        raise Defect("is not a volume: three axes in space are needed, and at most one of time points", REAL_VALUES)
    check_sizes(sizes)
    _check_kinds(fields, vectors)
    names = iter("xyz")
    axes = "".join("t" if vector == "none" else next(names) for vector in vectors)
    x, y, z = (_vector(vector) for vector in vectors if vector != "none")
    matrix = np.eye(4)
    matrix[:3] = np.array([z, y, x, _vector(fields.get("spaceorigin", ""))]).T
    matrix[:3] *= np.array(signs)[:, None] * _unit_mm(fields)
    return axes, matrix


def _check_kinds(fields: Mapping[str, str], vectors: list[str]) -> None:
    kinds = fields.get("kinds", "").lower().split()
    for kind, vector in zip(kinds, vectors, strict=False):
        if vector == "none" and kind not in TIME_KINDS:
            raise Defect("holds vectors or colours, not one number at each place and time", REAL_VALUES)


def _vector(text: str) -> tuple[float, float, float]:
    found = numbers(text.strip("()").replace(",", " "))
    if len(found) != 3:
        raise Defect("is damaged: a direction or origin in its header has not three figures", WRITE_AGAIN)
    return found[0], found[1], found[2]


def _unit_mm(fields: Mapping[str, str]) -> float:
    """Millimetres of one unit of space."""
    units = set(re.findall(r'"([^"]*)"', fields.get("spaceunits", ""))) or {""}
    scale = UNITS_MM.get(units.pop().lower().replace("µ", "u"))
    if scale is None or units:
        raise Defect("gives its distances in an unknown unit", SAY_WHERE)
    return scale
