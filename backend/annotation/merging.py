"""When two patients become one, the tasks and drafts follow the studies."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.dispatch import receiver

from backend.annotation.models import Proposal, Task
from backend.imaging.merging import patients_merge
from backend.imaging.models import Patient


@receiver(patients_merge)
def follow(*, keep: Patient, other: Patient, **_signal: Any) -> None:
    """Give the tasks of `other` and their drafts to `keep`; both say the same patient again at the end."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS proposal_same_patient DEFERRED")
    Task.objects.filter(patient=other).update(patient=keep)
    Proposal.objects.filter(patient=other).update(patient=keep)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS proposal_same_patient IMMEDIATE")
