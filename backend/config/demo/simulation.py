"""Several rounds without people: does the loop learn, and does it save work?"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from backend.annotation.effort import correction_effort
from backend.annotation.masks import changed_between
from backend.annotation.models import Task
from backend.config.demo.annotators import draw_and_approve
from backend.config.demo.local_rounds import carry_out
from backend.config.demo.patients import bring_in, truth_of
from backend.config.demo.people import Team
from backend.config.demo.phantoms import Scan
from backend.config.demo.seeding import BENCHMARK, SEED_BATCH, parts
from backend.core.errors import Conflict
from backend.evaluation.selectors import MeanDice, mean_dice
from backend.imaging.models import Partition
from backend.learning.models import Prediction, Round, Run
from backend.learning.services import start_round
from backend.learning.states import RoundState
from ml.labelmaps import LabelArray

Say = Callable[[str], None]
Effort = Counter[int]
"""Voxels changed, by label value."""


@dataclass(frozen=True)
class Plan:
    """What to simulate. errors: share (0 to 1) of slices that annotators get wrong. seed: of patients and mistakes."""

    rounds: int
    batch: int
    errors: float
    preset: str
    seed: int

    def __post_init__(self) -> None:
        if min(self.rounds, self.batch) < 1:
            raise ValueError(f"rounds and batch count from 1, got {self.rounds} and {self.batch}")
        if not 0 <= self.errors <= 1:
            raise ValueError(f"errors needs a share from 0 to 1, got {self.errors}")
        if self.seed < 1:
            raise ValueError(f"seed counts from 1, got {self.seed}")

    @property
    def phantom_seeds(self) -> list[int]:
        """Seed batch, benchmark, then the pool's batches; another seed gives other patients."""
        return [part.seed for part in parts(1 + 1000 * (self.seed - 1), self.rounds * self.batch)]


@dataclass(frozen=True)
class Batch:
    """Cases that were corrected together: how many, and what it took."""

    cases: int
    effort: Effort

    @property
    def voxels_per_case(self) -> float:
        """Changed voxels of all labels, per case."""
        return self.effort.total() / self.cases


@dataclass(frozen=True)
class Turn:
    """One round: what it trained on, how it scored, and what correcting its drafts took.

    approved: cases in its snapshot; trained: those that the network saw, without the fold that validates.
    """

    number: int
    state: str
    verdict: str
    approved: int
    trained: int
    dice: MeanDice
    corrected: Batch
    seconds: float


@dataclass(frozen=True)
class Case:
    """A task of the simulation with its truth (Z, Y, X) on the task's volume."""

    task: Task
    truth: LabelArray


@dataclass(frozen=True)
class Study:
    """The simulation's project with its patients, in the order in which they are drawn."""

    team: Team
    seed_batch: list[Case]
    benchmark: list[Case]
    pool: list[Case]


def bring_in_patients(plan: Plan, team: Team, made: Iterator[Scan], say: Say) -> Study:
    """Import every phantom of the plan."""
    total = len(plan.phantom_seeds)

    def some(count: int, partition: Partition) -> list[Case]:
        cases = []
        for scan in islice(made, count):
            task = bring_in(team.project, team.manager, scan, partition)
            cases.append(Case(task, truth_of(task, scan)))
            say(f"[{task.patient.pseudonym} of {total}] {partition.value.lower()}")
        return cases

    return Study(
        team,
        seed_batch=some(SEED_BATCH, Partition.POOL),
        benchmark=some(BENCHMARK, Partition.BENCHMARK),
        pool=some(plan.rounds * plan.batch, Partition.POOL),
    )


def first_batch(plan: Plan, study: Study, random: np.random.Generator) -> Batch:
    """Draw the benchmark without mistakes, as its reference, and the seed batch as annotators do."""
    _correct(study.benchmark, study.team, 0.0, random)
    return _correct(study.seed_batch, study.team, plan.errors, random)


def turns(plan: Plan, study: Study, random: np.random.Generator, say: Say) -> Iterator[Turn]:
    """Rounds, one after the other. Raises Conflict when one fails."""
    for index in range(plan.rounds):
        began = time.monotonic()
        turn = start_round(project=study.team.project, actor=study.team.manager, preset=plan.preset)
        turn = carry_out(turn, _narrator(turn, say))
        if turn.state not in {RoundState.DONE, RoundState.HELD}:
            raise Conflict(f"Round {turn.number} {turn.state}: {turn.error or 'somebody stopped it'}")
        say(f"round {turn.number}: {turn.verdict}")
        batch = study.pool[index * plan.batch : (index + 1) * plan.batch]
        corrected = _correct(batch, study.team, plan.errors, random)
        yield _turn(turn, corrected, time.monotonic() - began)


def in_hindsight(plan: Plan, study: Study) -> dict[int, Batch]:
    """What the last batch would have taken with the drafts of each promoted model, by its round: one set of cases."""
    cases = [case.task.pk for case in study.pool[-plan.batch :]]
    approved = {
        task.volume_id: task.approved.mask
        for task in Task.objects.filter(pk__in=cases).select_related("approved__mask__volume")
        if task.approved is not None
    }
    efforts: dict[int, Effort] = {}
    drafts = Prediction.objects.filter(model_version__project=study.team.project, volume__in=approved)
    for draft in drafts.select_related("mask", "model_version__round").order_by("model_version__number"):
        effort = efforts.setdefault(draft.model_version.round.number, Effort())
        effort.update(changed_between(draft.mask, approved[draft.volume_id]))
    return {number: Batch(len(approved), effort) for number, effort in efforts.items()}


def _turn(turn: Round, corrected: Batch, seconds: float) -> Turn:
    model = turn.model
    scores = mean_dice([model.evaluation_id])[model.evaluation_id] if model.evaluation_id is not None else {}
    return Turn(
        number=turn.number,
        state=turn.state,
        verdict=turn.verdict,
        approved=turn.snapshot.items.count() if turn.snapshot else 0,
        trained=model.training_cases,
        dice=scores,
        corrected=corrected,
        seconds=seconds,
    )


def _correct(cases: list[Case], team: Team, errors: float, random: np.random.Generator) -> Batch:
    effort = Effort()
    for case in cases:
        task = Task.objects.select_related("volume", "patient", "head").get(pk=case.task.pk)
        approved = draw_and_approve(task, team, case.truth, error_share=errors, random=random)
        effort.update(correction_effort(approved))
    return Batch(len(cases), effort)


def _narrator(turn: Round, say: Say) -> Callable[[Run], None]:
    said: list[str] = []

    def tell(run: Run) -> None:
        line = f"round {turn.number}: {run.kind} {run.state} {run.message}"
        epochs_only = ", iteration " not in run.message
        if epochs_only and line not in said[-1:]:
            said.append(line)
            say(line)

    return tell
