"""Run lengths and bundles: what goes in comes out, and what is broken is told."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ml.labelmaps import changed_voxels, content_hash, decode_slice, encode_slice, pack_bundle, unpack_bundle

slices = arrays.arrays(np.uint8, arrays.array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.integers(0, 3))
runs_of = np.dtype([("value", "u1"), ("length", "<u2")])


@given(slices)
def test_a_slice_comes_back(labels):
    assert np.array_equal(decode_slice(encode_slice(labels), labels.shape), labels)


@given(slices)
def test_runs_are_maximal_so_equal_slices_give_equal_bytes(labels):
    table = np.frombuffer(encode_slice(labels), dtype=runs_of)
    assert (table["length"] > 0).all()
    assert (np.diff(table["value"].astype(int)) != 0).all()
    assert encode_slice(np.asfortranarray(labels)) == encode_slice(labels)


@pytest.mark.parametrize(("side", "lengths"), [(255, [65_025]), (256, [65_535, 1]), (512, [65_535] * 4 + [4])])
def test_a_long_run_is_split_only_where_two_bytes_end(side, lengths):
    table = np.frombuffer(encode_slice(np.full((side, side), 7, np.uint8)), dtype=runs_of)
    assert table["length"].tolist() == lengths
    assert np.array_equal(decode_slice(table.tobytes(), (side, side)), np.full((side, side), 7))


def test_the_bytes_of_a_known_slice():
    assert encode_slice(np.array([[0, 0, 5], [5, 5, 1]], np.uint8)).hex() == "000200" + "050300" + "010100"


def test_another_type_is_refused():
    with pytest.raises(ValueError, match="uint8, got int64"):
        encode_slice(np.zeros((2, 2), np.int64))


@pytest.mark.parametrize(
    ("runs", "complaint"),
    [(b"\x00\x02", "multiple of 3"), (bytes.fromhex("000300"), "cover 3 pixels, the slice has 4"), (b"", "cover 0")],
)
def test_runs_that_do_not_fill_the_slice_are_refused(runs, complaint):
    with pytest.raises(ValueError, match=complaint):
        decode_slice(runs, (2, 2))


@given(st.dictionaries(st.integers(0, 65_535), st.binary(max_size=30), max_size=8))
def test_a_bundle_comes_back(content):
    assert unpack_bundle(pack_bundle(content)) == content


@given(st.dictionaries(st.integers(0, 300), st.binary(max_size=9), min_size=1, max_size=4), st.data())
def test_a_bundle_that_is_cut_is_refused(content, data):
    bundle = pack_bundle(content)
    with pytest.raises(ValueError, match=r"BMM1|cut short"):
        unpack_bundle(bundle[: data.draw(st.integers(0, len(bundle) - 1))])


@given(st.binary(max_size=60))
def test_bytes_that_are_read_as_a_bundle_are_the_bundle_of_what_was_read(content):
    for bundle in (content, b"BMM1" + content):
        with suppress(ValueError):  # and no other error
            slices = unpack_bundle(bundle)
            assert sorted(pack_bundle(slices)) == sorted(bundle)


def test_bytes_after_the_last_slice_are_refused():
    with pytest.raises(ValueError, match="bytes follow"):
        unpack_bundle(pack_bundle({1: b"x"}) + b"y")


def test_a_slice_given_twice_is_refused():
    once = pack_bundle({1: b"x"})
    with pytest.raises(ValueError, match="slice 1 is given twice"):
        unpack_bundle(once[:4] + b"\x02\x00" + once[6:] * 2)


def test_the_content_hash_knows_shape_place_and_content_but_not_the_order():
    first, second = "11" * 32, "22" * 32
    base = content_hash((4, 5, 6), [(0, first), (3, second)])
    assert base == content_hash((4, 5, 6), [(3, second), (0, first)])
    others = [
        content_hash((4, 6, 5), [(0, first), (3, second)]),
        content_hash((4, 5, 6), [(0, second), (3, first)]),
        content_hash((4, 5, 6), [(1, first), (3, second)]),
        content_hash((4, 5, 6), [(0, first)]),
    ]
    assert len({base, *others}) == 5


def test_changed_voxels_counts_gains_and_losses():
    before = np.array([[1, 1, 0], [2, 2, 2]], np.uint8)
    after = np.array([[1, 2, 1], [2, 2, 0]], np.uint8)
    assert changed_voxels(before, after, (1, 2, 3)) == {1: 2, 2: 2, 3: 0}


@given(slices)
def test_nothing_changed_from_a_map_to_itself(labels):
    assert set(changed_voxels(labels, labels.copy(), range(4)).values()) == {0}


def test_maps_of_different_shape_cannot_be_compared():
    with pytest.raises(ValueError, match="one shape"):
        changed_voxels(np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8), (1,))
