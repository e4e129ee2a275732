"""Rules of a label set as data: which labels each is about, how severe it is, and its figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from backend.annotation.checks.finding import Severity

MOST_RULES = 50
Value = TypeVar("Value", bound=StrEnum)


class RuleName(StrEnum):
    """What is looked for."""

    NOTHING = "nothing"
    MISSING = "missing"
    UNDRAWN = "undrawn"
    OUTSIDE = "outside"
    SPECKS = "specks"
    HOLES = "holes"
    SLICE_HOLES = "slice_holes"
    SKIPPED = "skipped"
    SIDE = "side"
    SIZE = "size"


@dataclass(frozen=True)
class Figure:
    """A number of a rule, with the range that makes sense."""

    name: str
    title: str
    unit: str
    low: float
    high: float
    value: float


@dataclass(frozen=True)
class Kind:
    """A rule's meaning. others: further lists of labels that it reads, by name and title."""

    name: RuleName
    title: str
    explanation: str
    of_labels: bool = True
    figures: tuple[Figure, ...] = ()
    others: tuple[tuple[str, str], ...] = ()


HOLE = Figure("min_mm3", "Smallest hole", "mm³", 0, 100_000, 20)
KINDS: dict[RuleName, Kind] = {
    kind.name: kind
    for kind in (
        Kind(RuleName.NOTHING, "Nothing drawn", "The whole drawing is empty.", of_labels=False),
        Kind(
            RuleName.UNDRAWN,
            "Asked slice left empty",
            "A task that asks for chosen slices has one without any label.",
            of_labels=False,
        ),
        Kind(RuleName.MISSING, "Label missing", "A label that every case has is not drawn. Whole volumes only."),
        Kind(
            RuleName.OUTSIDE,
            "Outside the breast",
            "Breast tissue is taken as what lies near the tissue labels. A piece is outside where it is further from "
            "them, or where over half of its surface touches labels that it cannot lie in.",
            figures=(Figure("max_mm", "Distance to tissue, at most", "mm", 0, 100, 10),),
            others=(("near", "Tissue"), ("avoid", "Cannot lie in")),
        ),
        Kind(
            RuleName.SPECKS,
            "Specks",
            "Pieces smaller than this, joined over faces, edges and corners; never the largest piece of a label.",
            figures=(Figure("min_mm3", "Smallest piece", "mm³", 0, 100_000, 10),),
        ),
        Kind(RuleName.HOLES, "Holes", "Unlabelled voxels that a label encloses on all sides.", figures=(HOLE,)),
        Kind(
            RuleName.SLICE_HOLES,
            "Holes in a slice",
            "Unlabelled voxels that a label surrounds within one slice.",
            figures=(HOLE,),
        ),
        Kind(
            RuleName.SKIPPED,
            "Slices skipped",
            "Slices without the label between two that have it at the same place.",
            figures=(Figure("max_slices", "Gap, at most", "slices", 1, 50, 5),),
        ),
        Kind(
            RuleName.SIDE,
            "Wrong side",
            "The label lies to the patient's right of the picture's middle. Only where the picture is wide enough to "
            "show both sides. A heart on the right (dextrocardia) exists, so this is best a warning.",
            figures=(
                Figure("margin_mm", "Beyond the middle by", "mm", 0, 200, 5),
                Figure("min_width_mm", "Width of the picture, at least", "mm", 0, 600, 240),
            ),
        ),
        Kind(
            RuleName.SIZE,
            "Implausible size",
            "The largest piece of the label is smaller, or larger, than such a structure is.",
            figures=(
                Figure("min_ml", "At least", "ml", 0, 10_000, 0),
                Figure("max_ml", "At most", "ml", 0, 10_000, 10_000),
            ),
        ),
    )
}


@dataclass(frozen=True)
class Rule:
    """A rule with its figures. labels: values that it is about; empty for rules on the whole drawing."""

    name: RuleName
    severity: Severity
    labels: tuple[int, ...] = ()
    figures: tuple[tuple[str, float], ...] = ()
    others: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def figure(self, name: str) -> float:
        """A figure by its name."""
        return dict(self.figures)[name]

    def other(self, name: str) -> tuple[int, ...]:
        """Values of another list of labels."""
        return dict(self.others).get(name, ())

    def to_json(self) -> dict[str, Any]:
        """As stored and as sent to the browser."""
        return {
            "rule": self.name.value,
            "severity": self.severity.value,
            "labels": list(self.labels),
            "figures": dict(self.figures),
            "others": {name: list(values) for name, values in self.others},
        }


def read_rules(entries: Sequence[Mapping[str, Any]], *, values: Iterable[int]) -> tuple[Rule, ...]:
    """Rules out of JSON. values: of the project's labels.

    Raises ValueError with a sentence for an unknown rule, severity, label or figure, a figure out of its range, and a
    label that one rule names twice.
    """
    if len(entries) > MOST_RULES:
        raise ValueError(f"a label set takes up to {MOST_RULES} rules, got {len(entries)}")
    known = frozenset(values)
    rules = tuple(_read(entry, known) for entry in entries)
    seen: set[tuple[RuleName, int | None]] = set()
    for rule in rules:
        for label in rule.labels or (None,):
            if (rule.name, label) in seen:
                what = "stands there twice" if label is None else f"names label {label} twice"
                raise ValueError(f"the rule “{KINDS[rule.name].title}” {what}")
            seen.add((rule.name, label))
    return rules


def _read(entry: Mapping[str, Any], known: frozenset[int]) -> Rule:
    name = _one_of(RuleName, entry.get("rule"), "rule")
    kind = KINDS[name]
    labels = _labels(entry.get("labels", ()), known, kind)
    if labels and not kind.of_labels:
        raise ValueError(f"the rule “{kind.title}” is about the whole drawing and takes no labels")
    given = dict(entry.get("figures", {}))
    others = dict(entry.get("others", {}))
    for names, allowed in ((given, [f.name for f in kind.figures]), (others, [n for n, _ in kind.others])):
        if unknown := set(names) - set(allowed):
            raise ValueError(f"the rule “{kind.title}” has no {', '.join(sorted(unknown))}")
    return Rule(
        name,
        _one_of(Severity, entry.get("severity"), "severity"),
        labels,
        tuple((figure.name, _number(given.get(figure.name, figure.value), figure, kind)) for figure in kind.figures),
        tuple((name, _labels(others.get(name, ()), known, kind)) for name, _ in kind.others),
    )


def _one_of(kind: type[Value], given: object, what: str) -> Value:
    try:
        return kind(str(given))
    except ValueError:
        raise ValueError(f"{what} needs one of {', '.join(kind)}, got {given!r}") from None


def _labels(given: Iterable[Any], known: frozenset[int], kind: Kind) -> tuple[int, ...]:
    values = tuple(sorted({int(value) for value in given}))
    if unknown := [value for value in values if value not in known]:
        raise ValueError(f"the rule “{kind.title}” names {unknown[0]}, which is no label of the project")
    return values


def _number(given: Any, figure: Figure, kind: Kind) -> float:
    number = float(given)
    if not figure.low <= number <= figure.high:
        raise ValueError(
            f"“{kind.title}”: {figure.title} needs {figure.low:g} to {figure.high:g} {figure.unit}, got {given}"
        )
    return number
