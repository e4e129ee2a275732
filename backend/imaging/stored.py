"""Blocks of pixels in the blob store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.core import blobs
from backend.imaging.chunks import decode_block, encode_phase


class Blocks(Protocol):
    """Where blocks are named: a `Phase`, a `DerivedChannel`, or `StoredBlocks`."""

    codec: str
    slices_per_chunk: int
    chunks: list[str]


@dataclass
class StoredBlocks:
    """chunks: sha256 of each block; window_low, window_high: percentiles of the stored values."""

    codec: str
    slices_per_chunk: int
    chunks: list[str]
    window_low: float
    window_high: float


def store_phase(stored_zyx: NDArray[np.int16]) -> StoredBlocks:
    """Write the blocks of a phase (Z, Y, X)."""
    encoded = encode_phase(stored_zyx)
    digests = [blobs.put(block) for block in encoded.blocks]
    return StoredBlocks(encoded.codec, encoded.slices_per_chunk, digests, encoded.window_low, encoded.window_high)


def load_slices(blocks: Blocks, shape_zyx: tuple[int, int, int], start: int, stop: int) -> NDArray[np.int16]:
    """Stored values (stop - start, Y, X) of slices start to stop - 1, opening only the blocks that hold them."""
    per_chunk = blocks.slices_per_chunk
    first, last = start // per_chunk, (stop - 1) // per_chunk
    opened = [
        decode_block(blobs.get(digest), blocks.codec, shape_zyx[1:]) for digest in blocks.chunks[first : last + 1]
    ]
    slices = np.concatenate(opened)
    return slices[start - first * per_chunk : stop - first * per_chunk]
