"""Reads: what a batch can be chosen from, and the batches that were."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from backend.accounts.models import Project
from backend.learning.case_scores import waiting_tasks
from backend.learning.doubts import aided_tasks
from backend.learning.models import Batch, CaseScore, Pick
from backend.learning.reasons import WORDINGS
from backend.learning.selectors import active_model
from ml.query.strategies import Strategy


@dataclass(frozen=True)
class Offer:
    """A strategy with how many of the waiting cases it can say something of."""

    strategy: str
    name: str
    good_for: str
    needs: str
    cases: int


@dataclass(frozen=True)
class WaitingCases:
    """Cases of the pool that nobody has begun. model: number of the active one."""

    model: int | None
    cases: int
    patients: int
    strategies: list[Offer]


def waiting_cases(project: Project) -> WaitingCases:
    """What can be chosen from, and how, in a fixed number of small queries."""
    waiting = waiting_tasks(project)
    counted = waiting.aggregate(cases=Count("pk"), patients=Count("patient", distinct=True))
    model = active_model(project)
    scored = CaseScore.objects.filter(model_version=model, volume__in=waiting.values("volume_id"))
    known = scored.aggregate(
        draft=Count("pk", filter=Q(entropy__isnull=False)),
        views=Count("pk", filter=Q(disagreement__isnull=False)),
        features=Count("pk", filter=~Q(features=b"")),
    )
    having = {"": counted["cases"], "a draft": known["draft"], "several views": known["views"]}
    having["features"] = known["features"]
    offers = [
        Offer(strategy.value, words.name, words.good_for, words.needs, having[words.needs])
        for strategy, words in ((strategy, WORDINGS[strategy]) for strategy in Strategy)
    ]
    return WaitingCases(model.number if model else None, counted["cases"], counted["patients"], offers)


def batches_of(project: Project) -> QuerySet[Batch]:
    """Batches with what is shown of them, newest first."""
    kept = CaseScore.objects.filter(model_version=OuterRef("batch__model_version"), volume=OuterRef("task__volume"))
    picks = Pick.objects.filter(task__in=aided_tasks()).select_related("task__patient")
    picks = picks.annotate(has_picture=Exists(kept.exclude(doubt_map="")))
    return (
        Batch.objects.filter(project=project)
        .select_related("model_version", "started_by")
        .prefetch_related(Prefetch("picks", queryset=picks))
    )
