"""Masks that came with a study or were added to a volume: what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from backend.accounts.models import User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.audit.models import record
from backend.core.errors import Conflict
from backend.imaging.models import FoundMask


def lock_found_mask(user: User, found: FoundMask) -> FoundMask:
    """The mask's row, locked and fresh. Raises NotAllowed for somebody who may not manage the project's cases."""
    rows = FoundMask.objects.select_for_update(of=("self",)).select_related("volume__study__patient__project")
    locked = rows.get(pk=found.pk)
    require(user, locked.volume.study.patient.project, Capability.MANAGE_CASES)
    return locked


@transaction.atomic
def discard_found_mask(*, user: User, found: FoundMask) -> FoundMask:
    """Put a mask aside that is of no use. Raises NotAllowed, or Conflict for one that was drawn into a case."""
    mask = lock_found_mask(user, found)
    if mask.state == FoundMask.State.STORED:
        raise Conflict("This mask was drawn into a case already; it stays in the history of the case.")
    if mask.state == FoundMask.State.WAITING:
        mask.state = FoundMask.State.DISCARDED
        mask.save(update_fields=["state", "updated_at"])
        project_id = mask.volume.study.patient.project_id
        record(actor=user, action="found_mask.discarded", project_id=project_id, subject=mask)
    return mask


def mark_stored(*, user: User, mask: FoundMask, labels: Mapping[int, int], **detail: Any) -> None:
    """Note that a locked mask was drawn into a case, its segments as these labels (0: left out), with its audit row."""
    mask.segments = [{**segment, "label": labels[segment["number"]]} for segment in mask.segments]
    mask.state = FoundMask.State.STORED
    mask.save(update_fields=["segments", "state", "updated_at"])
    record(
        actor=user,
        action="found_mask.applied",
        project_id=mask.volume.study.patient.project_id,
        subject=mask,
        labels={str(segment): label for segment, label in sorted(labels.items())},
        **detail,
    )
