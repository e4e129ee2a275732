"""Where the voxels of a mask come from, and what people changed on the way to it.

A is the part of the draft that was taken, M the mask. A voxel is the model's where M = A ≠ 0, a person's where A = 0
and M ≠ 0, changed where A ≠ 0 and M has another label, removed where A ≠ 0 and M = 0. Of a task that asks for some
slices only those count.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from backend.annotation import masks
from backend.annotation.models import OriginCounts, Revision, Task
from backend.annotation.proposals import accepted_part, draft_of
from backend.annotation.slice_ranges import write_ranges
from backend.core.errors import Conflict
from ml.labelmaps import LabelArray


@dataclass(frozen=True)
class Origins:
    """Voxels of one label by origin.

    model, human: drawn by each, and as they drew it. changed: the label now, another one in the draft.
    removed: the label in the draft, not any more.
    """

    model: int = 0
    human: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def corrected(self) -> int:
        """Voxels that gained or lost the label by a person's hand."""
        return self.human + self.changed + self.removed


def origins_of(revision: Revision) -> dict[int, Origins]:
    """Origins by label value, of the slices that the task asks for; labels without a voxel are left out."""
    stored = _stored(revision)
    return {int(value): Origins(**counts) for value, counts in stored.labels.items()}


def correction_effort(task: Task) -> dict[int, int]:
    """Voxels that gained or lost each label by a person's hand, on top of what was taken of the draft.

    Labels without a change are left out. Raises Conflict for a task that is not approved.
    """
    origins = origins_of(_approved(task))
    return {value: found.corrected for value, found in origins.items() if found.corrected}


def draft_effort(task: Task) -> dict[int, int]:
    """Voxels that gained or lost each label between the whole draft (empty where there was none) and the approved mask.

    What of the draft was taken does not matter: it says how good the draft was, not how it was used. Labels without a
    change are left out. Raises Conflict for a task that is not approved.
    """
    approved = _approved(task)
    draft = draft_of(task)
    return _differing(masks.load_slices(draft) if draft else {}, _counted(approved), approved)


def count_origins(before: Mapping[int, LabelArray], after: Mapping[int, LabelArray]) -> dict[int, Origins]:
    """Origins by label value. Pure.

    before: what was taken; after: the mask. Labels (Y, X) uint8 by slice; a slice that is left out is empty.
    """
    pairs = np.zeros((256, 256), dtype=np.int64)  # voxels by (label taken, label in the mask)
    for z in before.keys() | after.keys():
        was = before[z] if z in before else np.zeros_like(after[z])
        now = after[z] if z in after else np.zeros_like(was)
        codes = was.reshape(-1).astype(np.int32) * 256 + now.reshape(-1)
        pairs += np.bincount(codes, minlength=65536).reshape(256, 256)
    found = {}
    for value in range(1, 256):
        model, human = int(pairs[value, value]), int(pairs[0, value])
        changed = int(pairs[1:, value].sum()) - model
        removed = int(pairs[value].sum()) - model
        if model or human or changed or removed:
            found[value] = Origins(model, human, changed, removed)
    return found


def _approved(task: Task) -> Revision:
    if task.approved_id is None:
        raise Conflict("The task is not approved; effort is known only then.", task=task.pk)
    return Revision.objects.select_related("mask__volume", "task").get(pk=task.approved_id)


def _stored(revision: Revision) -> OriginCounts:
    """The counts of a revision, counted once."""
    wish = "" if revision.task.slices is None else write_ranges(revision.task.slices)
    stored = OriginCounts.objects.filter(revision=revision, slices=wish).first()
    if stored is not None:
        return stored
    taken = _only(accepted_part(revision), revision.task.slices)
    now = _counted(revision)
    found = count_origins(taken, now)
    draft = draft_of(revision.task)
    drafted = _differing(masks.load_slices(draft) if draft else {}, now, revision)
    counts = {
        "labels": {str(value): vars(origins) for value, origins in found.items()},
        "corrected": sum(origins.corrected for origins in found.values()),
        "drafted": sum(drafted.values()),
    }
    return OriginCounts.objects.get_or_create(revision=revision, slices=wish, defaults=counts)[0]


def _counted(revision: Revision) -> dict[int, LabelArray]:
    return _only(masks.load_slices(revision.mask), revision.task.slices)


def _only(slices: dict[int, LabelArray], wanted: Collection[int] | None) -> dict[int, LabelArray]:
    return slices if wanted is None else {z: labels for z, labels in slices.items() if z in wanted}


def _differing(before: dict[int, LabelArray], after: dict[int, LabelArray], revision: Revision) -> dict[int, int]:
    origins = count_origins(_only(before, revision.task.slices), after)
    return {value: found.corrected for value, found in origins.items() if found.corrected}
