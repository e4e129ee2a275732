"""Rules that a label set has until a manager changes them, by the names of its labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backend.annotation.checks.finding import Severity
from backend.annotation.checks.rules import KINDS, Rule, RuleName
from backend.annotation.labels import Label

GLAND, VESSEL, MUSCLE, BONE, LESION = "fibroglandular tissue", "vessel", "muscle", "bone", "lesion"
NODE, HEART, LIVER, IMPLANT = "lymph node", "heart", "liver", "implant"
ALL = (GLAND, VESSEL, MUSCLE, BONE, LESION, NODE, HEART, LIVER, IMPLANT)
NO_FIGURES: Mapping[str, float] = {}

# Off where healthy anatomy looks like the mistake: gland and vessels break up into small pieces, and muscle encloses
# fat, as gland, nodes (hilum) and bone (marrow) do. A node over 30 ml (a ball of 39 mm) and an implant under 30 ml are
# rare enough to be looked at twice.
TABLE: tuple[tuple[RuleName, Severity, tuple[str, ...], Mapping[str, float]], ...] = (
    (RuleName.NOTHING, Severity.ERROR, (), NO_FIGURES),
    (RuleName.UNDRAWN, Severity.WARNING, (), NO_FIGURES),
    (RuleName.MISSING, Severity.WARNING, (GLAND, MUSCLE, HEART), NO_FIGURES),
    (RuleName.OUTSIDE, Severity.WARNING, (LESION,), NO_FIGURES),
    (RuleName.SPECKS, Severity.WARNING, (LESION, NODE), {"min_mm3": 10}),
    (RuleName.SPECKS, Severity.WARNING, (MUSCLE, BONE, HEART, LIVER, IMPLANT), {"min_mm3": 30}),
    (RuleName.SPECKS, Severity.OFF, (GLAND, VESSEL), {"min_mm3": 10}),
    (RuleName.SLICE_HOLES, Severity.WARNING, (LESION, HEART, LIVER, IMPLANT), NO_FIGURES),
    (RuleName.HOLES, Severity.OFF, (MUSCLE,), NO_FIGURES),
    (RuleName.SKIPPED, Severity.WARNING, ALL, NO_FIGURES),
    (RuleName.SIDE, Severity.WARNING, (HEART,), NO_FIGURES),
    (RuleName.SIZE, Severity.WARNING, (NODE,), {"max_ml": 30}),
    (RuleName.SIZE, Severity.WARNING, (IMPLANT,), {"min_ml": 30, "max_ml": 1500}),
)
NEAR: tuple[str, ...] = (GLAND,)
AVOID: tuple[str, ...] = (MUSCLE, BONE, HEART, LIVER)


def default_rules(labels: Sequence[Label]) -> tuple[Rule, ...]:
    """Rules for labels, found by their names; a rule of which no label is there is left out."""
    values = {label.name: label.value for label in labels}
    rules = (_rule(values, *row) for row in TABLE)
    return tuple(rule for rule in rules if rule.labels or not KINDS[rule.name].of_labels)


def _rule(
    values: Mapping[str, int],
    name: RuleName,
    severity: Severity,
    labels: tuple[str, ...],
    figures: Mapping[str, float],
) -> Rule:
    others = {"near": _values(values, NEAR), "avoid": _values(values, AVOID)}
    kind = KINDS[name]
    return Rule(
        name,
        severity,
        _values(values, labels),
        tuple((figure.name, float(figures.get(figure.name, figure.value))) for figure in kind.figures),
        tuple((other, others[other]) for other, _ in kind.others),
    )


def _values(values: Mapping[str, int], names: Sequence[str]) -> tuple[int, ...]:
    return tuple(sorted(values[name] for name in names if name in values))
