"""Blocks of pixels in the blob store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.core import blobs
from backend.imaging.chunks import AT_ONCE, code_phase, decode_block


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
    coded = code_phase(stored_zyx, blobs.put)
    return StoredBlocks(coded.codec, coded.slices_per_chunk, list(coded.chunks), coded.window_low, coded.window_high)


def load_slices(blocks: Blocks, shape_zyx: tuple[int, int, int], start: int, stop: int) -> NDArray[np.int16]:
    """Stored values (stop - start, Y, X) of slices start to stop - 1, opening only the blocks that hold them."""
    per_chunk = blocks.slices_per_chunk
    first, last = start // per_chunk, (stop - 1) // per_chunk
    slices = np.empty((min((last + 1) * per_chunk, shape_zyx[0]) - first * per_chunk, *shape_zyx[1:]), dtype=np.int16)

    def load(number: int) -> None:
        place = (number - first) * per_chunk
        slices[place : place + per_chunk] = decode_block(blobs.get(blocks.chunks[number]), blocks.codec, shape_zyx[1:])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(load, range(first, last + 1)))
    return slices[start - first * per_chunk : stop - first * per_chunk]
