"""Ways to choose whom to annotate next. Pure: a table of scores and a random generator in, rows out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.query.diversity import k_center_greedy, standardised
from ml.query.table import CaseTable, Labelled

FOREGROUND_SHARE = 0.66
RARE_SHARE = 0.5
POWER = 8.0
SHORTLIST = 4
MIN_ML = 0.05
"""Less than this of a label is taken for a speck, and not for the label being there."""


class Strategy(StrEnum):
    """A way to choose."""

    RANDOM = "random"
    IN_ORDER = "in_order"
    FOREGROUND = "foreground_random"
    ENTROPY = "entropy"
    MARGIN = "margin"
    DISAGREEMENT = "disagreement"
    RARE_LABELS = "rare_labels"
    CORE_SET = "core_set"
    HYBRID = "hybrid"


@dataclass(frozen=True)
class Choice:
    """A row that was chosen. score: what it was chosen by, None where that was chance or age.

    values: what the reason is told from: `share_below` (of the cases, have a smaller score), `label`, `label_doubt`,
    `label_ml`, `label_cases` (labelled cases that have it), `among` (cases or patients drawn from), `distance` to the
    nearest case that is labelled or picked, and `median`, the same for the median case.
    """

    row: int
    score: float | None = None
    values: dict[str, float] = field(default_factory=dict)


Rng = np.random.Generator
Chooser = Callable[[CaseTable, Labelled, int, Rng], list[Choice]]


def one_per_patient(order: Iterable[int], patients: NDArray[np.int64], size: int) -> list[int]:
    """The first rows in this order, one of each patient."""
    taken: dict[int, int] = {}
    for row in order:
        if len(taken) == size:
            break
        taken.setdefault(int(patients[row]), int(row))
    return list(taken.values())


def at_random(table: CaseTable, _: Labelled, size: int, rng: Rng) -> list[Choice]:
    """Patients at random, and of each a case at random."""
    patients = rng.permutation(np.unique(table.patient))[:size]
    among = float(np.unique(table.patient).size)
    return [Choice(int(rng.choice(np.flatnonzero(table.patient == one))), None, {"among": among}) for one in patients]


def in_order(table: CaseTable, _: Labelled, size: int, __: Rng) -> list[Choice]:
    """The oldest."""
    return [Choice(row) for row in one_per_patient(range(len(table)), table.patient, size)]


def foreground_random(table: CaseTable, _: Labelled, size: int, rng: Rng) -> list[Choice]:
    """Two of three at random among the cases in whose draft a label occurs that is itself drawn at random.

    So a rare label comes up as often as a common one. The third is drawn from all.
    Source: the baseline `Random 66% FG` of C. T. Lüth et al., nnActive, TMLR 2025, brought from patches to cases.
    """
    has = table.label_ml >= MIN_ML
    free = np.ones(len(table), bool)
    chosen: list[Choice] = []
    while free.any() and len(chosen) < size:
        present = np.flatnonzero((has & free[:, None]).any(axis=0))
        column = int(rng.choice(present)) if present.size and rng.random() < FOREGROUND_SHARE else None
        drawn_from = np.flatnonzero(free if column is None else free & has[:, column])
        row = int(rng.choice(drawn_from))
        values = {"among": float(drawn_from.size)}
        chosen.append(Choice(row, None, values if column is None else values | _label_values(table, row, column)))
        free &= table.patient != table.patient[row]
    return chosen


def most_entropy(table: CaseTable, _: Labelled, size: int, __: Rng) -> list[Choice]:
    """The largest mean entropy. Source: B. Settles, Active Learning Literature Survey, 2009, section 3.1."""
    return _highest(table, table.entropy, size)


def smallest_margin(table: CaseTable, _: Labelled, size: int, __: Rng) -> list[Choice]:
    """The two likeliest labels closest together."""
    return _highest(table, table.margin, size)


def most_disagreement(table: CaseTable, _: Labelled, size: int, __: Rng) -> list[Choice]:
    """The largest mutual information between members."""
    return _highest(table, table.disagreement, size)


def rare_labels(table: CaseTable, labelled: Labelled, size: int, _: Rng) -> list[Choice]:
    """Half of the picks for the rarest third of the labels, in turns; the rest for whichever label is most in doubt.

    Rare is what the fewest labelled cases have. For each label the case counts whose draft of it is most doubtful.
    """
    doubt = np.where(table.label_ml >= MIN_ML, table.label_doubt, np.nan)
    present = np.flatnonzero(np.isfinite(doubt).any(axis=0))
    if present.size == 0:
        return []
    rare = present[np.argsort(labelled.label_cases[present], kind="stable")][: max(1, round(present.size / 3))]
    standing = np.stack([_share_below(column) for column in doubt.T], axis=1)
    free = np.ones(len(table), bool)
    chosen: list[Choice] = []
    while len(chosen) < size:
        quota = len(chosen) < np.ceil(RARE_SHARE * size)
        columns = np.roll(rare, -len(chosen)) if quota else present
        found = _most_doubtful_of_first(doubt, free, columns) if quota else _highest_standing(standing, free)
        found = found or _highest_standing(standing, free)
        if found is None:
            break
        row, column = found
        values = _label_values(table, row, column) | {"share_below": float(standing[row, column])}
        values["label_cases"] = float(labelled.label_cases[column])
        chosen.append(Choice(row, float(doubt[row, column]), values))
        free &= table.patient != table.patient[row]
    return chosen


def core_set(table: CaseTable, labelled: Labelled, size: int, _: Rng) -> list[Choice]:
    """The cases that look least like the labelled ones and like each other."""
    seen = np.flatnonzero(_whole(table.features))
    return _spread(table, labelled, seen, size, {})


def hybrid(table: CaseTable, labelled: Labelled, size: int, rng: Rng) -> list[Choice]:
    """Of the four times as many most doubtful, by entropy with power noise, those that look least alike.

    Sources: L. Yang et al., Suggestive Annotation, MICCAI 2017 (doubt first, then spread); A. Kirsch et al., Stochastic
    Batch Acquisition, TMLR 2023 (power noise: log score + Gumbel / power, so that near equals take turns).
    """
    seen = np.flatnonzero(np.isfinite(table.entropy) & _whole(table.features))
    noise = rng.gumbel(size=seen.size) / POWER
    noisy = np.log(np.maximum(table.entropy[seen], 1e-6)) + noise
    order = seen[np.argsort(-noisy, kind="stable")]
    shortlist = np.array(one_per_patient(order, table.patient, SHORTLIST * size), np.int64)
    below = _share_below(table.entropy)
    values = {int(row): {"share_below": float(below[row]), "entropy": float(table.entropy[row])} for row in shortlist}
    return _spread(table, labelled, shortlist, size, values)


CHOOSERS: dict[Strategy, Chooser] = {
    Strategy.RANDOM: at_random,
    Strategy.IN_ORDER: in_order,
    Strategy.FOREGROUND: foreground_random,
    Strategy.ENTROPY: most_entropy,
    Strategy.MARGIN: smallest_margin,
    Strategy.DISAGREEMENT: most_disagreement,
    Strategy.RARE_LABELS: rare_labels,
    Strategy.CORE_SET: core_set,
    Strategy.HYBRID: hybrid,
}


def usable(strategy: Strategy, table: CaseTable) -> NDArray[np.bool_]:
    """Which rows (N) the strategy can say something about."""
    looked_at = _whole(table.features) if table.features.shape[1] else np.zeros(len(table), bool)
    known: dict[Strategy, NDArray[np.bool_]] = {
        Strategy.FOREGROUND: _whole(table.label_ml),
        Strategy.ENTROPY: np.isfinite(table.entropy),
        Strategy.MARGIN: np.isfinite(table.margin),
        Strategy.DISAGREEMENT: np.isfinite(table.disagreement),
        Strategy.RARE_LABELS: _whole(table.label_doubt),
        Strategy.CORE_SET: looked_at,
        Strategy.HYBRID: looked_at & np.isfinite(table.entropy),
    }
    return known.get(strategy, np.ones(len(table), bool))


def _whole(columns: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Rows (N) of (N, K) without a gap."""
    whole: NDArray[np.bool_] = np.isfinite(columns).all(axis=1)
    return whole


def _highest(table: CaseTable, scores: NDArray[np.float64], size: int) -> list[Choice]:
    known = np.flatnonzero(np.isfinite(scores))
    order = known[np.argsort(-scores[known], kind="stable")]
    below = _share_below(scores)
    return [
        Choice(row, float(scores[row]), {"share_below": float(below[row])})
        for row in one_per_patient(order, table.patient, size)
    ]


def _share_below(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the known scores that are smaller than each; -1 where the score is unknown."""
    known = np.sort(scores[np.isfinite(scores)])
    below = np.searchsorted(known, np.nan_to_num(scores, nan=-np.inf)) / max(known.size, 1)
    shares: NDArray[np.float64] = np.where(np.isfinite(scores), below, -1.0)
    return shares


def _most_doubtful_of_first(
    doubt: NDArray[np.float64], free: NDArray[np.bool_], columns: NDArray[np.int64]
) -> tuple[int, int] | None:
    for column in columns:
        scores = np.where(free, doubt[:, column], np.nan)
        if np.isfinite(scores).any():
            return int(np.nanargmax(scores)), int(column)
    return None


def _highest_standing(standing: NDArray[np.float64], free: NDArray[np.bool_]) -> tuple[int, int] | None:
    ranked = np.where(free[:, None], standing, -1.0)
    row, column = np.unravel_index(int(np.argmax(ranked)), ranked.shape)
    return (int(row), int(column)) if ranked[row, column] >= 0 else None


def _spread(
    table: CaseTable,
    labelled: Labelled,
    rows: NDArray[np.int64],
    size: int,
    values: dict[int, dict[str, float]],
) -> list[Choice]:
    if rows.size == 0:
        return []
    own, centres = standardised(table.features[rows], labelled.features)
    picked = k_center_greedy(own, centres, table.patient[rows], size)
    return [
        Choice(row, distance, values.get(row, {}) | {"distance": distance, "median": median})
        for row, distance, median in ((int(rows[at]), distance, median) for at, distance, median in picked)
    ]


def _label_values(table: CaseTable, row: int, column: int) -> dict[str, float]:
    return {
        "label": float(table.labels[column]),
        "label_doubt": float(table.label_doubt[row, column]),
        "label_ml": float(table.label_ml[row, column]),
    }
