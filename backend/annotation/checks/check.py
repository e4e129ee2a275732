"""All rules over one drawing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backend.annotation.checks import anatomy, drawn, shapes
from backend.annotation.checks.drawing import Drawing
from backend.annotation.checks.finding import Finding, Severity
from backend.annotation.checks.rules import Rule, RuleName
from backend.annotation.checks.seen import Seen

LOOKS = {
    RuleName.NOTHING: drawn.nothing,
    RuleName.UNDRAWN: drawn.undrawn,
    RuleName.MISSING: drawn.missing,
    RuleName.OUTSIDE: anatomy.outside,
    RuleName.SPECKS: shapes.specks,
    RuleName.HOLES: shapes.holes,
    RuleName.SLICE_HOLES: shapes.slice_holes,
    RuleName.SKIPPED: drawn.skipped,
    RuleName.SIDE: anatomy.side,
    RuleName.SIZE: anatomy.size,
}
NOISE = Finding(
    key="noise",
    rule="noise",
    severity=Severity.ERROR,
    label=None,
    count=1,
    text="The drawing is in millions of pieces.",
    advice="Smooth it, or remove the small islands; so it cannot be looked through.",
    places=(),
)


def check(drawing: Drawing, rules: Sequence[Rule]) -> tuple[Finding, ...]:
    """What is wrong with a drawing, errors first, then in the order of the rules."""
    if drawing.is_noise:
        return (NOISE,)
    is_empty = not drawing.labels.any()
    findings = [
        _finding(rule, seen)
        for rule in rules
        if rule.severity != Severity.OFF and (rule.name == RuleName.NOTHING or not is_empty)
        for seen in _seen(drawing, rule)
    ]
    return tuple(sorted(findings, key=lambda finding: finding.severity != Severity.ERROR))


def _seen(drawing: Drawing, rule: Rule) -> Iterable[Seen]:
    for label in rule.labels or (None,):
        seen = LOOKS[rule.name](drawing, rule, label)
        if seen is not None:
            yield seen


def _finding(rule: Rule, seen: Seen) -> Finding:
    return Finding(
        key=rule.name.value if seen.label is None else f"{rule.name.value}:{seen.label}",
        rule=rule.name.value,
        severity=rule.severity,
        label=seen.label,
        count=seen.count,
        text=seen.text,
        advice=seen.advice,
        places=seen.places,
    )
