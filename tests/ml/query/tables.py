"""Tables of made-up cases."""

from __future__ import annotations

import numpy as np

from ml.query.table import CaseTable, Labelled

LABELS = np.arange(1, 10)


def make_table(cases: int, *, patients: int | None = None, width: int = 8, seed: int = 0, **columns) -> CaseTable:
    """Cases 100, 101, …, by default each of a patient of its own; columns replace what is made up."""
    random = np.random.default_rng(seed)
    made = {
        "case": np.arange(100, 100 + cases),
        "patient": np.arange(cases) if patients is None else random.integers(0, patients, cases),
        "entropy": random.random(cases),
        "margin": random.random(cases),
        "disagreement": random.random(cases),
        "labels": LABELS,
        "label_doubt": random.random((cases, 9)),
        "label_ml": random.exponential(20, (cases, 9)) * (random.random((cases, 9)) < np.linspace(1, 0.02, 9)),
        "features": random.normal(size=(cases, width)).astype(np.float32),
    }
    return CaseTable(**(made | {name: np.asarray(column) for name, column in columns.items()}))


def without_scores(table: CaseTable) -> CaseTable:
    """The same cases before the first model."""
    unknown = np.full(len(table), np.nan)
    by_label = np.full((len(table), len(table.labels)), np.nan)
    no_features = np.empty((len(table), 0), np.float32)
    return CaseTable(
        table.case, table.patient, unknown, unknown, unknown, table.labels, by_label, by_label, no_features
    )


def labelled(table: CaseTable, cases: int = 0, seed: int = 1, **columns) -> Labelled:
    """What is labelled already: features like the table's, and how many cases have each label."""
    random = np.random.default_rng(seed)
    made = {
        "features": random.normal(size=(cases, table.features.shape[1])).astype(np.float32),
        "label_cases": np.linspace(cases, 0, 9).astype(int),
    }
    return Labelled(**(made | columns))
