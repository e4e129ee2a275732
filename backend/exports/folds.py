"""Which cross-validation fold a patient is in. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

FOLDS = 5


def assign_folds(pseudonyms: Iterable[str], before: Mapping[str, int], *, folds: int = FOLDS) -> dict[str, int]:
    """Fold by patient: who had one keeps it, and newcomers, in the order of a hash, each join the emptiest fold.

    Keeping folds keeps a patient whom earlier models validated on out of what later ones, started from them, train on.
    before: fold by pseudonym in the snapshot before. There are at most as many folds as patients.
    """
    names = set(pseudonyms)
    count = max(1, min(folds, len(names)), *(before[name] + 1 for name in names & before.keys()))
    assigned = {name: before[name] for name in names & before.keys()}
    sizes = [sum(fold == index for fold in assigned.values()) for index in range(count)]
    for name in sorted(names - before.keys(), key=_order):
        fold = sizes.index(min(sizes))
        assigned[name] = fold
        sizes[fold] += 1
    return assigned


def splits(fold_by_case: Mapping[str, int]) -> list[dict[str, list[str]]]:
    """Content of nnU-Net's splits_final.json: per fold that has a case, the cases to train and to validate on.

    Empty where all cases are in one fold: there is nothing to hold apart.
    """
    used = sorted(set(fold_by_case.values()))
    if len(used) < 2:
        return []
    cases = sorted(fold_by_case)
    return [
        {
            "train": [case for case in cases if fold_by_case[case] != fold],
            "val": [case for case in cases if fold_by_case[case] == fold],
        }
        for fold in used
    ]


def _order(pseudonym: str) -> str:
    return hashlib.sha256(pseudonym.encode()).hexdigest()
