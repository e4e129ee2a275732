"""Reads: the benchmark as it stands, and how models did on it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Avg, F, Prefetch

from backend.accounts.models import Project
from backend.annotation.models import Revision, Task
from backend.annotation.slice_ranges import write_ranges
from backend.annotation.workflow import State
from backend.evaluation.models import Score
from backend.imaging.models import Partition, Patient

MeanDice = dict[int, float | None]


@dataclass(frozen=True)
class Benchmark:
    """What models are scored against now: one approved revision per volume, and a hash over their masks."""

    references: tuple[Revision, ...]
    sha256: str


@dataclass(frozen=True)
class BenchmarkCase:
    """One task of a benchmark patient; task_id is empty and state `no_task` while the patient has none."""

    pseudonym: str
    task_id: int | None
    state: str


def benchmark(project: Project) -> Benchmark:
    """The project's approved references; of several readings of a volume the first counts.

    The hash covers which slices count, where a case does not ask for all.
    """
    references = tuple(
        Revision.objects.filter(
            task__project=project,
            task__partition=Partition.BENCHMARK,
            task__state=State.APPROVED,
            task__approved=F("pk"),
        )
        .select_related("mask__volume", "task__patient", "task__volume")
        .order_by("task__volume_id", "task__reading")
        .distinct("task__volume_id")
    )
    digest = hashlib.sha256(b"ninefold-benchmark-1")
    for reference in references:
        digest.update(f"\n{reference.mask.volume_id} {reference.mask.sha256}".encode())
        if reference.task.slices is not None:
            digest.update(f" {write_ranges(reference.task.slices)}".encode())
    return Benchmark(references, digest.hexdigest())


def benchmark_cases(project: Project) -> list[BenchmarkCase]:
    """Every task of every benchmark patient, oldest patient first."""
    patients = Patient.objects.filter(project=project, partition=Partition.BENCHMARK).prefetch_related(
        Prefetch("tasks", Task.objects.order_by("pk"))
    )
    cases = []
    for patient in patients:
        tasks = list(patient.tasks.all())
        cases += [BenchmarkCase(patient.pseudonym, task.pk, task.state) for task in tasks]
        cases += [] if tasks else [BenchmarkCase(patient.pseudonym, None, "no_task")]
    return cases


def mean_dice(evaluation_ids: Collection[int]) -> dict[int, MeanDice]:
    """Mean Dice by label value over the cases that hold the label, by evaluation; one query."""
    means: dict[int, MeanDice] = {pk: {} for pk in evaluation_ids}
    rows = Score.objects.filter(evaluation__in=evaluation_ids).values("evaluation_id", "label")
    for row in rows.annotate(mean=Avg("dice")).order_by("evaluation_id", "label"):
        means[row["evaluation_id"]][row["label"]] = row["mean"]
    return means


def mean_dice_on_shared(evaluation_id: int, other_id: int) -> tuple[MeanDice, MeanDice]:
    """Means of two evaluations over the references that both used, so that they can be compared.

    Both are empty when the benchmark changed altogether in between.
    """
    used = Score.objects.filter(evaluation=other_id).values("reference_id")
    shared = Score.objects.filter(evaluation=evaluation_id, reference__in=used).values("reference_id")
    pair = []
    for pk in (evaluation_id, other_id):
        rows = Score.objects.filter(evaluation=pk, reference__in=shared).values("label")
        pair.append({row["label"]: row["mean"] for row in rows.annotate(mean=Avg("dice")).order_by("label")})
    return pair[0], pair[1]


def case_scores(evaluation_ids: Collection[int]) -> dict[int, dict[str, MeanDice]]:
    """Dice by label value, by pseudonym, by evaluation; one query."""
    found: dict[int, dict[str, MeanDice]] = {pk: {} for pk in evaluation_ids}
    scores = Score.objects.filter(evaluation__in=evaluation_ids).select_related("reference__task__patient")
    for score in scores.order_by("reference__task__patient__pk", "label"):
        case = found[score.evaluation_id].setdefault(score.reference.task.patient.pseudonym, {})
        case[score.label] = score.dice
    return found
