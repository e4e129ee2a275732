"""What each kind of run is given to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from backend.core.errors import Conflict
from backend.core.jobs import enqueue
from backend.evaluation.selectors import benchmark
from backend.exports.channels import phases_needed
from backend.learning import endings, gateway
from backend.learning.gateway import CaseInput
from backend.learning.leases import MAX_ATTEMPTS
from backend.learning.models import Run
from backend.learning.selectors import channels_of, tasks_to_draft, trained_on, warm_start_for
from backend.learning.states import RunKind, RunState
from ml.contracts import AdoptSpec, PredictSpec, TrainSpec, to_json

REFERENCE, TASK, LABELLED = "reference-", "task-", "labelled-"
"""What a case id starts with, before the id of the benchmark's revision, of the task, or of the revision trained on."""
GAMMAS = (0.7, 1.5)
"""Grey values of the views that are compared: the ends of what nnU-Net shows a network in training."""


def prepare(run: Run) -> None:
    """Write the run's input and order, and queue it. Raises DomainError when a case cannot be used."""
    queue(run, _SPECS[RunKind(run.kind)](run))


def begin_job(run_id: int, state: RunState) -> Run | None:
    """The run, if a job of this state is due; a run whose jobs were lost too often is parked."""
    with transaction.atomic():
        runs = Run.objects.select_for_update(of=("self",)).select_related("round__project", "round__snapshot")
        run = runs.filter(pk=run_id, state=state).first()
        if run is None:
            return None
        if run.attempt >= MAX_ATTEMPTS:
            endings.fail(
                run, f"The worker was lost {run.attempt} times while it was {state}: look into its log, then retry."
            )
            return None
        run.attempt += 1
        run.save(update_fields=["attempt", "updated_at"])
        return run


def tell(run: Run, fraction: float, message: str) -> None:
    """Show that a job is alive, and how far it is."""
    Run.objects.filter(pk=run.pk, state=run.state).update(fraction=fraction, message=message, updated_at=timezone.now())


@transaction.atomic
def queue(run: Run, spec: TrainSpec | PredictSpec | AdoptSpec) -> None:
    """Hand the run to the supervisors, or straight to collection where an earlier attempt has done the work."""
    fields: dict[str, Any] = {"spec": json.loads(to_json(spec)), "attempt": 0, "updated_at": timezone.now()}
    waiting = Run.objects.filter(pk=run.pk, state=RunState.PREPARING)
    if gateway.has_result(run):
        if waiting.update(state=RunState.COLLECTING, **fields):
            enqueue("learning.collect_run", queue="gpu", run_id=run.pk)
    else:
        waiting.update(state=RunState.QUEUED, fraction=0, message="Waiting for a free device", **fields)


def _train(run: Run) -> TrainSpec:
    snapshot = run.round.snapshot
    if snapshot is None:
        raise Conflict(f"Round {run.round.number} has nothing frozen to train on.")
    spec = gateway.train_spec(run, snapshot, warm_start_for(snapshot))
    gateway.write_train_order(run, snapshot, spec, lambda fraction, message: tell(run, fraction, message))
    return spec


def _predict(run: Run) -> PredictSpec:
    model = run.round.subject
    channels = channels_of(model)
    if run.kind == RunKind.SCORE:
        cases = _benchmark_cases(run, phases_needed(channels))
        look_at: list[CaseInput] = []
        spec = gateway.predict_spec(run, model, len(channels), cases)
    else:
        tasks = tasks_to_draft(run.round.project, channels)
        cases = [CaseInput(f"{TASK}{task.pk}", task.volume) for task in tasks]
        look_at = [CaseInput(f"{LABELLED}{known.pk}", known.task.volume) for known in trained_on(run.round)]
        spec = gateway.predict_spec(run, model, len(channels), cases, look_at=look_at, gammas=GAMMAS)
    written = [*cases, *look_at]
    gateway.write_predict_order(run, spec, channels, written, lambda fraction, message: tell(run, fraction, message))
    return spec


def _benchmark_cases(run: Run, phases: int) -> list[CaseInput]:
    references = benchmark(run.round.project).references
    for reference in references:
        if reference.task.volume.phases.count() < phases:
            raise Conflict(
                f"{reference.task.patient.pseudonym} of the benchmark has fewer than the {phases} phases that the "
                "model needs: reopen and withdraw its task, then retry the round."
            )
    return [CaseInput(f"{REFERENCE}{reference.pk}", reference.task.volume) for reference in references]


def _adopt(run: Run) -> AdoptSpec:
    spec = gateway.adopt_spec(run)
    gateway.write_order(run, spec)
    return spec


_SPECS: dict[RunKind, Callable[[Run], TrainSpec | PredictSpec | AdoptSpec]] = {
    RunKind.TRAIN: _train,
    RunKind.ADOPT: _adopt,
    RunKind.SCORE: _predict,
    RunKind.DRAFT: _predict,
}
