"""Bit maps: the same voxels come back, and a blob that lies is refused."""

import json
import struct
import zlib

import numpy as np
import pytest

from backend.imaging.segments.bitmaps import MAGIC, Bitmaps, pack, slices_in

SHAPE = (5, 7, 11)


def bitmaps(**by_number):
    volumes = {int(name[1:]): volume for name, volume in by_number.items()}
    return Bitmaps(SHAPE, {n: {z: pack(plane) for z, plane in enumerate(v) if plane.any()} for n, v in volumes.items()})


def block(z, y, x):
    volume = np.zeros(SHAPE, dtype=bool)
    volume[z, y, x] = True
    return volume


def test_every_voxel_comes_back_from_the_blob():
    random = np.random.default_rng(1)
    volumes = {number: random.random(SHAPE) < 0.3 for number in (1, 4, 250)}
    stored = bitmaps(**{f"n{n}": v for n, v in volumes.items()}).encode()
    assert slices_in(stored) == {n: [z for z, plane in enumerate(v) if plane.any()] for n, v in volumes.items()}
    found = Bitmaps.decode(stored, SHAPE)
    assert found.numbers == (1, 4, 250)
    for number, volume in volumes.items():
        back = np.zeros(SHAPE, dtype=bool)
        for z in found.planes[number]:
            back[z] = found.plane(number, z)
        assert (back == volume).all()
        assert found.voxels(number) == volume.sum()
        assert found.by_slice(number) == {z: int(plane.sum()) for z, plane in enumerate(volume) if plane.any()}


def test_equal_bit_maps_give_equal_blobs():
    a = block(slice(1, 3), 2, slice(4, 9))
    assert bitmaps(n2=a, n1=a).encode() == bitmaps(n1=a, n2=a).encode()


def test_a_box_reaches_from_the_first_to_the_last_voxel():
    volume = block(slice(1, 4), slice(2, 6), 3) | block(2, 0, slice(3, 10))
    assert bitmaps(n1=volume).box(1) == ((1, 0, 3), (3, 5, 9))


def test_shared_voxels_are_counted_for_each_pair():
    a, b, c = block(slice(0, 3), 1, 1), block(slice(1, 5), 1, 1), block(4, 6, 6)
    both = block(1, 2, slice(0, 5))
    assert bitmaps(n1=a | both, n2=b | both, n3=c).overlaps() == (((1, 2), 2 + 5),)
    assert bitmaps(n1=a, n3=c).overlaps() == ()


def blob(head, payload):
    text = json.dumps(head).encode()
    return MAGIC + struct.pack("<I", len(text)) + text + payload


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("other magic", b"XXXX" + bytes(20)),
        ("nothing", b""),
        ("other shape", bitmaps(n1=block(1, 1, 1)).encode().replace(b"[5,7,11]", b"[5,11,7]")),
        ("cut short", bitmaps(n1=block(1, 1, 1)).encode()[:-1]),
        ("bytes follow", bitmaps(n1=block(1, 1, 1)).encode() + b"x"),
        (
            "slice outside",
            blob(
                {
                    "shape_zyx": SHAPE,
                    "segments": [{"number": 1, "slices": [5], "bytes": len(zlib.compress(bytes(10)))}],
                },
                zlib.compress(bytes(10)),
            ),
        ),
        (
            "a bomb",
            blob(
                {
                    "shape_zyx": SHAPE,
                    "segments": [{"number": 1, "slices": [0], "bytes": len(zlib.compress(bytes(10**7)))}],
                },
                zlib.compress(bytes(10**7)),
            ),
        ),
    ],
)
def test_a_blob_that_lies_is_refused(name, stored):
    with pytest.raises((ValueError, zlib.error)):
        Bitmaps.decode(stored, SHAPE)
