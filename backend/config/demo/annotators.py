"""Simulated people: they know the phantom's truth, and go through the same services as everybody."""

from __future__ import annotations

import uuid

import numpy as np

from backend.annotation import proposals, services
from backend.annotation.checking import EVERY_WARNING
from backend.annotation.masks import load_labels
from backend.annotation.models import Mask, Review, Task
from backend.annotation.selectors import labels_of
from backend.annotation.workflow import State
from backend.config.demo.mistakes import overlooked_label, with_mistakes
from backend.config.demo.people import Team
from ml.labelmaps import LabelArray


def is_waiting(task: Task, team: Team) -> bool:
    """True for a task that nobody else has touched and no one has reviewed: the simulation may go on with it."""
    if task.state == State.OPEN:
        return task.head_id is None
    begun = task.state in {State.IN_PROGRESS, State.SUBMITTED} and task.assignee_id == team.annotator.pk
    return begun and not Review.objects.filter(task=task).exists()


def draw_and_approve(
    task: Task, team: Team, truth: LabelArray, *, error_share: float = 0.0, random: np.random.Generator | None = None
) -> Task:
    """Take a task from wherever it stands to approval: drawn with mistakes, sent back once for gross ones, mended.

    A draft is taken as a whole and corrected.

    truth: (Z, Y, X) uint8 on the task's volume. error_share: of slices that are drawn wrongly.
    """
    if task.state == State.OPEN:
        task = _fresh(services.claim(user=team.annotator, task=task))
        if proposals.draft_of(task) is not None:
            proposals.accept(user=team.annotator, task=task)
            task = _fresh(task)
    if task.state == State.IN_PROGRESS:
        draft = _labels(task)
        drawn = truth if random is None else with_mistakes(truth, draft, error_share, random)
        _save(task, team, drawn)
        task = _submitted(task, team)
        overlooked = overlooked_label(drawn, truth)
        if overlooked is not None:
            task = _sent_back_and_mended(task, team, truth, overlooked)
    services.approve(user=team.radiologist, task=task, revision=_head(task))
    return _fresh(task)


def _sent_back_and_mended(task: Task, team: Team, truth: LabelArray, overlooked: int) -> Task:
    name = next(label.name for label in labels_of(team.project) if label.value == overlooked)
    reason = f"Most of the {name} is missing."
    services.return_task(user=team.radiologist, task=task, revision=_head(task), reason=reason)
    _save(_fresh(task), team, truth)
    return _submitted(task, team)


def _submitted(task: Task, team: Team) -> Task:
    task = _fresh(task)
    services.submit(user=team.annotator, task=task, revision=_head(task), accepted=EVERY_WARNING)
    return _fresh(task)


def _save(task: Task, team: Team, labels: LabelArray) -> None:
    """Save the slices that differ from the head, as the browser does; one empty slice where nothing is to be drawn."""
    head = _labels(task)
    before = np.zeros_like(labels) if head is None else head
    differing = np.flatnonzero((before != labels).any(axis=(1, 2))).tolist()
    if not differing and head is not None:
        return
    slices = {z: labels[z] for z in differing or [0]}
    services.save(user=team.annotator, task=task, base=_head(task), key=str(uuid.uuid4()), slices=slices)


def _labels(task: Task) -> LabelArray | None:
    if task.head is None:
        return None
    return load_labels(Mask.objects.select_related("volume").get(pk=task.head.mask_id))


def _head(task: Task) -> int:
    return task.head.number if task.head else 0


def _fresh(task: Task) -> Task:
    return Task.objects.select_related("volume", "patient", "head").get(pk=task.pk)
