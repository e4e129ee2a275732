"""Reading existing masks: for those who manage the cases, with what their segments may mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from backend.accounts.models import Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.annotation.imported import bitmaps_of, untouched_task
from backend.annotation.labels import Label
from backend.annotation.models import Revision, Task
from backend.annotation.selectors import labels_of
from backend.annotation.structures import Suggestion, suggest
from backend.core import blobs
from backend.core.errors import Conflict, NotFound
from backend.imaging.models import FoundMask, Partition, Volume
from backend.imaging.permissions import visible_volumes
from backend.imaging.segments.bitmaps import slices_in

NOT_THERE = "There is no such mask, or you may not see it."


@dataclass(frozen=True)
class Case:
    """The task that a mask would be drawn into."""

    task_id: int
    is_benchmark: bool
    holds_import: bool


@dataclass(frozen=True)
class Place:
    """Where a segment lies: first and last index (z, y, x); by_slice: voxels by slice."""

    number: int
    voxels: int
    first_zyx: tuple[int, int, int]
    last_zyx: tuple[int, int, int]
    by_slice: Mapping[int, int]


def found_masks_of(
    project: Project,
    *,
    patient: int | None = None,
    study: int | None = None,
    volume: int | None = None,
    state: str | None = None,
) -> QuerySet[FoundMask]:
    """Masks of a project; the caller has checked that they may be seen."""
    wanted = {"volume__study__patient": patient, "volume__study": study, "volume": volume, "state": state}
    return _with_places().filter(
        volume__study__patient__project=project, **{name: value for name, value in wanted.items() if value is not None}
    )


def found_mask_for(user: User, pk: int) -> FoundMask:
    """One mask. Raises NotFound outside of the user's projects, NotAllowed for a member who may not manage cases."""
    found = _with_places().filter(pk=pk, volume__in=visible_volumes(user)).first()
    if found is None:
        raise NotFound(NOT_THERE)
    require(user, found.volume.study.patient.project, Capability.MANAGE_CASES)
    return found


def volume_for(user: User, pk: int) -> Volume:
    """A volume that masks may be added to. Raises as `found_mask_for`."""
    volume = visible_volumes(user).select_related("study__patient__project").filter(pk=pk).first()
    if volume is None:
        raise NotFound("There is no such volume, or you may not see it.")
    require(user, volume.study.patient.project, Capability.MANAGE_CASES)
    return volume


@dataclass(frozen=True)
class Offer:
    """A mask with all that a person needs to decide on it.

    segments: as stored, with `concept` in words, `suggestion`, and the first and last slice that they reach.
    case: None where no case can take it; blocked says why. note: what the newest revision made of it notes.
    """

    found: FoundMask
    segments: list[dict[str, Any]]
    case: Case | None
    blocked: str
    note: str


def offer_of(found: FoundMask) -> Offer:
    """What a person sees of a mask."""
    labels = labels_of(found.volume.study.patient.project)
    case, blocked = _case(found)
    last = Revision.objects.filter(found_mask=found).order_by("-pk").first()
    slices = slices_in(blobs.get(found.content))
    segments = [_segment(segment, labels, slices[segment["number"]]) for segment in found.segments]
    return Offer(found, segments, case, blocked, last.note if last else "")


def place_of(found: FoundMask, number: int) -> Place:
    """Where a segment lies. Raises NotFound for a number that the mask does not have."""
    bitmaps = bitmaps_of(found)
    if number not in bitmaps.planes:
        raise NotFound(f"The mask has no segment {number}.")
    first, last = bitmaps.box(number)
    return Place(number, bitmaps.voxels(number), first, last, bitmaps.by_slice(number))


def _with_places() -> QuerySet[FoundMask]:
    return FoundMask.objects.select_related("volume__study__patient__project__label_set")


def _segment(stored: Mapping[str, Any], labels: tuple[Label, ...], slices: Sequence[int]) -> dict[str, Any]:
    suggestion: Suggestion | None = suggest(
        name=stored["name"], category=stored["category"], concept=stored["type"], labels=labels
    )
    return {
        **stored,
        "concept": stored["type"].rpartition("^")[2],
        "suggestion": suggestion,
        "first_slice": min(slices),
        "last_slice": max(slices),
    }


def _case(found: FoundMask) -> tuple[Case | None, str]:
    try:
        task: Task = untouched_task(found)
    except Conflict as conflict:
        return None, conflict.message
    return Case(task.pk, task.partition == Partition.BENCHMARK, task.head_id is not None), ""
