"""Masks that came with a study or are added to a volume: reading one file, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from backend.accounts.models import User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.audit.models import record
from backend.core.errors import Conflict, InvalidInput
from backend.imaging.added_masks import grid_of
from backend.imaging.importer import store_masks
from backend.imaging.keys import key_of
from backend.imaging.models import FoundMask, Volume
from backend.imaging.reading.faults import StudyRefused
from backend.imaging.reading.messages import SourceFile
from backend.imaging.reading.reader import Reader

MAX_FILE_BYTES = 256 * 2**20  # 448×448×160 voxels of eight bytes


def add_mask_file(*, user: User, volume: Volume, path: Path, name: str) -> FoundMask:
    """Read one file as a mask of a volume, in the process for untrusted files. name: what it came with; not kept.

    A file that is here already is found again, out of the discarded ones too. Raises NotAllowed without the
    capability, InvalidInput with the reason why the file is no mask of the volume, StorageFull.
    """
    project = volume.study.patient.project
    require(user, project, Capability.MANAGE_CASES)
    try:
        with Reader(key_of(project)) as reader:
            built = reader.read_mask(SourceFile(path, name), grid_of(volume))
            built.keep()
    except StudyRefused as refused:
        told = (f"{fault.subject} {fault.message}. {fault.action}" for fault in refused.faults)
        raise InvalidInput(" ".join(told)) from None
    with transaction.atomic():
        store_masks([volume], [], built.masks)
        found = FoundMask.objects.select_for_update(of=("self",)).get(
            volume=volume, instances_key=built.masks[0].instances_key
        )
        if found.state == FoundMask.State.DISCARDED:
            found.state = FoundMask.State.WAITING
            found.save(update_fields=["state", "updated_at"])
        record(actor=user, action="found_mask.added", project_id=project.pk, subject=found, volume=volume.pk)
    return found


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
