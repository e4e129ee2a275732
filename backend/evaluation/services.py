"""Scoring predictions against the benchmark."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from django.db import transaction

from backend.accounts.models import Project
from backend.annotation.masks import load_labels
from backend.annotation.models import Mask, Revision
from backend.annotation.selectors import labels_of
from backend.audit.models import record
from backend.core.errors import Conflict
from backend.evaluation.measuring import METRIC_VERSION, Measures, measure
from backend.evaluation.models import Evaluation, Score
from backend.evaluation.selectors import Benchmark, benchmark
from backend.imaging import pins
from ml.labelmaps import LabelArray

Measured = dict[int, dict[int, Measures]]


def measure_predictions(*, project: Project, masks: Mapping[int, Mask]) -> Measured:
    """Measures by label value, by id of the reference revision; takes seconds a case, so outside of any transaction.

    Of a case of some slices only those count: elsewhere both sides are taken for empty.
    """
    values = [label.value for label in labels_of(project)]
    references = Revision.objects.select_related("mask__volume", "task").in_bulk(list(masks))
    return {
        pk: measure(
            _asked(load_labels(reference.mask), reference.task.slices),
            _asked(load_labels(masks[pk]), reference.task.slices),
            values,
            reference.mask.volume.geometry,
        )
        for pk, reference in references.items()
    }


def _asked(labels: LabelArray, slices: list[int] | None) -> LabelArray:
    """Labels (Z, Y, X), empty outside of the slices that were asked for."""
    if slices is None:
        return labels
    kept = np.zeros_like(labels)
    kept[slices] = labels[slices]
    return kept


@transaction.atomic
def evaluate(*, project: Project, measured: Measured) -> Evaluation:
    """Store how predictions did, as `measure_predictions` gives it.

    Raises Conflict when a reference of the benchmark has no prediction, or a prediction's reference is not (or no
    longer) approved in the benchmark: half a benchmark must not pass for a whole one.
    """
    now = benchmark(project)
    _check_complete(now, measured)
    evaluation = Evaluation.objects.create(
        project=project,
        benchmark_sha256=now.sha256,
        metric_version=METRIC_VERSION,
        cases=len(now.references),
    )
    Score.objects.bulk_create(
        _score(evaluation, reference, value, measures)
        for reference in now.references
        for value, measures in measured[reference.pk].items()
    )
    pins.pin({reference.task.volume_id for reference in now.references}, by="a score of the benchmark")
    record(
        actor=None,
        action="evaluation.made",
        project_id=project.pk,
        subject=evaluation,
        cases=evaluation.cases,
        benchmark_sha256=now.sha256,
    )
    return evaluation


def _score(evaluation: Evaluation, reference: Revision, value: int, measures: Measures) -> Score:
    return Score(
        evaluation=evaluation,
        reference=reference,
        label=value,
        dice=measures.dice,
        iou=measures.iou,
        ppv=measures.ppv,
        sensitivity=measures.sensitivity,
        nsd=measures.nsd,
        hd95_mm=measures.hd95_mm,
        assd_mm=measures.assd_mm,
        reference_ml=measures.reference_ml,
        predicted_ml=measures.predicted_ml,
        lesions_found=measures.detection.found,
        lesions_missed=measures.detection.missed,
        lesions_false=measures.detection.false_positive,
    )


def _check_complete(now: Benchmark, measured: Measured) -> None:
    wanted = {reference.pk for reference in now.references}
    if not wanted:
        raise Conflict("The benchmark has no approved case: approve one, then score again.")
    if wanted != set(measured):
        raise Conflict(
            f"The benchmark changed while it was predicted: it has {len(wanted)} approved cases, and "
            f"{len(wanted & set(measured))} of them were "
            "predicted. Retry the round, which predicts it anew.",
            missing=sorted(wanted - set(measured)),
            extra=sorted(set(measured) - wanted),
        )
