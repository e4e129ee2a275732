"""What holds of every batch, whatever the strategy, the cases and the seed."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.query.batches import Arm, choose_batch
from ml.query.strategies import Strategy
from tests.ml.query.tables import labelled, make_table, without_scores


def batch(table, strategy, size=10, random_share=0.2, seed=0):
    return choose_batch(table, labelled(table, 3), strategy=strategy, size=size, random_share=random_share, seed=seed)


def by_chance(picks):
    return {pick.case for pick in picks if pick.arm is Arm.RANDOM}


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(Strategy),
    st.integers(1, 40),
    st.integers(1, 25),
    st.integers(2, 15),
    st.floats(0, 1),
    st.integers(0, 2**32 - 1),
)
def test_rules_of_a_batch(strategy, cases, patients, size, share, seed):
    table = make_table(cases, patients=patients, seed=seed % 7)
    picks = batch(table, strategy, size, share, seed)
    waiting = np.unique(table.patient).size
    assert len({pick.patient for pick in picks}) == len(picks) <= min(size, waiting)
    owner = dict(zip(table.case.tolist(), table.patient.tolist(), strict=True))
    assert all(owner[pick.case] == pick.patient for pick in picks)
    reserved = size if strategy is Strategy.RANDOM else max(1, math.ceil(round(share * size, 9)))
    assert len(by_chance(picks)) == min(reserved, waiting)
    assert picks == batch(table, strategy, size, share, seed)


@pytest.mark.parametrize("strategy", Strategy)
def test_chance_draws_the_same_whatever_the_strategy(strategy):
    table = make_table(50)
    if strategy is not Strategy.RANDOM:
        assert by_chance(batch(table, strategy, seed=5)) == by_chance(batch(table, Strategy.ENTROPY, seed=5))


def test_chance_is_blind_to_the_scores():
    scored, unscored = make_table(50), without_scores(make_table(50))
    assert by_chance(batch(scored, Strategy.ENTROPY)) == by_chance(batch(unscored, Strategy.IN_ORDER))


def test_the_order_does_not_tell_the_arm():
    table = make_table(50)
    first = [batch(table, Strategy.ENTROPY, 4, 0.5, seed)[0].arm is Arm.RANDOM for seed in range(300)]
    assert 0.4 < np.mean(first) < 0.6


def test_cases_that_no_model_has_seen_come_by_chance_alone():
    table = make_table(6, entropy=[np.nan] * 5 + [0.5])
    picks = batch(table, Strategy.ENTROPY, 6, 0.1)
    assert len(picks) <= 2
    assert {pick.case for pick in picks if pick.arm is Arm.CHOSEN} <= {105}


def test_nobody_waiting_gives_nobody():
    assert batch(make_table(0), Strategy.ENTROPY) == []


@pytest.mark.parametrize(("size", "share"), [(1, 0.2), (5, -0.1), (5, 1.1)])
def test_sizes_and_shares_that_make_no_sense_are_refused(size, share):
    with pytest.raises(ValueError, match="size >= 2"):
        batch(make_table(5), Strategy.RANDOM, size, share)
