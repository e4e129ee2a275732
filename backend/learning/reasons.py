"""What each strategy is good for, and why it picked a case, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ml.query.batches import Arm
from ml.query.strategies import FOREGROUND_SHARE, Strategy


@dataclass(frozen=True)
class Wording:
    """A strategy as people know it. needs: what a case must have for it, in words; empty where nothing is needed."""

    name: str
    good_for: str
    needs: str = ""


WORDINGS: dict[Strategy, Wording] = {
    Strategy.RANDOM: Wording("Random", "Every patient is as likely as another: the fair baseline, hard to beat."),
    Strategy.IN_ORDER: Wording("In order", "The oldest first: for small pools that will be annotated as a whole."),
    Strategy.FOREGROUND: Wording(
        "Foreground-aware random",
        "Chance, but two of three among drafts that hold a label drawn by lot, so that rare labels come up too. "
        "In published comparisons no strategy beats it reliably.",
        "a draft",
    ),
    Strategy.ENTROPY: Wording(
        "Entropy", "Cases of which the model is least sure: finds hard cases, and bad images with them.", "a draft"
    ),
    Strategy.MARGIN: Wording(
        "Margin",
        "Cases in which the two likeliest labels are close: for labels that are mistaken for each other.",
        "a draft",
    ),
    Strategy.DISAGREEMENT: Wording(
        "Disagreement",
        "Cases that the model draws differently when grey values are bent: finds what it has not learned, not noise.",
        "several views",
    ),
    Strategy.RARE_LABELS: Wording(
        "Rare labels",
        "Half of the picks for the labels that the fewest approved cases have, the rest for any label in doubt.",
        "a draft",
    ),
    Strategy.CORE_SET: Wording(
        "Diversity",
        "Cases that look least like those approved: for pools of several scanners or protocols. Ignores doubt.",
        "features",
    ),
    Strategy.HYBRID: Wording(
        "Doubt and diversity",
        "The most doubtful cases, thinned out to those that look least alike: no ten copies of one hard case.",
        "features",
    ),
}

_DOUBT = {
    Strategy.ENTROPY: "The model is less sure of it than of {share} of the waiting cases (mean entropy {score:.2f}).",
    Strategy.MARGIN: "Its two likeliest labels are closer than in {share} of the waiting cases "
    "(closeness {score:.2f}).",
    Strategy.DISAGREEMENT: "The model's views of it disagree more than on {share} of the waiting cases "
    "(mutual information {score:.3f}).",
}


@dataclass(frozen=True)
class Peak:
    """Where a case is most in doubt. slice_number: from 1."""

    label: str | None
    slice_number: int | None


def reason(
    strategy: Strategy, arm: Arm, score: float | None, values: Mapping[str, float], names: Mapping[int, str], peak: Peak
) -> str:
    """Why a case was picked, one or two sentences. names: of the labels, by value."""
    if arm is Arm.RANDOM:
        return f"Drawn by lot among {values['among']:.0f} patients, whatever the model says of it."
    why = _why(strategy, score, values, names)
    return f"{why} {where}" if (where := _where(peak)) else why


def _why(strategy: Strategy, score: float | None, values: Mapping[str, float], names: Mapping[int, str]) -> str:
    if strategy is Strategy.IN_ORDER:
        return "The oldest case that waits."
    label = names.get(int(values.get("label", 0)), "")
    if strategy is Strategy.FOREGROUND:
        if label:
            return f"Drawn by lot among {values['among']:.0f} cases whose draft holds {label} ({_ml(values)} here)."
        return f"Drawn by lot among {values['among']:.0f} cases: the {1 - FOREGROUND_SHARE:.0%} that ask for no label."
    if strategy is Strategy.RARE_LABELS:
        approved = (
            f"{values['label_cases']:.0f} approved cases have it"
            if values["label_cases"]
            else "no approved case has it"
        )
        return (
            f"Its {label} is in more doubt than in {_share(values)} of the waiting cases "
            f"({values['label_doubt']:.2f}, {_ml(values)} drafted; {approved})."
        )
    if strategy in _DOUBT:
        return _DOUBT[strategy].format(share=_share(values), score=score)
    return _spread(values)


def _spread(values: Mapping[str, float]) -> str:
    doubtful = (
        f"The model is less sure of it than of {_share(values)} of the waiting cases, and among those it "
        if "share_below" in values
        else "It "
    )
    if values["distance"] == 0:
        return f"{doubtful}stands for most of the others: nothing is approved that it could be compared with."
    times = values["distance"] / values["median"] if values["median"] > 0 else 1.0
    return (
        f"{doubtful}looks least like the approved cases and the other picks: {times:.1f} times as far from its nearest "
        "as the median case."
    )


def _where(peak: Peak) -> str:
    label = f"{peak.label} is most in doubt" if peak.label else "Most in doubt"
    if peak.slice_number is None:
        return f"{label[0].upper()}{label[1:]}." if peak.label else ""
    if not peak.label:
        return f"Most in doubt around slice {peak.slice_number}."
    return f"{label[0].upper()}{label[1:]}; the most doubtful slice is {peak.slice_number}."


def _share(values: Mapping[str, float]) -> str:
    return f"{values['share_below']:.0%}"


def _ml(values: Mapping[str, float]) -> str:
    return f"{values['label_ml']:.1f} ml"
