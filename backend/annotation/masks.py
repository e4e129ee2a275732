"""Masks like commits: each non-empty slice is stored once by its hash, and a mask is the list of its slices."""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.annotation.models import Mask
from backend.annotation.slice_ranges import write_ranges
from backend.core import blobs
from backend.core.errors import InvalidInput, TooLarge
from backend.imaging.models import Volume
from ml.labelmaps import (
    LabelArray,
    changed_voxels,
    content_hash,
    decode_slice,
    encode_slice,
    pack_bundle,
    unpack_bundle,
)

MAX_BUNDLE_BYTES = 64 * 1024 * 1024  # inflated; 448×448×160 of pure noise would be 96 MiB, a dense drawing is under 4
GZIP = zlib.MAX_WBITS | 16


@dataclass(frozen=True)
class SliceEdit:
    """A slice as it shall be. labels: (Y, X) uint8. sha256: of its coded form in the blob store; None when empty."""

    index: int
    labels: LabelArray
    sha256: str | None


def store_mask(*, volume: Volume, labels: LabelArray) -> Mask:
    """Mask of labels (Z, Y, X) uint8 on a volume. Raises InvalidInput for another shape."""
    if labels.shape != volume.shape_zyx:
        raise InvalidInput(f"The mask needs shape {volume.shape_zyx} (z, y, x), got {labels.shape}.")
    edits = [store_slice(index, labels[index]) for index in range(labels.shape[0])]
    return _mask(volume, {edit.index: edit.sha256 for edit in edits if edit.sha256})


def load_labels(mask: Mask) -> LabelArray:
    """Labels (Z, Y, X) uint8 of a mask."""
    labels: LabelArray = np.zeros(mask.volume.shape_zyx, dtype=np.uint8)
    for index, sha256 in mask.slices:
        labels[index] = decode_slice(blobs.get(sha256), mask.volume.shape_zyx[1:])
    return labels


def load_slices(mask: Mask, wanted: Container[int] | None = None) -> dict[int, LabelArray]:
    """Non-empty slices (Y, X) uint8 of a mask by index, all or those that are wanted."""
    shape_yx = mask.volume.shape_zyx[1:]
    return {
        index: decode_slice(blobs.get(sha256), shape_yx)
        for index, sha256 in mask.slices
        if wanted is None or index in wanted
    }


def content_of(mask: Mask) -> dict[str, Any]:
    """What a mask holds, as JSON: `voxels` and `slices` (as `slice_ranges` writes them) by label value."""
    voxels, slices = Counter[int](), dict[int, list[int]]()
    for index, labels in load_slices(mask).items():
        counts = np.bincount(labels.reshape(-1), minlength=256)
        for value in (int(found) for found in np.flatnonzero(counts) if found):
            voxels[value] += int(counts[value])
            slices.setdefault(value, []).append(index)
    return {str(value): {"voxels": voxels[value], "slices": write_ranges(slices[value])} for value in sorted(slices)}


def store_slice(index: int, labels: LabelArray) -> SliceEdit:
    """Code a slice (Y, X) uint8 and put it into the blob store, unless it is empty."""
    return SliceEdit(index, labels, blobs.put(encode_slice(labels)) if labels.any() else None)


def read_bundle(body: bytes, *, volume: Volume, values: frozenset[int]) -> dict[int, LabelArray]:
    """Slices (Y, X) by index from a gzip-compressed BMM1 bundle that somebody sent.

    Raises TooLarge when it inflates past the limit, InvalidInput when it is damaged, names a slice that the volume
    does not have, has slices of another size, or holds a value that is no label of the project.
    """
    try:
        coded = unpack_bundle(_inflate(body))
        slices = {index: _read_slice(index, runs, volume) for index, runs in coded.items()}
    except ValueError as error:
        raise InvalidInput(f"The mask cannot be read: {error}.") from error
    if not slices:
        raise InvalidInput("The mask holds no slice; send the slices that changed.")
    known = np.zeros(256, dtype=np.bool_)
    known[[0, *values]] = True
    for index, labels in slices.items():
        if not known[labels].all():
            value = int(labels[~known[labels]].min())
            raise InvalidInput(f"Slice {index} holds the value {value}, which is no label of the project.")
    return slices


def apply_slices(*, volume: Volume, base: Mask | None, edits: list[SliceEdit]) -> tuple[Mask, dict[str, int]]:
    """The mask that results from edits on a base (None: empty), and how many voxels changed by label value."""
    slices = dict(_slices(base))
    changed = Counter[int]()
    for edit in edits:
        changed.update(_changed(slices.get(edit.index), edit.sha256, volume, after=edit.labels))
        if edit.sha256 is None:
            slices.pop(edit.index, None)
        else:
            slices[edit.index] = edit.sha256
    return _mask(volume, slices), counts_json(changed)


def holds(mask: Mask, edits: list[SliceEdit]) -> bool:
    """True when the mask has every edited slice just as it shall be."""
    slices = _slices(mask)
    return all(slices.get(edit.index) == edit.sha256 for edit in edits)


def changed_between(before: Mask | None, after: Mask) -> dict[int, int]:
    """Voxels that gained or lost each label value between two masks of one volume; only differing slices are read."""
    was, now = _slices(before), _slices(after)
    changed = Counter[int]()
    for index in was.keys() | now.keys():
        changed.update(_changed(was.get(index), now.get(index), after.volume))
    return {value: count for value, count in sorted(changed.items()) if count}


def bundle(mask: Mask | None) -> bytes:
    """All non-empty slices as a gzip-compressed BMM1 bundle. The same mask gives the same bytes."""
    coded = {index: blobs.get(sha256) for index, sha256 in _slices(mask).items()}
    return gzip.compress(pack_bundle(coded), compresslevel=1, mtime=0)


def counts_json(counts: Mapping[int, int]) -> dict[str, int]:
    """Counts by label value, as JSON has them: keys are text, zeros are left out."""
    return {str(value): count for value, count in sorted(counts.items()) if count}


def _slices(mask: Mask | None) -> dict[int, str]:
    return dict(mask.slices) if mask else {}


def _mask(volume: Volume, slices: Mapping[int, str]) -> Mask:
    rows = sorted(slices.items())
    sha256 = content_hash(volume.shape_zyx, rows)
    row = Mask(sha256=sha256, volume=volume, slices=[list(pair) for pair in rows])
    Mask.objects.bulk_create([row], ignore_conflicts=True)  # two writers of one mask meet at its unique hash
    return Mask.objects.get(volume=volume, sha256=sha256)


def _changed(
    before: str | None, after_sha256: str | None, volume: Volume, *, after: LabelArray | None = None
) -> dict[int, int]:
    if before == after_sha256:
        return {}
    old = _load_slice(before, volume)
    new = _load_slice(after_sha256, volume) if after is None else after
    return changed_voxels(old, new, range(1, 256))


def _load_slice(sha256: str | None, volume: Volume) -> LabelArray:
    if sha256 is None:
        return np.zeros(volume.shape_zyx[1:], dtype=np.uint8)
    return decode_slice(blobs.get(sha256), volume.shape_zyx[1:])


def _read_slice(index: int, runs: bytes, volume: Volume) -> LabelArray:
    if index >= volume.size_z:
        raise ValueError(f"slice {index} is outside the volume, which has slices 0 to {volume.size_z - 1}")
    try:
        return decode_slice(runs, volume.shape_zyx[1:])
    except ValueError as error:
        raise ValueError(f"slice {index}: {error}") from error


def _inflate(body: bytes) -> bytes:
    stream = zlib.decompressobj(GZIP)
    try:
        content = stream.decompress(body, MAX_BUNDLE_BYTES + 1)
    except zlib.error as error:
        raise ValueError("it is not gzip-compressed") from error
    if len(content) > MAX_BUNDLE_BYTES:
        raise TooLarge(f"The mask is over {MAX_BUNDLE_BYTES // 2**20} MiB when inflated; send fewer slices at a time.")
    if not stream.eof or stream.unused_data:
        raise ValueError("the gzip stream is cut short or followed by other bytes")
    return content
