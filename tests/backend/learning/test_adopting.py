"""A model from elsewhere in the words of the project: inputs, labels, and what does not fit."""

import pytest

from backend.annotation.labels import Label
from backend.core.errors import Conflict, InvalidInput
from backend.learning.adopting import channels_for, label_map, read_channels
from ml.contracts import AdoptResult

LABELS = [
    Label(1, "fibroglandular tissue", "#111111"),
    Label(2, "vessel", "#222222"),
    Label(3, "lymph node", "#333333"),
]


def result(labels, channels=("pre", "post")) -> AdoptResult:
    return AdoptResult("model", {"fold_0/x": "0"}, "0", 1, "2d", labels, channels, "nnUNetTrainer", "0")


@pytest.mark.parametrize("given", [[{"phase": -1}], [{"fase": 1}], [{"phase": "x"}], []])
def test_inputs_that_make_no_sense_are_refused(given):
    with pytest.raises(InvalidInput, match=r"phase|input"):
        read_channels(given)


def test_as_many_inputs_as_the_model_takes_are_needed():
    given = [{"phase": 0}, {"phase": 1, "minus": 0}]
    assert channels_for(result({}), given) == [{"phase": 0, "minus": None}, {"phase": 1, "minus": 0}]
    with pytest.raises(Conflict, match=r"takes 2 inputs \(pre, post\), 1 were"):
        channels_for(result({}), given[:1])


def test_equal_labels_need_no_map():
    assert label_map(result({"Fibroglandular_tissue": 1, "vessel": 2, "Lymph-Node": 3}), LABELS, None) == []


def test_labels_in_another_order_are_turned_into_ours():
    theirs = result({"lymph node": 1, "vessel": 2, "fibroglandular tissue": 3})
    assert label_map(theirs, LABELS, None) == [[1, 3], [2, 2], [3, 1]]


def test_a_label_goes_where_the_manager_says_or_is_left_out():
    theirs = result({"FGT": 1, "vessel": 2, "fat": 3})
    with pytest.raises(Conflict, match="no label for the model's FGT, fat"):
        label_map(theirs, LABELS, None)
    assert label_map(theirs, LABELS, {"fgt": "Fibroglandular tissue", "fat": ""}) == [[1, 1], [2, 2], [3, 0]]
    with pytest.raises(Conflict, match="no label for the model's FGT"):
        label_map(theirs, LABELS, {"FGT": "glands", "fat": ""})


def test_fewer_labels_than_ours_are_no_equal_labels():
    assert label_map(result({"fibroglandular tissue": 1, "vessel": 2}), LABELS, None) == [[1, 1], [2, 2]]
