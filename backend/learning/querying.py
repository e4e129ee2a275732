"""Choosing whom to annotate next. Benchmark patients and second readings are not among those it chooses from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from backend.accounts.models import Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.annotation.models import Task
from backend.annotation.places import line_up
from backend.annotation.selectors import labels_of
from backend.audit.models import record
from backend.core.errors import Conflict, InvalidInput
from backend.learning.case_scores import labelled_of, table_of
from backend.learning.doubts import aided_tasks
from backend.learning.models import Batch, CaseScore, ModelVersion, Pick, Prediction
from backend.learning.reasons import WORDINGS, Peak, reason
from backend.learning.selectors import active_model
from ml.query.batches import Picked, choose_batch
from ml.query.strategies import Strategy, usable

MAX_SIZE = 500


@dataclass(frozen=True)
class Wish:
    """What a batch shall be. random_share: of the cases, at least one, picked by lot; seed: of all that is by lot."""

    strategy: Strategy
    size: int
    random_share: float
    seed: int


@dataclass(frozen=True)
class Proposed:
    """A batch that is not stored yet. cases: how many it was chosen from; task of each pick with its patient."""

    wish: Wish
    model: ModelVersion | None
    cases: int
    picks: list[Pick]


def preview_batch(*, project: Project, actor: User, wish: Wish) -> Proposed:
    """The batch that this wish gives now. Raises as `start_batch`."""
    require(actor, project, Capability.MANAGE_ROUNDS)
    return _propose(project, wish)


@transaction.atomic
def start_batch(*, project: Project, actor: User | None, wish: Wish) -> Batch:
    """Pick cases and put them in front of everything that waits; the batch before loses its place.

    actor: None for the platform itself. Raises InvalidInput for a size or share out of bounds, Conflict when nobody
    waits, or when no waiting case has what the strategy needs.
    """
    if actor is not None:
        require(actor, project, Capability.MANAGE_ROUNDS)
    Project.objects.select_for_update().get(pk=project.pk)
    proposed = _propose(project, wish)
    last = Batch.objects.filter(project=project).first()
    batch = Batch.objects.create(
        project=project,
        number=last.number + 1 if last else 1,
        strategy=wish.strategy.value,
        size=wish.size,
        random_share=wish.random_share,
        seed=wish.seed,
        model_version=proposed.model,
        cases=proposed.cases,
        started_by=actor,
    )
    for pick in proposed.picks:
        pick.batch = batch
    Pick.objects.bulk_create(proposed.picks)
    line_up(project=project, tasks=[pick.task_id for pick in proposed.picks])
    record(
        actor=actor,
        action="batch.start",
        project_id=project.pk,
        subject=batch,
        number=batch.number,
        strategy=batch.strategy,
        seed=wish.seed,
        tasks=[pick.task_id for pick in proposed.picks],
    )
    return batch


def _propose(project: Project, wish: Wish) -> Proposed:
    if not 2 <= wish.size <= MAX_SIZE or not 0 <= wish.random_share <= 1:
        raise InvalidInput(f"A batch takes 2 to {MAX_SIZE} cases, and a share by lot from 0 to 1.")
    model = active_model(project)
    table = table_of(project, model)
    if len(table) == 0:
        raise Conflict("No case waits: every case of the pool is taken or done.")
    if not usable(wish.strategy, table).any():
        wording = WORDINGS[wish.strategy]
        raise Conflict(
            f"{wording.name} needs {wording.needs} of the waiting cases by the active model, and none has: choose "
            "Random or In order until a round has drafted them."
        )
    picked = choose_batch(
        table,
        labelled_of(project, model, table),
        strategy=wish.strategy,
        size=wish.size,
        random_share=wish.random_share,
        seed=wish.seed,
    )
    return Proposed(wish, model, len(table), _picks(project, model, wish, picked))


def _picks(project: Project, model: ModelVersion | None, wish: Wish, picked: Sequence[Picked]) -> list[Pick]:
    names = {label.value: label.name for label in labels_of(project)}
    tasks = aided_tasks().select_related("patient").in_bulk([pick.case for pick in picked])
    peaks = _peaks(model, tasks, names)
    picks = [
        Pick(
            task=tasks[pick.case],
            place=place,
            arm=pick.arm.value,
            score=pick.choice.score,
            values=dict(pick.choice.values),
            reason=reason(
                wish.strategy, pick.arm, pick.choice.score, pick.choice.values, names, peaks[tasks[pick.case].volume_id]
            ),
        )
        for place, pick in enumerate(picked, start=1)
    ]
    pictured = _pictured(model, tasks)
    for pick in picks:
        pick.has_picture = pick.task.volume_id in pictured  # type: ignore[attr-defined]  # as `batches_of` annotates it
    return picks


def _pictured(model: ModelVersion | None, tasks: Mapping[int, Task]) -> set[int]:
    """Volumes of which a picture of the model's doubt was kept."""
    volumes = [task.volume_id for task in tasks.values()]
    kept = CaseScore.objects.filter(model_version=model, volume__in=volumes).exclude(doubt_map="")
    return set(kept.values_list("volume_id", flat=True))


def _peaks(model: ModelVersion | None, tasks: Mapping[int, Task], names: Mapping[int, str]) -> dict[int, Peak]:
    """Most doubtful label and slice by volume."""
    volumes = [task.volume_id for task in tasks.values()]
    if model is None:
        return dict.fromkeys(volumes, Peak(None, None))
    said = Prediction.objects.filter(model_version=model, volume__in=volumes)
    slices = dict(said.values_list("volume_id", "slice_entropy"))
    scored = CaseScore.objects.filter(model_version=model, volume__in=volumes)
    labels = dict(scored.values_list("volume_id", "labels"))
    return {volume: Peak(_label(labels.get(volume), names), _slice(slices.get(volume))) for volume in volumes}


def _slice(doubt: list[float] | None) -> int | None:
    return max(range(len(doubt)), key=doubt.__getitem__) + 1 if doubt else None


def _label(labels: Mapping[str, Sequence[float | None]] | None, names: Mapping[int, str]) -> str | None:
    """The label that is most in doubt, of those that the draft holds."""
    held = {int(value): doubt for value, (doubt, ml) in (labels or {}).items() if doubt and ml}
    known = {value: doubt for value, doubt in held.items() if value in names}
    return names[max(known, key=known.__getitem__)] if known else None
