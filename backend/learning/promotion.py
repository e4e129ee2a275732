"""Whether a new model takes over: one rule, pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TOLERANCE = 0.02


@dataclass(frozen=True)
class Verdict:
    """The outcome, and why in one sentence."""

    promoted: bool
    sentence: str


def first_model() -> Verdict:
    """There is nothing to be worse than."""
    return Verdict(promoted=True, sentence="Promoted: it is the project's first model.")


def without_score(reason: str) -> Verdict:
    """No comparison was possible; a model is not held back for that, but the verdict says so."""
    return Verdict(promoted=True, sentence=f"Promoted without a comparison: {reason}.")


def compare(
    candidate: Mapping[str, float | None], active: Mapping[str, float | None], *, active_number: int
) -> Verdict:
    """Promote unless a label's mean Dice fell by more than the tolerance.

    candidate, active: mean Dice by label name on the same cases; a label without a score on either side is left out.
    """
    drops = {
        label: (before, after)
        for label, before in active.items()
        if before is not None and (after := candidate.get(label)) is not None and _fell(before, after)
    }
    if not drops:
        return Verdict(
            promoted=True,
            sentence=f"Promoted: no label is worse than model {active_number} by more than {TOLERANCE:.2f} Dice.",
        )
    worst = sorted(drops, key=lambda label: drops[label][1] - drops[label][0])
    fell = ", ".join(f"{label} fell by {_fall(drops[label])}" for label in worst)
    return Verdict(promoted=False, sentence=f"Held back, model {active_number} stays: {fell}.")


def _fell(before: float, after: float) -> bool:
    return round(before - after, 9) > TOLERANCE  # 0.50 - 0.48 is a little over 0.02 in binary


def _fall(pair: tuple[float, float]) -> str:
    before, after = pair
    return f"{before - after:.3f} (from {before:.3f} to {after:.3f})"
