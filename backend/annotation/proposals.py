"""A model's draft as a proposal: what it holds, which parts of it are taken, and answering it.

The parts are cells, a label in a slice. A revision says which cells are taken as of it; the audit keeps each taking.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.annotation import masks, permissions, selectors, services
from backend.annotation.models import Mask, Origin, Proposal, Revision, Task
from backend.annotation.slice_ranges import Cells, read_cells, read_ranges
from backend.annotation.workflow import Action
from backend.audit.models import record
from backend.core.errors import Conflict, NotFound
from backend.imaging.models import Partition
from ml.labelmaps import LabelArray


def cells_of(proposal: Proposal) -> dict[int, frozenset[int]]:
    """All cells in which the draft has voxels."""
    return {int(label): read_ranges(held["slices"]) for label, held in held_by(proposal).items()}


def held_by(proposal: Proposal) -> dict[str, Any]:
    """Voxels and slices by label value."""
    held: dict[str, Any] = proposal.content if proposal.content is not None else masks.content_of(proposal.mask)
    return held


def draft_of(task: Task) -> Mask | None:
    """The draft that a task began with, if it had one and may show it."""
    if task.partition != Partition.POOL or task.reading > 1:
        return None
    proposal = selectors.visible_proposals().filter(task=task).select_related("mask__volume").first()
    if proposal is not None:
        return proposal.mask
    first = Revision.objects.filter(task=task, origin=Origin.MODEL).select_related("mask__volume").first()
    return first.mask if first else None


def accepted_part(revision: Revision) -> dict[int, LabelArray]:
    """What of the draft is taken as of a revision: labels (Y, X) uint8 by slice, slices without any left out.

    A draft that was itself the first revision, as older cases have it, is taken as a whole.
    """
    cells = read_cells(revision.accepted)
    draft = draft_of(revision.task)
    if draft is None:
        return {}
    if revision.task.revisions.filter(origin=Origin.MODEL).exists():
        return masks.load_slices(draft)
    wanted = frozenset[int]().union(*cells.values())
    return {z: _taken(labels, z, cells) for z, labels in masks.load_slices(draft, wanted).items()}


@transaction.atomic
def decline(*, user: User, task: Task) -> Task:
    """Start empty: the draft is put aside, and may be taken from later.

    Raises NotFound for a task without a draft, Conflict once something of it is taken, NotAllowed for anybody but the
    assignee.
    """
    locked = services.lock(task)
    permissions.check(user, locked, Action.SAVE)
    proposal = selectors.visible_proposals().select_for_update(of=("self",)).filter(task=locked).first()
    if proposal is None:
        raise NotFound("No draft waits for this case.")
    if locked.head_id is not None and Revision.objects.get(pk=locked.head_id).accepted:
        raise Conflict("Parts of the draft are in the mask: take them back first.")
    if proposal.declined_at is None:
        proposal.declined_at = timezone.now()
        proposal.save(update_fields=["declined_at"])
        record(actor=user, action="task.proposal_declined", project_id=locked.project_id, subject=locked)
    return locked


def accept(
    *, user: User, task: Task, labels: Collection[int] | None = None, slices: Collection[int] | None = None
) -> Revision:
    """Take a draft into the mask, as the browser does: all of it, or only some labels, or only some slices.

    What is drawn there is replaced. Raises NotFound for a task without a draft, and as `services.save`.
    """
    proposal = selectors.visible_proposals().filter(task=task).select_related("mask__volume").first()
    if proposal is None:
        raise NotFound("No draft waits for this case.")
    head = Revision.objects.filter(task=task).select_related("mask__volume").order_by("-number").first()
    wished = {
        label: cells & frozenset(slices) if slices is not None else cells
        for label, cells in cells_of(proposal).items()
        if labels is None or label in labels
    }
    before = masks.load_slices(head.mask) if head else {}
    taken = dict(read_cells(head.accepted)) if head else {}
    edits = {}
    for z, labels_yx in masks.load_slices(proposal.mask, frozenset[int]().union(*wished.values())).items():
        part = _taken(labels_yx, z, wished)
        edits[z] = np.where(part > 0, part, before.get(z, np.zeros_like(part)))
    empty = {0: before.get(0, np.zeros(task.volume.shape_zyx[1:], np.uint8))}
    return services.save(
        user=user,
        task=task,
        base=head.number if head else 0,
        key=str(uuid.uuid4()),
        slices=edits or empty,
        accepted={label: taken.get(label, frozenset()) | wished.get(label, frozenset()) for label in taken | wished},
    )


def _taken(labels_yx: LabelArray, z: int, cells: Cells) -> LabelArray:
    """A slice (Y, X) of the draft with only the labels that are taken in it."""
    values = [label for label, slices in cells.items() if z in slices]
    kept: LabelArray = np.where(np.isin(labels_yx, values), labels_yx, 0).astype(np.uint8)
    return kept
