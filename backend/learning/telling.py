"""Rounds, models and evaluations as they are told: rows with scores by label name, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.accounts.models import Project
from backend.annotation.selectors import labels_of
from backend.core.errors import NotFound
from backend.evaluation.cards import LabelCard, label_cards
from backend.evaluation.selectors import MeanDice, case_scores, mean_dice
from backend.learning.models import ModelVersion, Round, Run
from backend.learning.selectors import models_of
from backend.learning.states import ModelState, RunState
from backend.learning.steps import Step, steps_of

Scores = dict[str, float | None]


@dataclass(frozen=True)
class ModelView:
    """A model with its mean Dice by label name; None where it was never scored."""

    row: ModelVersion
    scores: Scores | None


@dataclass(frozen=True)
class RoundView:
    """A round with its steps, its model, and the scores of the model that drafted before it."""

    row: Round
    snapshot_cases: int
    steps: list[Step]
    runs: list[Run]
    cancelling: bool
    model: ModelView | None
    previous_scores: Scores | None


@dataclass(frozen=True)
class CaseScores:
    """Dice by label name of one benchmark case."""

    pseudonym: str
    dice: Scores


@dataclass(frozen=True)
class EvaluationView:
    """A model on the benchmark as it stood."""

    model: int
    created_at: datetime
    cases: int
    mean: Scores
    per_case: list[CaseScores]


@dataclass(frozen=True)
class NamedCard:
    """A label's card under the label's name."""

    name: str
    card: LabelCard


@dataclass(frozen=True)
class ModelCard:
    """Everything that the benchmark says of one model. compared_with: number of the scored model before it."""

    model: int
    metric_version: str
    cases: int
    compared_with: int | None
    labels: list[NamedCard]


def model_views(project: Project) -> list[ModelView]:
    """All models of a project, newest first."""
    models = list(models_of(project))
    means = mean_dice([model.evaluation_id for model in models if model.evaluation_id is not None])
    names = _names(project)
    return [
        ModelView(model, _named(names, means[model.evaluation_id]) if model.evaluation_id is not None else None)
        for model in models
    ]


def round_views(project: Project, rounds: Sequence[Round]) -> list[RoundView]:
    """Rounds, in the order given; they come from `rounds_of`."""
    models = model_views(project)
    return [_round_view(turn, models) for turn in rounds]


def evaluation_views(project: Project) -> list[EvaluationView]:
    """Every scored model of a project, newest first."""
    models = [model for model in models_of(project) if model.evaluation is not None]
    ids = [model.evaluation_id for model in models if model.evaluation_id is not None]
    means, cases, names = mean_dice(ids), case_scores(ids), _names(project)
    return [
        EvaluationView(
            model=model.number,
            created_at=model.evaluation.created_at,
            cases=model.evaluation.cases,
            mean=_named(names, means[model.evaluation.pk]),
            per_case=[
                CaseScores(pseudonym, _named(names, dice)) for pseudonym, dice in cases[model.evaluation.pk].items()
            ],
        )
        for model in models
        if model.evaluation is not None
    ]


def model_card(project: Project, number: int) -> ModelCard:
    """Scores of one model with their intervals. Raises NotFound for an unknown model and for one never scored."""
    scored = [model for model in models_of(project) if model.evaluation is not None]
    model = next((model for model in scored if model.number == number), None)
    if model is None or model.evaluation is None:
        raise NotFound("There is no such model, or the benchmark has not scored it.")
    before = next((other for other in scored if other.number < number), None)
    cards = label_cards(model.evaluation.pk, before.evaluation_id if before else None)
    names = _names(project)
    return ModelCard(
        model=number,
        metric_version=model.evaluation.metric_version,
        cases=model.evaluation.cases,
        compared_with=before.number if before else None,
        labels=[NamedCard(names[card.label], card) for card in cards if card.label in names],
    )


def _round_view(turn: Round, models: Iterable[ModelView]) -> RoundView:
    runs = list(turn.runs.all())
    own = next((model for model in models if model.row.round_id == turn.pk or model.row.pk == turn.uses_id), None)
    return RoundView(
        row=turn,
        snapshot_cases=_cases(turn),
        steps=steps_of(turn.kind, turn.state, _cases(turn), turn.verdict, {run.kind: run for run in runs}),
        runs=runs,
        cancelling=any(run.cancel_requested and run.state == RunState.RUNNING for run in runs),
        model=own,
        previous_scores=_previous(turn, models),
    )


def _cases(turn: Round) -> int:
    cases: int = turn.snapshot_cases  # type: ignore[attr-defined]  # annotated by rounds_of
    return cases


def _previous(turn: Round, models: Iterable[ModelView]) -> Scores | None:
    """Scores of the model that was in use when the round was judged; models come newest first."""
    used = (
        model
        for model in models
        if model.row.state in {ModelState.ACTIVE, ModelState.RETIRED} and model.row.round.number < turn.number
    )
    before = next(used, None)
    return before.scores if before else None


def _named(names: Mapping[int, str], means: MeanDice) -> Scores:
    return {names[value]: mean for value, mean in means.items() if value in names}


def _names(project: Project) -> dict[int, str]:
    return {label.value: label.name for label in labels_of(project)}
