"""How unsure a network is of its own draft."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def normalised_entropy(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Entropy of class probabilities (C, …) over C, divided by log C: 0 sure, 1 every class alike; shape (…).

    Raises ValueError for fewer than two classes.
    Source: C. E. Shannon, A Mathematical Theory of Communication, 1948, section 6.
    """
    classes = probabilities.shape[0]
    if classes < 2:
        raise ValueError(f"need (C>=2, …), got {probabilities.shape}")
    floor = np.finfo(np.float32).tiny  # 0 log 0 = 0
    terms = probabilities * np.log(np.maximum(probabilities, floor))
    entropy: NDArray[np.float32] = np.clip(-terms.sum(axis=0) / np.log(classes), 0.0, 1.0).astype(np.float32)
    return entropy
