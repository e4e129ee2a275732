"""Existing masks become starting points: found, mapped by a manager, drawn into a task that nobody has begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from django.db import transaction

from backend.accounts.models import User
from backend.annotation import masks, selectors, services
from backend.annotation.models import Origin, Revision, Task
from backend.annotation.painting import Meeting, meetings, paint
from backend.annotation.workflow import State
from backend.core import blobs
from backend.core.errors import Conflict, InvalidInput
from backend.imaging.found_masks import lock_found_mask, mark_stored
from backend.imaging.models import FoundMask, Partition
from backend.imaging.segments.bitmaps import Bitmaps
from ml.labelmaps import LabelArray


class Earlier(StrEnum):
    """What becomes of a mask that was imported into the task before."""

    KEEP = "keep"
    REPLACE = "replace"


@dataclass(frozen=True)
class Wish:
    """What a manager decided.

    labels: value in the label set by segment, 0 to leave it out; every segment is named.
    order: labels that meet in a voxel, the one that stays first. earlier: needed where the task has an imported mask.
    drawn_unaided: the manager states that no model helped to draw it; needed for a case of the benchmark.
    """

    labels: Mapping[int, int]
    order: Sequence[int] = ()
    earlier: Earlier | None = None
    drawn_unaided: bool = False


@dataclass(frozen=True)
class _Drawing:
    """What will be stored: labels (Z, Y, X), and a note of what was left out and where labels met."""

    labels: LabelArray
    note: str


@transaction.atomic
def apply_found_mask(*, user: User, found: FoundMask, wish: Wish) -> Revision:
    """Draw a found mask into its volume's task, as its newest revision.

    Raises NotAllowed without the capability, InvalidInput for a mapping that is not whole, Conflict where no task
    waits untouched, where labels meet without an order, and for a benchmark case without the statement.
    """
    locked = lock_found_mask(user, found)
    if locked.state == FoundMask.State.DISCARDED:
        raise Conflict("This mask was discarded. Add its file to the volume again to use it.")
    task = untouched_task(locked)
    _check_mapping(locked, wish)
    _check_unaided(task, locked, wish)
    drawing = _draw(locked, task, wish)
    revision = services.start_from_import(
        user=user,
        task=task,
        mask=masks.store_mask(volume=locked.volume, labels=drawing.labels),
        found_mask=locked,
        note=drawing.note,
        drawn_unaided=wish.drawn_unaided,
    )
    mark_stored(
        user=user,
        mask=locked,
        labels=wish.labels,
        task=task.pk,
        revision=revision.number,
        order=list(wish.order),
        drawn_unaided=wish.drawn_unaided,
    )
    return revision


def untouched_task(found: FoundMask) -> Task:
    """The volume's first task that waits, with nothing in it but imported masks. Raises Conflict, saying why not."""
    tasks = list(Task.objects.filter(volume_id=found.volume_id).select_related("head").order_by("reading"))
    for task in tasks:
        if task.state == State.OPEN and (task.head is None or task.head.origin == Origin.IMPORT):
            return task
    if not tasks and found.volume.study.patient.partition is None:
        raise Conflict("The patient has no partition yet, so there is no case to draw in: assign one first.")
    if not tasks:
        raise Conflict("This volume has no case to draw in: only the volume of a study that is drawn on gets one.")
    states = ", ".join(State(task.state).value.replace("_", " ") for task in tasks)
    raise Conflict(f"Somebody has begun this case ({states}); a mask can only be put into one that nobody has touched.")


def bitmaps_of(found: FoundMask) -> Bitmaps:
    """The segments' voxels."""
    return Bitmaps.decode(blobs.get(found.content), found.volume.shape_zyx)


def _check_mapping(found: FoundMask, wish: Wish) -> None:
    known = {label.value for label in selectors.labels_of(found.volume.study.patient.project)}
    numbers = {segment["number"] for segment in found.segments}
    if undecided := sorted(numbers - set(wish.labels)):
        raise InvalidInput(f"Say for every segment which label it is, or leave it out: {undecided} are not decided.")
    if unknown := sorted(set(wish.labels) - numbers):
        raise InvalidInput(f"The mask has no segment {unknown[0]}.")
    if wrong := sorted({*wish.labels.values(), *wish.order} - known - {0}):
        raise InvalidInput(f"The project has no label {wrong[0]}.")
    if not any(wish.labels.values()):
        raise InvalidInput("Every segment is left out: discard the mask instead.")


def _check_unaided(task: Task, found: FoundMask, wish: Wish) -> None:
    if task.partition != Partition.BENCHMARK:
        return
    if not wish.drawn_unaided:
        raise Conflict(
            "This is a case of the benchmark, which is drawn without a model's help: state that this mask was, "
            "or leave it out.",
            needs="drawn_unaided",
        )
    drawn = [segment for segment in found.segments if wish.labels[segment["number"]]]
    automatic = [segment["number"] for segment in drawn if segment["algorithm"] == "AUTOMATIC"]
    if automatic:
        raise Conflict(
            f"The file says that segment {automatic[0]} was drawn by a program; the benchmark takes no such mask. "
            "Leave the segment out."
        )


def _draw(found: FoundMask, task: Task, wish: Wish) -> _Drawing:
    bitmaps = bitmaps_of(found)
    met = meetings(bitmaps, wish.labels)
    _check_order(found, met, wish.order)
    base = _base(task, wish.earlier)
    labels = paint(bitmaps, wish.labels, wish.order, base)
    return _Drawing(labels, _note(found, task, wish, met))


def _check_order(found: FoundMask, met: Sequence[Meeting], order: Sequence[int]) -> None:
    open_pairs = [meeting for meeting in met if not set(meeting.labels) & set(order)]
    if len(set(order)) != len(order):
        raise InvalidInput("The order names a label twice.")
    if open_pairs:
        names = _names(found)
        told = "; ".join(
            f"{names[m.labels[0]]} and {names[m.labels[1]]} in {m.voxels:,} voxels" for m in open_pairs[:5]
        )
        raise Conflict(
            f"Labels meet: {told}. Say which of them stays.",
            needs="order",
            meetings=[{"labels": list(m.labels), "voxels": m.voxels} for m in met],
        )


def _base(task: Task, earlier: Earlier | None) -> LabelArray:
    empty: LabelArray = np.zeros(task.volume.shape_zyx, dtype=np.uint8)
    if task.head is None:
        return empty
    if earlier is None:
        raise Conflict(
            "The case holds an imported mask already: say whether that stays under this one, or is replaced.",
            needs="earlier",
        )
    return masks.load_labels(task.head.mask) if earlier is Earlier.KEEP else empty


def _note(found: FoundMask, task: Task, wish: Wish, met: Sequence[Meeting]) -> str:
    names = _names(found)
    left_out = [
        f"segment {s['number']} ({s['name']}, {s['voxels']:,} voxels)"
        for s in found.segments
        if not wish.labels[s["number"]]
    ]
    lines = [f"Left out: {', '.join(left_out)}."] if left_out else []
    if task.head is not None and wish.earlier is Earlier.KEEP:
        lines.append(f"Drawn over revision {task.head.number}.")
    for meeting in met:
        first = min(
            meeting.labels, key=lambda label: wish.order.index(label) if label in wish.order else len(wish.order)
        )
        low, high = (names[label] for label in meeting.labels)
        lines.append(f"{low} and {high} met in {meeting.voxels:,} voxels, which became {names[first]}.")
    return " ".join(lines)


def _names(found: FoundMask) -> dict[int, str]:
    return {label.value: label.name for label in selectors.labels_of(found.volume.study.patient.project)}
