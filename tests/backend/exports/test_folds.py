from hypothesis import given
from hypothesis import strategies as st

from backend.exports.folds import FOLDS, assign_folds, splits

NAMES = st.sets(st.text("abcdef0123456789", min_size=1, max_size=6), min_size=1, max_size=40)


@given(names=NAMES)
def test_folds_depend_on_nothing_but_the_patients(names):
    assert assign_folds(sorted(names), {}) == assign_folds(sorted(names, reverse=True), {})


@given(names=NAMES)
def test_every_fold_has_a_patient_and_none_has_two_more_than_another(names):
    sizes = [list(assign_folds(names, {}).values()).count(fold) for fold in range(min(FOLDS, len(names)))]
    assert sum(sizes) == len(names)
    assert max(sizes) - min(sizes) <= 1


@given(first=NAMES, added=NAMES)
def test_a_patient_keeps_their_fold_when_others_join(first, added):
    before = assign_folds(first, {})
    after = assign_folds(first | added, before)
    assert {name: after[name] for name in first} == before
    assert set(after) == first | added


@given(first=NAMES, second=NAMES)
def test_a_patient_keeps_their_fold_when_others_leave(first, second):
    before = assign_folds(first | second, {})
    assert assign_folds(first, before) == {name: before[name] for name in first}


@given(names=st.sets(st.text("abc", min_size=1, max_size=4), min_size=2, max_size=20))
def test_each_case_is_validated_once_and_never_trained_on_in_that_fold(names):
    folds = assign_folds(names, {})
    made = splits(folds)
    assert sorted(case for split in made for case in split["val"]) == sorted(names)
    for split in made:
        assert split["val"]
        assert split["train"]
        assert not set(split["val"]) & set(split["train"])
        assert set(split["val"]) | set(split["train"]) == names


def test_one_patient_cannot_be_split():
    assert splits({"only": 0}) == []


def test_a_fold_that_everybody_left_is_not_listed():
    assert [split["val"] for split in splits({"a": 0, "b": 3})] == [["a"], ["b"]]
