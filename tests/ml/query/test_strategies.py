"""Every strategy, on cases whose answer is known."""

import numpy as np
import pytest

from ml.query.strategies import CHOOSERS, SHORTLIST, Strategy, foreground_random, rare_labels, usable
from ml.query.table import CaseTable
from tests.ml.query.tables import labelled, make_table, without_scores

NEEDS_A_MODEL = set(Strategy) - {Strategy.RANDOM, Strategy.IN_ORDER}


def choose(strategy, table, size, known=None, seed=0):
    known = labelled(table) if known is None else known
    return CHOOSERS[strategy](table, known, size, np.random.default_rng(seed))


def cases(table, choices):
    return [int(table.case[choice.row]) for choice in choices]


def test_the_table_names_every_strategy():
    assert set(CHOOSERS) == set(Strategy)


@pytest.mark.parametrize("strategy", Strategy)
def test_every_strategy_takes_one_case_of_each_patient_and_none_twice(strategy):
    table = make_table(60, patients=12)
    choices = choose(strategy, table, 10, labelled(table, 5))
    patients = [int(table.patient[choice.row]) for choice in choices]
    assert len(patients) == len(set(patients)) == 10
    assert len(choose(strategy, table, 40, labelled(table, 5))) == np.unique(table.patient).size


@pytest.mark.parametrize("strategy", Strategy)
def test_every_strategy_gives_the_same_for_the_same_seed(strategy):
    table = make_table(60, patients=30)
    assert choose(strategy, table, 10, seed=7) == choose(strategy, table, 10, seed=7)


@pytest.mark.parametrize("strategy", [Strategy.RANDOM, Strategy.FOREGROUND, Strategy.HYBRID])
def test_what_is_left_to_chance_differs_by_seed(strategy):
    table = make_table(60)
    assert len({tuple(cases(table, choose(strategy, table, 5, seed=seed))) for seed in range(5)}) > 1


@pytest.mark.parametrize("strategy", sorted(NEEDS_A_MODEL))
def test_before_the_first_model_only_chance_and_order_can_choose(strategy):
    assert not usable(strategy, without_scores(make_table(5))).any()
    assert usable(strategy, make_table(5)).all()


@pytest.mark.parametrize("strategy", [Strategy.RANDOM, Strategy.IN_ORDER])
def test_chance_and_order_need_no_model(strategy):
    assert usable(strategy, without_scores(make_table(5))).all()
    assert len(choose(strategy, without_scores(make_table(5)), 3)) == 3


def test_in_order_takes_the_oldest():
    table = make_table(6, patient=[1, 1, 2, 3, 2, 4])
    assert cases(table, choose(Strategy.IN_ORDER, table, 3)) == [100, 102, 103]


@pytest.mark.parametrize("strategy", [Strategy.ENTROPY, Strategy.MARGIN, Strategy.DISAGREEMENT])
def test_doubt_takes_the_highest_and_says_how_many_are_lower(strategy):
    scores = [0.1, 0.9, np.nan, 0.5, 0.8]
    table = make_table(5, **{strategy.value: scores}, patient=[0, 1, 2, 3, 1])
    choices = choose(strategy, table, 3)
    assert cases(table, choices) == [101, 103, 100]
    assert [choice.score for choice in choices] == [0.9, 0.5, 0.1]
    assert [choice.values["share_below"] for choice in choices] == [0.75, 0.25, 0.0]


def test_random_draws_patients_and_not_cases():
    """A patient with 50 cases is as likely as one with a single case."""
    table = make_table(51, patient=[0] * 50 + [1])
    firsts = [table.patient[choose(Strategy.RANDOM, table, 1, seed=seed)[0].row] for seed in range(400)]
    assert 0.4 < np.mean(firsts) < 0.6


def with_labels(volumes_ml, doubts=None, **columns) -> CaseTable:
    volumes_ml = np.array(volumes_ml, float)
    doubts = np.full(volumes_ml.shape, 0.5) if doubts is None else np.array(doubts, float)
    labels = np.arange(1, volumes_ml.shape[1] + 1)
    return make_table(len(volumes_ml), labels=labels, label_ml=volumes_ml, label_doubt=doubts, **columns)


def test_foreground_random_finds_a_rare_label_as_often_as_a_common_one():
    """One case in 100 has the second label: two thirds of the draws ask for a label, half of them for this one."""
    table = with_labels([[10, 5]] + [[10, 0]] * 99)
    known = labelled(table, label_cases=np.zeros(2, int))
    hits = [foreground_random(table, known, 1, np.random.default_rng(seed))[0].row == 0 for seed in range(600)]
    assert 0.27 < np.mean(hits) < 0.40


def test_a_speck_of_a_label_does_not_count():
    table = with_labels([[0.01, 10], [0.01, 10]])
    for seed in range(20):
        (choice,) = foreground_random(table, labelled(table), 1, np.random.default_rng(seed))
        assert choice.values.get("label") in {None, 2.0}


def test_half_of_the_picks_are_for_the_rarest_labels_in_turns():
    """Labels 5 and 6 of six are rare; their most doubtful cases come first, then what stands out most."""
    volumes, doubts = np.zeros((8, 6)), np.zeros((8, 6))
    volumes[:, 0], doubts[:, 0] = 50, np.linspace(0, 0.7, 8)
    volumes[2, 4], doubts[2, 4] = 1, 0.2
    volumes[3, 4], doubts[3, 4] = 1, 0.3
    volumes[5, 5], doubts[5, 5] = 1, 0.1
    volumes[:4, 1:4], doubts[:4, 1:4] = 9, 0.01
    table = with_labels(volumes, doubts)
    known = labelled(table, label_cases=np.array([9, 9, 9, 9, 0, 0]))
    choices = rare_labels(table, known, 4, np.random.default_rng(0))
    assert [choice.row for choice in choices] == [3, 5, 7, 6]
    assert [choice.values["label"] for choice in choices] == [5, 6, 1, 1]
    assert choices[0].values["label_cases"] == 0


def test_rare_labels_without_any_label_choose_nobody():
    table = with_labels([[0.0], [0.0]])
    assert rare_labels(table, labelled(table), 2, np.random.default_rng(0)) == []


def test_core_set_avoids_what_is_labelled_already():
    table = make_table(3, features=np.array([[0.0], [1.0], [9.0]], np.float32))
    known = labelled(table, features=np.array([[9.0]], np.float32))
    assert cases(table, choose(Strategy.CORE_SET, table, 2, known)) == [100, 101]


def test_hybrid_spreads_among_the_most_doubtful():
    """Doubtful cases come in two crowds, sure ones far off: one of each crowd is taken, and no sure one."""
    crowd = np.array([0.0, 0.1, 0.2, 0.3, 5.0, 5.1, 5.2, 5.3] + [100.0] * 40, np.float32)[:, None]
    entropy = np.array([0.9] * 8 + [0.001] * 40)
    table = make_table(48, features=crowd, entropy=entropy)
    for seed in range(10):
        choices = choose(Strategy.HYBRID, table, 8 // SHORTLIST, seed=seed)
        places = sorted(float(crowd[choice.row, 0]) for choice in choices)
        assert places[0] < 1
        assert 4 < places[1] < 6


def test_columns_that_do_not_fit_are_refused_by_name():
    with pytest.raises(ValueError, match="entropy: need 3 rows, got 2"):
        make_table(3, entropy=[0.1, 0.2])
    with pytest.raises(ValueError, match="label_ml: need 9 columns"):
        make_table(3, label_ml=np.zeros((3, 8)))
    with pytest.raises(ValueError, match="features"):
        make_table(3, features=np.zeros(3))
