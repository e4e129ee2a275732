"""Taking in what a run left: a model, its scores, or drafts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction

from backend.accounts.models import Project
from backend.annotation.masks import load_labels, store_mask
from backend.annotation.models import Mask, Revision, Task
from backend.annotation.selectors import labels_of
from backend.annotation.services import offer_proposal
from backend.audit.models import record
from backend.evaluation.selectors import MeanDice, benchmark, mean_dice_on_shared
from backend.evaluation.services import Measured, evaluate, measure_predictions
from backend.learning import adopting, endings, gateway, promotion
from backend.learning.case_scores import store_look, store_scores
from backend.learning.models import ModelVersion, Prediction, Round, Run
from backend.learning.preparing import LABELLED, REFERENCE, TASK, tell
from backend.learning.promotion import Verdict
from backend.learning.selectors import active_model, channels_of, tasks_to_draft, undrafted_tasks
from backend.learning.services import begin_run
from backend.learning.states import ModelState, RoundState, RunKind, RunState
from ml.contracts import AdoptResult, CasePrediction, TrainResult


def collect(run: Run) -> None:
    """Take in the result, and set off what follows. Raises DomainError when the result cannot be used."""
    if run.kind == RunKind.TRAIN:
        _register_model(run, gateway.train_result(run))
    elif run.kind == RunKind.ADOPT:
        _register_adopted(run, gateway.adopt_result(run))
    elif run.kind == RunKind.SCORE:
        _judge(run, measure_predictions(project=run.round.project, masks=_benchmark_masks(run)))
    else:
        _take_drafts(run)


@transaction.atomic
def _register_model(run: Run, result: TrainResult) -> None:
    if not _still_collecting(run):
        return
    turn = run.round
    warm_sha256 = run.spec.get("warm_start_sha256") or "none"
    _register(
        run,
        result,
        parent=ModelVersion.objects.filter(project=turn.project_id, weights_sha256=warm_sha256).first(),
        channels=turn.snapshot.manifest["channels"] if turn.snapshot else [],
        training_cases=result.training_cases,
    )


@transaction.atomic
def _register_adopted(run: Run, result: AdoptResult) -> None:
    if not _still_collecting(run):
        return
    project, source = run.round.project, run.round.source
    _register(
        run,
        result,
        channels=adopting.channels_for(result, source.get("channels")),
        label_map=adopting.label_map(result, labels_of(project), source.get("labels")),
        training_cases=0,
    )


def _register(run: Run, result: TrainResult | AdoptResult, **fields: Any) -> None:
    """A new version, and what follows: scoring, or promotion where there is no benchmark."""
    turn = run.round
    project = Project.objects.select_for_update().get(pk=turn.project_id)
    last = ModelVersion.objects.filter(project=project).first()
    model = ModelVersion.objects.create(
        project=project,
        number=last.number + 1 if last else 1,
        round=turn,
        state=ModelState.CANDIDATE,
        folder=gateway.relative_model_folder(run, result),
        weights_sha256=result.weights_sha256,
        weights_bytes=result.weights_bytes,
        result=asdict(result),
        **fields,
    )
    record(
        actor=None,
        action="model.registered",
        project_id=project.pk,
        subject=model,
        number=model.number,
        weights_sha256=model.weights_sha256,
    )
    endings.done(run)
    if benchmark(project).references:
        turn.state = RoundState.SCORING
        turn.save(update_fields=["state", "updated_at"])
        begin_run(turn, RunKind.SCORE)
    elif active_model(project) is None:
        _conclude(turn, model, promotion.first_model())
    else:
        _conclude(turn, model, promotion.without_score("the benchmark has no approved case"))


def _benchmark_masks(run: Run) -> dict[int, Mask]:
    masks = {}
    result = gateway.predict_result(run)
    for done, case in enumerate(result.cases, start=1):
        reference = Revision.objects.select_related("mask__volume").get(pk=case.case_id.removeprefix(REFERENCE))
        volume = reference.mask.volume
        labels = gateway.predicted_labels(run, case.mask_file, volume)
        masks[reference.pk] = store_mask(volume=volume, labels=labels)
        tell(run, done / len(result.cases), f"Scoring {done} of {len(result.cases)} cases")
    return masks


@transaction.atomic
def _judge(run: Run, measured: Measured) -> None:
    if not _still_collecting(run):
        return
    turn, model = run.round, run.round.subject
    model.evaluation = evaluate(project=turn.project, measured=measured)
    model.save(update_fields=["evaluation", "updated_at"])
    endings.done(run)
    _conclude(turn, model, _verdict(turn.project, model))


def _verdict(project: Project, model: ModelVersion) -> Verdict:
    active = active_model(project)
    if active is None:
        return promotion.first_model()
    if active.evaluation_id is None or model.evaluation_id is None:
        return promotion.without_score(f"model {active.number} was never scored")
    new, old = mean_dice_on_shared(model.evaluation_id, active.evaluation_id)
    if not new:
        return promotion.without_score(f"model {active.number} was scored on another benchmark")
    return promotion.compare(_named(project, new), _named(project, old), active_number=active.number)


def _named(project: Project, means: MeanDice) -> dict[str, float | None]:
    names = {label.value: label.name for label in labels_of(project)}
    return {names[value]: mean for value, mean in means.items() if value in names}


def _conclude(turn: Round, model: ModelVersion, verdict: Verdict) -> None:
    """Carry the verdict out: the new model drafts, or stays on the shelf."""
    turn.verdict = verdict.sentence
    if not verdict.promoted:
        _set_state(model, ModelState.HELD)
        endings.end_round(turn, RoundState.HELD)
        return
    active = active_model(turn.project)
    if active is not None:
        _set_state(active, ModelState.RETIRED)
    _set_state(model, ModelState.ACTIVE)
    waiting = undrafted_tasks(turn.project).count()
    draftable = tasks_to_draft(turn.project, channels_of(model)).count()
    if waiting > draftable:
        turn.verdict += f" No draft for {waiting - draftable} open cases, which lack phases that the model needs."
    if not draftable:
        endings.end_round(turn, RoundState.DONE)
        return
    turn.state = RoundState.DRAFTING
    turn.save(update_fields=["state", "verdict", "updated_at"])
    begin_run(turn, RunKind.DRAFT)


def _set_state(model: ModelVersion, state: ModelState) -> None:
    model.state = state
    model.save(update_fields=["state", "updated_at"])
    record(
        actor=None,
        action=f"model.{state.value}",
        project_id=model.project_id,
        subject=model,
        number=model.number,
    )


def _take_drafts(run: Run) -> None:
    result = gateway.predict_result(run)
    for done, case in enumerate(result.cases, start=1):
        task = Task.objects.select_related("volume").get(pk=case.case_id.removeprefix(TASK))
        _take_draft(run, task, case)
        tell(run, done / len(result.cases), f"Stored {done} of {len(result.cases)} drafts")
    for look in result.looked_at:
        known = Revision.objects.select_related("mask__volume").get(pk=look.case_id.removeprefix(LABELLED))
        labels = load_labels(known.mask)
        store_look(model=run.round.subject, volume=known.mask.volume, features=look.features, labels=labels)
    with transaction.atomic():
        if _still_collecting(run):
            endings.done(run)
            endings.end_round(run.round, RoundState.DONE)


def _take_draft(run: Run, task: Task, case: CasePrediction) -> None:
    model = run.round.subject
    labels = gateway.predicted_labels(run, case.mask_file, task.volume)
    doubt_map = gateway.doubt_map(run, case.doubt_map_file) if case.doubt_map_file else b""
    with transaction.atomic():
        store_scores(model=model, volume=task.volume, case=case, doubt_map=doubt_map)
        mask = store_mask(volume=task.volume, labels=labels)
        Prediction.objects.update_or_create(
            model_version=model,
            volume=task.volume,
            defaults={
                "mask": mask,
                "entropy": case.entropy,
                "slice_entropy": list(case.slice_entropy),
                "seconds": case.seconds,
            },
        )
        Task.objects.select_for_update().get(pk=task.pk)
        if undrafted_tasks(model.project).filter(pk=task.pk).exists():  # else somebody began meanwhile
            offer_proposal(task=task, mask=mask, model_version_id=model.pk, source=f"model {model.number}")


def _still_collecting(run: Run) -> bool:
    """Lock the run; False when it was cancelled or collected by another job meanwhile."""
    return Run.objects.select_for_update().filter(pk=run.pk, state=RunState.COLLECTING).exists()
