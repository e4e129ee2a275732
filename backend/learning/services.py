"""What people do with rounds: start, cancel, retry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from backend.accounts.models import Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.audit.models import record
from backend.core.errors import Conflict, InvalidInput
from backend.core.jobs import enqueue
from backend.exports.models import Snapshot
from backend.exports.services import snapshot_for_round
from backend.learning import endings
from backend.learning.models import Round, Run
from backend.learning.states import ROUND_ENDS, RUN_ENDS, RoundState, RunKind, RunState
from ml.contracts import settings_of

ROUND_STATE = {
    RunKind.TRAIN: RoundState.TRAINING,
    RunKind.ADOPT: RoundState.ADOPTING,
    RunKind.SCORE: RoundState.SCORING,
    RunKind.DRAFT: RoundState.DRAFTING,
}
MIN_PATIENTS = 2


@transaction.atomic
def start_round(*, project: Project, actor: User, preset: str, settings: Mapping[str, Any] | None = None) -> Round:
    """Freeze what is approved and train on it. settings: changes to those of the preset.

    Raises InvalidInput for an unknown preset or setting; Conflict while a round runs, or before two patients' cases are
    approved.
    """
    require(actor, project, Capability.MANAGE_ROUNDS)
    changes = _checked_settings(preset, settings or {})
    Project.objects.select_for_update().get(pk=project.pk)
    check_none_runs(project)
    snapshot = snapshot_for_round(project=project, actor=actor)
    _check_enough(snapshot)
    turn = Round.objects.create(
        project=project,
        number=next_number(project),
        state=RoundState.TRAINING,
        preset=preset,
        settings=changes,
        snapshot=snapshot,
        started_by=actor,
    )
    record(
        actor=actor,
        action="round.start",
        project_id=project.pk,
        subject=turn,
        number=turn.number,
        preset=preset,
        settings=changes,
        snapshot=snapshot.number,
    )
    begin_run(turn, RunKind.TRAIN)
    return turn


@transaction.atomic
def cancel_round(*, turn: Round, actor: User) -> Round:
    """Stop a round. A running process is asked to stop and is gone within 15 s; the round ends when it is.

    Raises Conflict for a round that has ended.
    """
    require(actor, turn.project, Capability.MANAGE_ROUNDS)
    run = _locked_active_run(turn)
    if run is None:
        raise Conflict(f"Round {turn.number} has ended already.", state=turn.state)
    record(actor=actor, action="round.cancel", project_id=turn.project_id, subject=turn, number=turn.number)
    if _has_live_process(run):
        run.cancel_requested, run.message = True, "Cancelling"
        run.save(update_fields=["cancel_requested", "message", "updated_at"])
    else:
        endings.cancel(run, actor=actor)
    return Round.objects.get(pk=turn.pk)


@transaction.atomic
def retry_round(*, turn: Round, actor: User) -> Round:
    """Let a failed round go on from the run that failed. Raises Conflict when it did not fail, or is not the newest."""
    require(actor, turn.project, Capability.MANAGE_ROUNDS)
    run = Run.objects.select_for_update().filter(round=turn, state=RunState.FAILED).first()
    turn = Round.objects.select_for_update(of=("self",)).select_related("project").get(pk=turn.pk)
    Project.objects.select_for_update().get(pk=turn.project_id)
    if turn.state != RoundState.FAILED or run is None:
        raise Conflict(f"Round {turn.number} did not fail: only a failed round can be retried.", state=turn.state)
    if Round.objects.filter(project=turn.project, number__gt=turn.number).exists():
        raise Conflict(f"A round after {turn.number} was started: start a new one instead.", number=turn.number)
    turn.state, turn.error, turn.ended_at = ROUND_STATE[RunKind(run.kind)], "", None
    turn.save(update_fields=["state", "error", "ended_at", "updated_at"])
    run.state, run.error, run.ended_at = RunState.PREPARING, "", None
    run.attempt, run.cancel_requested, run.message = 0, False, ""
    run.save(update_fields=["state", "error", "ended_at", "attempt", "cancel_requested", "message", "updated_at"])
    record(actor=actor, action="round.retry", project_id=turn.project_id, subject=turn, number=turn.number)
    enqueue("learning.prepare_run", queue="gpu", run_id=run.pk)
    return turn


def begin_run(turn: Round, kind: RunKind) -> Run:
    """Have a run prepared. Call inside a transaction."""
    run = Run.objects.create(round=turn, kind=kind)
    enqueue("learning.prepare_run", queue="gpu", run_id=run.pk)
    return run


def _checked_settings(preset: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes, if a training can be made of them. Raises InvalidInput naming the setting."""
    try:
        settings_of(preset, changes)
    except ValueError as error:
        message = str(error)
        raise InvalidInput(f"{message[:1].upper()}{message[1:]}.") from error
    return dict(changes)


def next_number(project: Project) -> int:
    """Number of the next round. Call with the project locked."""
    last = Round.objects.filter(project=project).first()
    return last.number + 1 if last else 1


def check_none_runs(project: Project) -> None:
    """Raises Conflict while a round of the project runs."""
    running = Round.objects.filter(project=project).exclude(state__in=ROUND_ENDS).first()
    if running is not None:
        raise Conflict(
            f"Round {running.number} is still {running.state}: wait until it ends, or cancel it.", round=running.pk
        )


def _check_enough(snapshot: Snapshot) -> None:
    patients = snapshot.items.values("patient").distinct().count()
    if patients < MIN_PATIENTS:
        raise Conflict(
            f"Approved cases of {MIN_PATIENTS} patients are needed, one to train on and one to validate on; there is "
            f"{patients}: approve another patient's case first.",
            patients=patients,
        )


def _locked_active_run(turn: Round) -> Run | None:
    """Runs are locked before their round everywhere, so that nobody waits for each other."""
    runs = Run.objects.select_for_update(of=("self",)).select_related("round__project")
    return runs.filter(round=turn).exclude(state__in=RUN_ENDS).first()


def _has_live_process(run: Run) -> bool:
    return Run.objects.filter(pk=run.pk, state=RunState.RUNNING, lease_until__gte=Now()).exists()
