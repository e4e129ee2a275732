from hypothesis import given
from hypothesis import strategies as st

from backend.learning.promotion import TOLERANCE, compare, first_model, without_score

LABELS = ["fibroglandular tissue", "vessel", "lesion", "heart"]
THOUSANDTHS = st.dictionaries(st.sampled_from(LABELS), st.none() | st.integers(0, 1000), max_size=4)


def scores(thousandths):
    return {label: None if value is None else value / 1000 for label, value in thousandths.items()}


def test_the_first_model_is_promoted():
    assert first_model().promoted
    assert "first model" in first_model().sentence


def test_a_model_without_a_comparison_is_promoted_and_says_why():
    verdict = without_score("the benchmark has no approved case")
    assert verdict.promoted
    assert verdict.sentence == "Promoted without a comparison: the benchmark has no approved case."


def test_a_drop_of_just_the_tolerance_is_no_reason_to_hold_a_model():
    assert compare({"lesion": 0.48}, {"lesion": 0.5}, active_number=1).promoted


def test_a_drop_beyond_the_tolerance_holds_the_model_and_names_the_label_and_how_much():
    verdict = compare({"lesion": 0.40, "heart": 0.95}, {"lesion": 0.5, "heart": 0.6}, active_number=4)
    assert not verdict.promoted
    assert verdict.sentence == "Held back, model 4 stays: lesion fell by 0.100 (from 0.500 to 0.400)."


def test_the_worst_fall_is_named_first():
    verdict = compare({"vessel": 0.1, "lesion": 0.4}, {"vessel": 0.5, "lesion": 0.5}, active_number=2)
    assert verdict.sentence.index("vessel") < verdict.sentence.index("lesion")


def test_a_label_without_a_score_on_either_side_does_not_count():
    assert compare({"lesion": None, "heart": 0.5}, {"lesion": 0.9, "heart": None}, active_number=1).promoted
    assert compare({}, {"lesion": 0.9}, active_number=1).promoted


@given(candidate=THOUSANDTHS, active=THOUSANDTHS)
def test_a_model_is_held_just_when_some_label_fell_by_more_than_the_tolerance(candidate, active):
    falls = [
        active[label] - candidate[label]
        for label in LABELS
        if active.get(label) is not None and candidate.get(label) is not None
    ]
    promoted = compare(scores(candidate), scores(active), active_number=1).promoted
    assert promoted == all(fall <= TOLERANCE * 1000 for fall in falls)


@given(same=THOUSANDTHS)
def test_a_model_is_never_worse_than_itself(same):
    assert compare(scores(same), scores(same), active_number=1).promoted
