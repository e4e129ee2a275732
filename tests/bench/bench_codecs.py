"""What the ways to store a phase take: bytes, and processor time of one core to write and to read them.

Processor time, so that a busy machine counts less. Codecs that are no part of this program are peers where the package
imagecodecs is installed.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pytest
from isal import isal_zlib
from numpy.typing import NDArray

from backend.imaging.chunks import CODEC, GZIP, decode_block, encode_block
from backend.imaging.dicom.pixels import read_pixels
from backend.imaging.dicom.scan import scan
from backend.imaging.dicom.stacks import build_stack
from tests.bench.studies import StudyFiles
from tests.bench.tables import median, show

Block = NDArray[np.int16]
Coder = tuple[Callable[[Block], bytes], Callable[[bytes, Block], object]]
RUNS = 5
LINK_BYTES_S = 30e6 / 8

pytestmark = pytest.mark.timeout(900)


def test_ways_to_store_a_phase(study: StudyFiles) -> None:
    pixels = _phase(study)
    coders = _ours_and_parts() | _peers()
    show(
        f"A phase of {study.name}, blocks of 4 slices, median of {RUNS}",
        ["way", "bytes of raw", "write MB/s", "read MB/s"],
        [[name, *_figures(pixels, coder, 4)] for name, coder in coders.items()],
    )
    rows = []
    for slices in (1, 2, 4, 8, 16):
        share, write, read = _figures(pixels, (encode_block, _decode), slices)
        block_s = float(share) * slices * pixels[0].nbytes / LINK_BYTES_S
        rows.append([slices, -(-len(pixels) // slices), share, write, read, f"{block_s:.2f}"])
    show(
        f"{CODEC} by slices of a block, median of {RUNS}",
        ["slices", "blocks of a phase", "bytes of raw", "write MB/s", "read MB/s", "s for a block at 30 Mbit/s"],
        rows,
    )


def _phase(study: StudyFiles) -> Block:
    folder = sorted({path.parent for path in study.paths})[1]
    headers = scan([path for path in study.paths if path.parent == folder]).headers
    return read_pixels(build_stack(headers)).stored


def _figures(pixels: Block, coder: Coder, slices: int) -> list[str]:
    encode, decode = coder
    blocks = [np.ascontiguousarray(pixels[start : start + slices]) for start in range(0, len(pixels), slices)]
    writing, reading, coded = [], [], []
    for _ in range(RUNS):
        began = time.process_time()
        coded = [encode(block) for block in blocks]
        half = time.process_time()
        for code, block in zip(coded, blocks, strict=True):
            decode(code, block)
        reading.append(time.process_time() - half)
        writing.append(half - began)
    megabytes = pixels.nbytes / 1e6
    share = sum(map(len, coded)) / pixels.nbytes
    return [f"{share:.3f}", f"{megabytes / median(writing):.0f}", f"{megabytes / median(reading):.0f}"]


def _decode(code: bytes, block: Block) -> object:
    return decode_block(code, CODEC, (block.shape[1], block.shape[2]))


def _inflate(code: bytes, block: Block) -> object:
    return isal_zlib.decompress(code, wbits=GZIP)


def _planes(block: Block) -> memoryview:
    pairs = block.view(np.uint8).reshape(-1, 2)
    return np.ascontiguousarray(pairs.T).data


def _differences(block: Block) -> Block:
    pixels = block.ravel()
    moved = np.empty_like(pixels)
    moved[0] = pixels[0]
    np.subtract(pixels[1:], pixels[:-1], out=moved[1:])
    return moved + np.int16(128)


def _ours_and_parts() -> dict[str, Coder]:
    """The codec in use, and what each of its parts brings; reading of the parts is the inflating alone."""

    def isal(level: int, shaped: Callable[[Block], object]) -> Coder:
        return lambda block: isal_zlib.compress(shaped(block), level, wbits=GZIP), _inflate

    return {
        f"{CODEC} (isal 1)": (encode_block, _decode),
        "gzip by zlib 1, the first version": (lambda block: zlib.compress(block.data, 1, wbits=GZIP), _inflate),
        "gzip by zlib 6": (lambda block: zlib.compress(block.data, 6, wbits=GZIP), _inflate),
        **{f"gzip by isal {level}": isal(level, lambda block: block.data) for level in (0, 1, 2, 3)},
        "planes, isal 1": isal(1, _planes),
        "differences, isal 1": isal(1, lambda block: _differences(block).data),
        **{
            f"differences and planes, isal {level}": isal(level, lambda block: _planes(_differences(block)))
            for level in (0, 2, 3)
        },
        "differences and planes, zlib 1": (
            lambda block: zlib.compress(_planes(_differences(block)), 1, wbits=GZIP),
            _inflate,
        ),
    }


def _peers() -> dict[str, Coder]:
    if find_spec("imagecodecs") is None:
        print("\nimagecodecs is not installed: zstd, HTJ2K and JPEG-LS are not measured.")
        return {}
    import imagecodecs as ic

    def slice_by_slice(encode: Callable[[Block], bytes], decode: Callable[[bytes], object]) -> Coder:
        """Lengths of the slices are counted by their sum; each is coded on its own."""
        kept: dict[int, list[bytes]] = {}

        def write(block: Block) -> bytes:
            parts = [encode(slice_yx) for slice_yx in block]
            joined = b"".join(parts)
            kept[hash(joined)] = parts
            return joined

        return write, lambda code, block: [decode(part) for part in kept[hash(code)]]

    return {
        "differences and planes, zstd 1": (
            lambda block: ic.zstd_encode(_planes(_differences(block)), 1),
            lambda code, block: ic.zstd_decode(code),
        ),
        "planes, zstd 1": (lambda block: ic.zstd_encode(_planes(block), 1), lambda code, block: ic.zstd_decode(code)),
        "HTJ2K, reversible": slice_by_slice(lambda yx: ic.htj2k_encode(yx, reversible=True), ic.htj2k_decode),
        "JPEG-LS": slice_by_slice(lambda yx: ic.jpegls_encode(yx.view(np.uint16)), ic.jpegls_decode),
    }
