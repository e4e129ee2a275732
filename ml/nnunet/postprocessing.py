"""Rules that take small bodies out of a mask, per label, chosen on cases that the network was not trained on.

nnU-Net keeps its own choice as a pickle, which runs code when it is read; ours is JSON beside the plan.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, generate_binary_structure
from scipy.ndimage import label as connected

from ml.labelmaps import LabelArray
from ml.nnunet.errors import RunError
from ml.nnunet.files import write_text

RULES_NAME = "postprocessing.json"
LEAST_GAIN = 0.001
"""Mean Dice by which a rule must be better than none to be kept."""
_CORNERS = generate_binary_structure(3, 3)


@dataclass(frozen=True)
class Rule:
    """What is kept of a label: its largest body alone, or bodies of `min_mm3` and more (26 neighbours)."""

    keep_largest: bool = False
    min_mm3: float = 0.0


NO_RULE = Rule()
CANDIDATES = (Rule(min_mm3=10.0), Rule(min_mm3=30.0), Rule(min_mm3=100.0), Rule(keep_largest=True))


def apply_rules(
    labels: LabelArray, rules: Mapping[int, Rule], spacing_zyx_mm: tuple[float, float, float]
) -> LabelArray:
    """Label map (Z, Y, X) without the bodies that the rules take out; what they held becomes background."""
    kept = labels.copy()
    boxes = find_objects(labels)
    for value, rule in rules.items():
        box = boxes[value - 1] if value <= len(boxes) else None
        if box is not None:
            region = kept[box]
            region[(labels[box] == value) & ~_kept(labels[box] == value, rule, spacing_zyx_mm)] = 0
    return kept


def choose_rules(
    cases: Iterable[tuple[LabelArray, LabelArray, tuple[float, float, float]]],
    labels: Iterable[int],
    *,
    ignore: int | None,
) -> dict[int, Rule]:
    """The rule of each label with the best mean Dice over the cases, where one is better than none.

    cases: prediction and reference (Z, Y, X) with the spacing (z, y, x) in mm. ignore: value of voxels that do not
    count. A label that neither map holds leaves the case out; one that only one map holds scores 0.
    """
    scores: dict[tuple[int, Rule], list[float]] = defaultdict(list)
    for prediction, reference, spacing_zyx_mm in cases:
        counts = np.ones(reference.shape, dtype=bool) if ignore is None else reference != ignore
        for value in labels:
            drawn, truth = prediction == value, (reference == value) & counts
            for rule in (NO_RULE, *CANDIDATES):
                dice = _dice(_kept(drawn, rule, spacing_zyx_mm) & counts, truth)
                if dice is not None:
                    scores[value, rule].append(dice)
    chosen = {value: _best(value, scores) for value in labels}
    return {value: rule for value, rule in chosen.items() if rule != NO_RULE}


def write_rules(folder: Path, rules: Mapping[int, Rule]) -> None:
    """Write the rules into a model folder."""
    write_text(folder / RULES_NAME, json.dumps({str(value): asdict(rule) for value, rule in sorted(rules.items())}))


def read_rules(folder: Path) -> dict[int, Rule]:
    """Rules of a model folder; none where it has no such file. Raises RunError when they cannot be read."""
    path = folder / RULES_NAME
    if not path.is_file():
        return {}
    try:
        return {int(value): Rule(**rule) for value, rule in json.loads(path.read_bytes()).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise RunError(f"{path} cannot be read ({error}): restore it or train again.") from error


def _best(value: int, scores: Mapping[tuple[int, Rule], list[float]]) -> Rule:
    means = {rule: float(np.mean(scores[value, rule] or [0.0])) for rule in (NO_RULE, *CANDIDATES)}
    best = max(CANDIDATES, key=means.__getitem__)
    return best if means[best] >= means[NO_RULE] + LEAST_GAIN else NO_RULE


def _kept(mask: NDArray[np.bool_], rule: Rule, spacing_zyx_mm: tuple[float, float, float]) -> NDArray[np.bool_]:
    if rule == NO_RULE or not mask.any():
        return mask
    numbered, count = connected(mask, _CORNERS)
    sizes = np.bincount(numbered.reshape(-1), minlength=count + 1)
    sizes[0] = 0
    wanted = sizes * float(np.prod(spacing_zyx_mm)) >= rule.min_mm3
    if rule.keep_largest:
        wanted = np.arange(count + 1) == sizes.argmax()
    wanted[0] = False
    kept: NDArray[np.bool_] = wanted[numbered]
    return kept


def _dice(drawn: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float | None:
    voxels = int(drawn.sum()) + int(truth.sum())
    return 2 * int((drawn & truth).sum()) / voxels if voxels else None
