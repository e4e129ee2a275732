"""Scoring predictions against the benchmark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction

from backend.accounts.models import Project
from backend.annotation.masks import load_labels
from backend.annotation.models import Mask
from backend.annotation.selectors import labels_of
from backend.audit.models import record
from backend.core.errors import Conflict
from backend.evaluation.models import Evaluation, Score
from backend.evaluation.selectors import Benchmark, benchmark
from ml.metrics.masks import DICE, dice_by_label

METRIC_VERSION = f"{DICE.name} {DICE.version}"


@transaction.atomic
def evaluate(*, project: Project, masks: Mapping[int, Mask]) -> Evaluation:
    """Score predicted masks, by id of the reference revision.

    Raises Conflict when a reference of the benchmark has no prediction, or a prediction's reference is not (or no
    longer) approved in the benchmark: half a benchmark must not pass for a whole one.
    """
    now = benchmark(project)
    _check_complete(now, masks)
    evaluation = Evaluation.objects.create(
        project=project,
        benchmark_sha256=now.sha256,
        metric_version=METRIC_VERSION,
        cases=len(now.references),
    )
    values = [label.value for label in labels_of(project)]
    Score.objects.bulk_create(_scores(evaluation, now, masks, values))
    record(
        actor=None,
        action="evaluation.made",
        project_id=project.pk,
        subject=evaluation,
        cases=evaluation.cases,
        benchmark_sha256=now.sha256,
    )
    return evaluation


def _scores(evaluation: Evaluation, now: Benchmark, masks: Mapping[int, Mask], values: list[int]) -> Iterable[Score]:
    for reference in now.references:
        dice = dice_by_label(load_labels(reference.mask), load_labels(masks[reference.pk]), values)
        for value, score in dice.items():
            yield Score(evaluation=evaluation, reference=reference, label=value, dice=score)


def _check_complete(now: Benchmark, masks: Mapping[int, Mask]) -> None:
    wanted = {reference.pk for reference in now.references}
    if not wanted:
        raise Conflict("The benchmark has no approved case: approve one, then score again.")
    if wanted != set(masks):
        raise Conflict(
            f"The benchmark changed while it was predicted: it has {len(wanted)} approved cases, and "
            f"{len(wanted & set(masks))} of them were "
            "predicted. Retry the round, which predicts it anew.",
            missing=sorted(wanted - set(masks)),
            extra=sorted(set(masks) - wanted),
        )
