"""A batch: what a strategy chooses, and beside it what nobody chose."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ml.query.strategies import CHOOSERS, Choice, Strategy, at_random, usable
from ml.query.table import CaseTable, Labelled


class Arm(StrEnum):
    """Who picked a case: the strategy, or chance. Only the arm of chance says how the model does on all cases."""

    CHOSEN = "chosen"
    RANDOM = "random"


@dataclass(frozen=True)
class Picked:
    """A case of a batch, with what its reason is told from."""

    case: int
    patient: int
    arm: Arm
    choice: Choice


def choose_batch(
    table: CaseTable, labelled: Labelled, *, strategy: Strategy, size: int, random_share: float, seed: int
) -> list[Picked]:
    """Cases in the order in which they are to be worked on, one of each patient; the arms are mixed at random.

    The share of chance, at least one case, is drawn first and from all, whatever the strategy: the same seed draws the
    same ones. Fewer cases come back where fewer patients wait, or where the strategy can say nothing of the others.
    Raises ValueError for a size below 2 or a share outside 0 to 1.
    """
    if size < 2 or not 0 <= random_share <= 1:
        raise ValueError(f"need size >= 2 and random_share from 0 to 1, got {size} and {random_share}")
    chance, strategic, mixing = np.random.default_rng(seed).spawn(3)
    by_chance = at_random(table, labelled, random_count(size, random_share, strategy), chance)
    left = np.flatnonzero(~np.isin(table.patient, table.patient[[choice.row for choice in by_chance]]))
    left = left[usable(strategy, table)[left]]
    chosen = CHOOSERS[strategy](table.rows(left), labelled, size - len(by_chance), strategic) if left.size else []
    picks = _picked(table, by_chance, Arm.RANDOM) + _picked(
        table, [Choice(int(left[choice.row]), choice.score, choice.values) for choice in chosen], Arm.CHOSEN
    )
    return [picks[place] for place in mixing.permutation(len(picks))]


def random_count(size: int, random_share: float, strategy: Strategy) -> int:
    """Cases of a batch that chance picks."""
    return size if strategy is Strategy.RANDOM else max(1, math.ceil(round(random_share * size, 9)))


def _picked(table: CaseTable, choices: Sequence[Choice], arm: Arm) -> list[Picked]:
    return [Picked(int(table.case[choice.row]), int(table.patient[choice.row]), arm, choice) for choice in choices]
