"""The cases among which a batch is chosen, as columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class CaseTable:
    """N cases that wait, oldest first. NaN where no model has said anything.

    case, patient (N): ids. entropy, margin, disagreement (N): doubt from 0 to 1, see `ml.query.measures`.
    labels (L): label values. label_doubt (N, L): doubt by label; label_ml (N, L): drafted volume in ml.
    features (N, D): what the network's encoder made of the case; rows of NaN where it has not seen it.

    Raises ValueError where the columns differ in length.
    """

    case: NDArray[np.int64]
    patient: NDArray[np.int64]
    entropy: NDArray[np.float64]
    margin: NDArray[np.float64]
    disagreement: NDArray[np.float64]
    labels: NDArray[np.int64]
    label_doubt: NDArray[np.float64]
    label_ml: NDArray[np.float64]
    features: NDArray[np.float32]

    def __post_init__(self) -> None:
        cases, labels = len(self.case), len(self.labels)
        for name in ("patient", "entropy", "margin", "disagreement", "label_doubt", "label_ml", "features"):
            if len(getattr(self, name)) != cases:
                raise ValueError(f"{name}: need {cases} rows, got {len(getattr(self, name))}")
        for name in ("label_doubt", "label_ml"):
            if getattr(self, name).shape[1:] != (labels,):
                raise ValueError(f"{name}: need {labels} columns, got {getattr(self, name).shape}")
        if self.features.ndim != 2:
            raise ValueError(f"features: need (N, D), got {self.features.shape}")

    def __len__(self) -> int:
        return len(self.case)

    def rows(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> CaseTable:
        """The table with these rows alone, in their order."""
        return CaseTable(
            self.case[chosen],
            self.patient[chosen],
            self.entropy[chosen],
            self.margin[chosen],
            self.disagreement[chosen],
            self.labels,
            self.label_doubt[chosen],
            self.label_ml[chosen],
            self.features[chosen],
        )


@dataclass(frozen=True)
class Labelled:
    """What is labelled already. features (M, D): of the same encoder; label_cases (L): cases that have each label."""

    features: NDArray[np.float32]
    label_cases: NDArray[np.int64]
