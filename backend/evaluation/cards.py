"""What a model's scores say and how far they can be trusted: means over patients with intervals, label by label."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backend.evaluation.models import Score
from ml.metrics.intervals import Interval, interval, wilcoxon_p
from ml.metrics.lesions import Detection

METRICS = ("dice", "iou", "ppv", "sensitivity", "nsd", "hd95_mm", "assd_mm", "volume_difference_ml")
SEED = 20


@dataclass(frozen=True)
class LabelCard:
    """One label: the interval of each metric, None where no case has it.

    detection: bodies over all cases, None where they were not counted.
    p_value: paired Wilcoxon of Dice against the other model on the patients that both were scored on.
    """

    label: int
    metrics: dict[str, Interval | None]
    detection: Detection | None
    p_value: float | None


def label_cards(evaluation_id: int, other_id: int | None = None) -> list[LabelCard]:
    """Cards of an evaluation, in the order of the labels; two queries.

    A patient with several volumes counts once, with the mean of them: patients are what varies.
    """
    rows, others = _by_label(evaluation_id), _by_label(other_id) if other_id is not None else {}
    return [_card(label, scores, others.get(label, [])) for label, scores in sorted(rows.items())]


def _by_label(evaluation_id: int) -> dict[int, list[Score]]:
    found: dict[int, list[Score]] = {}
    scores = Score.objects.filter(evaluation=evaluation_id).select_related("reference__task")
    for score in scores.order_by("label", "pk"):
        found.setdefault(score.label, []).append(score)
    return found


def _card(label: int, scores: list[Score], others: list[Score]) -> LabelCard:
    counted = [score for score in scores if score.lesions_found is not None]
    return LabelCard(
        label=label,
        metrics={name: _interval(_by_patient(scores, name).values()) for name in METRICS},
        detection=sum((score.detection for score in counted), Detection(0, 0, 0)) if counted else None,
        p_value=_p_value(_by_patient(scores, "dice"), _by_patient(others, "dice")),
    )


def _by_patient(scores: list[Score], name: str) -> dict[int, float]:
    values: dict[int, list[float]] = {}
    for score in scores:
        value = getattr(score, name)
        if value is not None:
            values.setdefault(score.reference.task.patient_id, []).append(value)
    return {patient: sum(found) / len(found) for patient, found in values.items()}


def _interval(values: Iterable[float]) -> Interval | None:
    found = list(values)
    return interval(found, seed=SEED) if found else None


def _p_value(ours: dict[int, float], theirs: dict[int, float]) -> float | None:
    shared = sorted(ours.keys() & theirs.keys())
    return wilcoxon_p([theirs[p] for p in shared], [ours[p] for p in shared]) if shared else None
