"""When two patients become one, the rows of frozen snapshots point at the one; what was frozen stays as it was."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from backend.exports.models import SnapshotItem
from backend.imaging.merging import patients_merge
from backend.imaging.models import Patient


@receiver(patients_merge)
def follow(*, keep: Patient, other: Patient, **_signal: Any) -> None:
    """Cases, folds and the manifest with its pseudonyms and hash are not touched."""
    SnapshotItem.objects.filter(patient=other).update(patient=keep)
