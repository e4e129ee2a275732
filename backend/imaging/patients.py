"""Patients across identifiers: finding them again, and naming new ones."""

from __future__ import annotations

import re
from itertools import chain

from backend.accounts.models import Project
from backend.imaging.models import Patient, PatientAlias

NUMBER = re.compile(r"\d+$")


def find(project: Project, source_key: str) -> Patient | None:
    """The patient who came under this identifier, also when it was merged into another."""
    patients = Patient.objects.filter(project=project)
    found = patients.filter(source_key=source_key).first()
    return found or patients.filter(aliases__project=project, aliases__source_key=source_key).first()


def next_pseudonym(project: Project) -> str:
    """P0001, P0002 and so on, none of them twice, also after a merge; the caller holds the project's row."""
    taken = chain.from_iterable(
        model.objects.filter(project=project).values_list("pseudonym", flat=True) for model in (Patient, PatientAlias)
    )
    numbers = [int(match[0]) for pseudonym in taken if (match := NUMBER.search(pseudonym))]
    return f"P{max(numbers, default=0) + 1:04d}"
