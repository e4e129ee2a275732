import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backend.annotation import masks
from backend.annotation.models import Mask
from backend.core import blobs
from backend.core.errors import InvalidInput, NotFound
from ml.labelmaps import content_hash, encode_slice
from tests.backend.cohort import SHAPE_ZYX, add_patient, add_volume, some_labels


@pytest.fixture
def volume(cohort):
    return add_volume(add_patient(cohort.project))


def test_a_mask_comes_back_voxel_by_voxel(volume):
    labels = some_labels(1)
    mask = masks.store_mask(volume=volume, labels=labels)
    np.testing.assert_array_equal(masks.load_labels(mask), labels)


def test_a_mask_is_known_by_its_content(volume):
    labels = some_labels(1)
    mask = masks.store_mask(volume=volume, labels=labels)
    filled = [z for z in range(SHAPE_ZYX[0]) if labels[z].any()]
    assert mask.slices == [[z, hashlib.sha256(encode_slice(labels[z])).hexdigest()] for z in filled]
    assert mask.sha256 == content_hash(SHAPE_ZYX, [tuple(pair) for pair in mask.slices])
    assert masks.store_mask(volume=volume, labels=labels.copy()) == mask
    assert Mask.objects.filter(volume=volume).count() == 1


def test_an_empty_mask_has_no_slices_and_is_a_mask_all_the_same(volume):
    mask = masks.store_mask(volume=volume, labels=np.zeros(SHAPE_ZYX, np.uint8))
    assert mask.slices == []
    assert not masks.load_labels(mask).any()


def test_a_mask_of_another_shape_is_refused(volume):
    with pytest.raises(InvalidInput, match="shape"):
        masks.store_mask(volume=volume, labels=np.zeros((1, 2, 3), np.uint8))


def test_a_lost_slice_is_told_and_not_taken_for_an_empty_one(volume):
    mask = masks.store_mask(volume=volume, labels=some_labels(1))
    blobs.path_of(mask.slices[0][1]).unlink()
    with pytest.raises(NotFound, match="missing from the store"):
        masks.load_labels(mask)


def test_a_bundle_of_one_mask_has_the_same_bytes_each_time(volume):
    mask = masks.store_mask(volume=volume, labels=some_labels(1))
    assert masks.bundle(mask) == masks.bundle(mask)


def test_changes_are_counted_on_both_sides(volume):
    before = np.zeros(SHAPE_ZYX, np.uint8)
    after = np.zeros(SHAPE_ZYX, np.uint8)
    before[0, 0, :4] = 1
    after[0, 0, 2:6] = 1  # 2 lost, 2 gained
    after[1, 0, :5] = 5  # a new slice
    before[2, 0, :3] = 7  # a slice that went
    one, two = (masks.store_mask(volume=volume, labels=labels) for labels in (before, after))
    assert masks.changed_between(one, two) == {1: 4, 5: 5, 7: 3}
    assert masks.changed_between(None, two) == {1: 4, 5: 5}
    assert masks.changed_between(two, two) == {}


LABEL_MAPS = arrays(np.uint8, SHAPE_ZYX, elements=st.integers(0, 9), fill=st.just(0))


@pytest.mark.django_db(transaction=False)
def test_edits_of_slices_give_what_the_whole_array_gives(volume):
    """NumPy is the referee: editing slices of a mask and editing an array have to agree, changes counted too."""

    @hypothesis_settings(max_examples=40, deadline=None, database=None)
    @given(LABEL_MAPS, LABEL_MAPS, st.sets(st.integers(0, SHAPE_ZYX[0] - 1), min_size=1))
    def agree(before, drawn, indices):
        edits = [masks.store_slice(index, drawn[index]) for index in sorted(indices)]
        mask, changed = masks.apply_slices(
            volume=volume, base=masks.store_mask(volume=volume, labels=before), edits=edits
        )
        after = before.copy()
        after[sorted(indices)] = drawn[sorted(indices)]
        np.testing.assert_array_equal(masks.load_labels(mask), after)
        counts = {
            str(value): int(((before == value) != (after == value)).sum())
            for value in range(1, 10)
            if ((before == value) != (after == value)).any()
        }
        assert changed == counts
        assert masks.holds(mask, edits)

    agree()
