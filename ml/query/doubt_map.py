"""A coarse picture of where a model was unsure: small enough to keep for every case."""

from __future__ import annotations

import gzip
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

LONGEST_SIDE = 64
MAX_BYTES = 4 * LONGEST_SIDE**3


def coarse(doubt: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Doubt (Z, Y, X) from 0 to 1 as means of equal blocks, at most 64 along each axis, 255 for 1.

    A block is as many voxels along an axis as it takes; the last one holds what is left.
    """
    means: NDArray[np.floating[Any]] = doubt
    for axis, size in enumerate(doubt.shape):
        starts = np.arange(0, size, block_size(size))
        counts = np.diff(np.append(starts, size)).reshape([-1 if n == axis else 1 for n in range(doubt.ndim)])
        means = np.add.reduceat(means, starts, axis=axis, dtype=np.float64) / counts
    shades: NDArray[np.uint8] = np.rint(np.clip(means, 0, 1) * 255).astype(np.uint8)
    return shades


def block_size(voxels: int) -> int:
    """Voxels of a block along an axis of so many."""
    return -(-voxels // LONGEST_SIDE)


def packed(shades: NDArray[np.uint8]) -> bytes:
    """A coarse map as a compressed .npy file; the same map gives the same bytes."""
    file = io.BytesIO()
    np.save(file, shades, allow_pickle=False)
    return gzip.compress(file.getvalue(), compresslevel=6, mtime=0)


def unpacked(content: bytes) -> NDArray[np.uint8]:
    """The map of `packed`. Raises ValueError for anything else."""
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            shades = np.load(io.BytesIO(stream.read(MAX_BYTES)), allow_pickle=False)
    except (OSError, EOFError, ValueError) as error:
        raise ValueError(f"this is no doubt map ({type(error).__name__})") from error
    if shades.dtype != np.uint8 or shades.ndim != 3 or max(shades.shape) > LONGEST_SIDE:
        raise ValueError(f"need uint8 (Z, Y, X) of at most {LONGEST_SIDE}, got {shades.dtype} {shades.shape}")
    found: NDArray[np.uint8] = shades
    return found
