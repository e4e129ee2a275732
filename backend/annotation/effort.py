"""Correction effort: what people changed from the draft to the mask that was approved."""

from __future__ import annotations

from backend.annotation.masks import changed_between
from backend.annotation.models import Origin, Revision, Task
from backend.core.errors import Conflict


def correction_effort(task: Task) -> dict[int, int]:
    """Voxels that gained or lost each label value between the draft (empty where there was none) and the approved mask.

    Labels without a change are left out. Raises Conflict for a task that is not approved.
    """
    if task.approved_id is None:
        raise Conflict("The task is not approved; effort is known only then.", task=task.pk)
    approved = Revision.objects.select_related("mask__volume").get(pk=task.approved_id)
    draft = Revision.objects.filter(task=task, origin=Origin.MODEL).select_related("mask").order_by("number").first()
    return changed_between(draft.mask if draft else None, approved.mask)
