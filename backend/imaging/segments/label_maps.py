"""An integer label map on a volume's grid, each of its values a segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.imaging.reading.messages import BuiltMask, FoundSegment
from backend.imaging.reading.output import Output
from backend.imaging.segments.bitmaps import MAX_PACKED_BYTES, MAX_SEGMENTS, Bitmaps, pack, packed_bytes
from backend.imaging.segments.refusal import MaskRefused

NAME_LENGTH = 120
SPLIT = "Send the structures in several files, then add each to the volume."

Planes = dict[int, dict[int, bytes]]


@dataclass(frozen=True)
class Described:
    """What a file says of a segment, as in `FoundSegment`."""

    name: str = ""
    category: str = ""
    type: str = ""
    algorithm: str = ""


def from_labels(
    labels_zyx: NDArray[Any],
    *,
    names: Mapping[int, str],
    source: str,
    instances_key: str,
    volume: int,
    out: Output,
    algorithm: str = "",
) -> BuiltMask:
    """A mask of labels (Z, Y, X) on the grid of a volume; every value but 0 is a segment.

    names: what is known of the values; the others are called `value 3`. volume: place in `BuiltStudy.volumes`.

    Raises MaskRefused for values that are not whole or below 0, for more than 254 values, and where every voxel is 0.
    """
    planes = planes_of(labels_zyx)
    described = {value: Described(names.get(value, ""), algorithm=algorithm) for value in planes}
    bitmaps = checked(labels_zyx.shape, planes)
    return built(bitmaps, described, source=source, instances_key=instances_key, volume=volume, out=out)


def planes_of(labels_zyx: NDArray[Any]) -> Planes:
    """Packed slices by value and slice index. Raises MaskRefused for values that are no labels."""
    labels = _whole(labels_zyx)
    planes: Planes = {}
    for z, labels_yx in enumerate(labels):
        for value in np.unique(labels_yx):
            if value != 0:
                planes.setdefault(int(value), {})[z] = pack(labels_yx == value)
    return planes


def checked(shape_zyx: Sequence[int], planes: Planes) -> Bitmaps:
    """Bit maps of segments that have voxels. Raises MaskRefused without any, and over the limits."""
    if not planes:
        raise MaskRefused("is empty: no voxel belongs to a segment", "Nothing has to be done.")
    if len(planes) > MAX_SEGMENTS:
        raise MaskRefused(f"has {len(planes)} segments; up to {MAX_SEGMENTS} can be mapped", SPLIT)
    if packed_bytes(planes) > MAX_PACKED_BYTES:
        raise MaskRefused(f"has {len(planes)} segments that are too big to be kept apart", SPLIT)
    z, y, x = shape_zyx
    return Bitmaps((z, y, x), planes)


def built(
    bitmaps: Bitmaps,
    described: Mapping[int, Described],
    *,
    source: str,
    instances_key: str,
    volume: int,
    out: Output,
    remarks: Sequence[str] = (),
) -> BuiltMask:
    """The message that says what was found; the bit maps are left in the folder."""
    segments = tuple(_segment(bitmaps, number, described.get(number, Described())) for number in bitmaps.numbers)
    empty = [
        f"{called(number, said)} holds no voxel."
        for number, said in sorted(described.items())
        if number not in bitmaps.planes
    ]
    return BuiltMask(
        volume=volume,
        series=None,
        source=source,
        instances_key=instances_key,
        segments=segments,
        overlaps=bitmaps.overlaps(),
        remarks=(*remarks, *empty),
        content=out.put(bitmaps.encode()),
    )


def called(number: int, said: Described) -> str:
    """A segment in a sentence."""
    return f"Segment {number} ({said.name})" if said.name else f"Segment {number}"


def _segment(bitmaps: Bitmaps, number: int, said: Described) -> FoundSegment:
    return FoundSegment(
        number=number,
        name=said.name[:NAME_LENGTH] or f"value {number}",
        category=said.category,
        type=said.type,
        algorithm=said.algorithm,
        voxels=bitmaps.voxels(number),
    )


def _whole(labels: NDArray[Any]) -> NDArray[Any]:
    if labels.ndim != 3:
        raise MaskRefused(f"has {labels.ndim} dimensions; a mask has 3", "Send one file for each time point.")
    export = "Export the mask as whole numbers, 0 where nothing is drawn."
    if labels.dtype.kind == "f":
        if not np.isfinite(labels).all() or (labels != np.rint(labels)).any():
            raise MaskRefused("holds values that are not whole numbers, as probabilities do", export)
        labels = labels.astype(np.int64)
    if labels.dtype.kind not in "iub":
        raise MaskRefused("holds values that are not numbers", export)
    if labels.size and int(labels.min()) < 0:
        raise MaskRefused(f"holds values below 0, down to {int(labels.min())}", export)
    return labels
