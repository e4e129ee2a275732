"""Rules that take small bodies out: what they take, and that they are chosen only where they help."""

import json

import numpy as np
import pytest
import SimpleITK as sitk

from ml.nnunet.errors import RunError
from ml.nnunet.postprocessing import Rule, apply_rules, choose_rules, read_rules, write_rules

SPACING = (2.0, 1.0, 1.0)


def ball(shape, centre, radius):
    place = np.stack(np.indices(shape), axis=-1)
    return ((place - np.array(centre)) ** 2).sum(-1) <= radius**2


@pytest.fixture
def speckled():
    """Label 1: a large and a small body; label 2: two bodies of one voxel touching by a corner, and one alone."""
    labels = np.zeros((12, 20, 20), np.uint8)
    labels[ball(labels.shape, (6, 6, 6), 4)] = 1
    labels[1, 16, 14:17] = 1
    labels[9, 15, 15] = labels[10, 16, 16] = labels[0, 0, 0] = 2
    return labels


def test_the_largest_body_is_kept_and_other_labels_are_not_touched(speckled):
    cleaned = apply_rules(speckled, {1: Rule(keep_largest=True)}, SPACING)
    assert (cleaned[1] == 0).all()
    assert np.array_equal(cleaned == 2, speckled == 2)
    numbered = sitk.GetArrayFromImage(
        sitk.RelabelComponent(sitk.ConnectedComponent(sitk.GetImageFromArray((speckled == 1).astype(np.uint8))))
    )
    assert np.array_equal(cleaned == 1, numbered == 1)


def test_bodies_below_a_size_in_mm3_go(speckled):
    assert (apply_rules(speckled, {1: Rule(min_mm3=6.0)}, SPACING) == speckled).all()
    assert not (apply_rules(speckled, {1: Rule(min_mm3=6.1)}, SPACING)[1] == 1).any()
    pair = apply_rules(speckled, {2: Rule(min_mm3=4.0)}, SPACING)
    assert pair[0, 0, 0] == 0
    assert (pair[9, 15, 15], pair[10, 16, 16]) == (2, 2)


def test_a_label_that_is_not_there_and_no_rule_at_all_change_nothing(speckled):
    assert (apply_rules(speckled, {7: Rule(keep_largest=True)}, SPACING) == speckled).all()
    assert (apply_rules(speckled, {}, SPACING) == speckled).all()


def test_a_rule_is_chosen_where_it_helps_and_only_there(speckled):
    truth = np.where(speckled == 1, 0, speckled)
    truth[ball(truth.shape, (6, 6, 6), 4)] = 1
    rules = choose_rules([(speckled, truth, SPACING)] * 2, [1, 2], ignore=None)
    assert rules == {1: Rule(min_mm3=10.0)}


def test_what_is_ignored_has_no_say(speckled):
    truth = np.where(speckled == 1, 0, speckled)
    truth[ball(truth.shape, (6, 6, 6), 4)] = 1
    truth[1] = 9
    assert choose_rules([(speckled, truth, SPACING)], [1, 2], ignore=9) == {}


def test_rules_come_back_and_broken_ones_are_told(tmp_path):
    rules = {1: Rule(keep_largest=True), 5: Rule(min_mm3=30.0)}
    assert read_rules(tmp_path) == {}
    write_rules(tmp_path, rules)
    assert read_rules(tmp_path) == rules
    for broken in ("{", json.dumps({"1": {"odd": 1}}), "[]"):
        (tmp_path / "postprocessing.json").write_text(broken)
        with pytest.raises(RunError, match="restore it or train again"):
            read_rules(tmp_path)
