"""Contracts to JSON and back, strictly."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.contracts import (
    PRESETS,
    Case,
    CasePrediction,
    PredictResult,
    PredictSpec,
    Progress,
    TrainResult,
    TrainSpec,
    from_json,
    to_json,
)

numbers = st.floats(allow_nan=False, allow_infinity=False)
names = st.text(max_size=12)
scores = st.dictionaries(names, numbers, max_size=3)
ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True)

contracts = st.one_of(
    st.builds(
        Progress,
        stage=names,
        fraction=numbers,
        seconds_left=st.none() | numbers,
        epoch=st.none() | st.integers(),
        pseudo_dice=scores,
        case_id=st.none() | names,
    ),
    st.builds(
        TrainSpec,
        dataset_dir=names,
        settings=st.sampled_from(list(PRESETS.values())),
        seed=st.integers(0, 9),
        warm_start_dir=names,
    ),
    st.builds(
        PredictSpec,
        model_dir=names,
        model_sha256=names,
        cases=st.lists(ids, unique=True, max_size=3).map(lambda found: tuple(Case(i, ("a.nii.gz",)) for i in found)),
    ),
    st.builds(
        PredictResult,
        cases=st.lists(
            st.builds(CasePrediction, names, names, numbers, numbers, st.lists(numbers, max_size=3).map(tuple)),
            max_size=2,
        ).map(tuple),
        seconds=numbers,
        device=names,
    ),
    st.builds(
        TrainResult,
        names,
        st.dictionaries(names, names, max_size=2),
        names,
        st.integers(),
        st.integers(),
        st.integers(),
        scores,
        numbers,
        names,
        names,
    ),
)


@given(contracts)
def test_every_contract_comes_back_from_one_line_of_json(contract):
    text = to_json(contract)
    assert "\n" not in text
    assert from_json(type(contract), text) == contract


def test_a_whole_number_is_a_number():
    assert from_json(Progress, '{"stage":"train","fraction":1}').fraction == 1.0


SMOKE = json.loads(to_json(PRESETS["smoke"]))


def spec(**changes) -> str:
    return json.dumps({"dataset_dir": "d", "settings": SMOKE} | changes)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (spec(presset="demo"), "unknown field 'presset'"),
        (json.dumps({"settings": SMOKE}), "field 'dataset_dir' is missing"),
        (spec(seed="0"), r"TrainSpec.seed: need int, got '0'"),
        (spec(seed=True), "need int, got True"),
        (spec(dataset_dir=None), "need str"),
        ("[]", "need an object"),
        ("{", "Expecting property name"),
        (spec(settings=SMOKE | {"loss": "best"}), r"TrainSpec.settings.loss: need one of \('dice_ce', "),
        (spec(settings=SMOKE | {"epochs": 0}), "count from 1"),
        (spec(device="gpu"), "cpu, cuda or cuda:<n>, got 'gpu'"),
        (spec(seed=-1), "counts from 0"),
    ],
)
def test_a_spec_that_is_wrong_says_where(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        from_json(TrainSpec, text)


def order(*ids: str) -> str:
    cases = [{"case_id": case_id, "channel_files": ["a.nii.gz"]} for case_id in ids]
    return json.dumps({"model_dir": "m", "model_sha256": "0", "cases": cases})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (order("../etc"), "cannot name a file"),
        (order(".hidden"), "cannot name a file"),
        (order(""), "cannot name a file"),
        (order("a", "b", "a"), "'a' is given twice"),
        ('{"model_dir":"m","model_sha256":"0","cases":[{"case_id":"a"}]}', r"cases\[0\]: field 'channel_files'"),
        ('{"model_dir":"m","model_sha256":"0","cases":{}}', "need a list"),
    ],
)
def test_an_order_whose_cases_are_wrong_says_where(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        from_json(PredictSpec, text)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_in_json_is_not_written(number):
    with pytest.raises(ValueError, match="JSON compliant"):
        to_json(Progress("train", number))
