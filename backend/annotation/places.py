"""In which order the waiting cases are handed out."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Case, Value, When

from backend.accounts.models import Project
from backend.annotation.models import Task


@transaction.atomic
def line_up(*, project: Project, tasks: Sequence[int]) -> None:
    """Put these tasks, by id and in this order, in front of all that wait; what was in front before loses its place."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    Task.objects.filter(project=project, place__isnull=False).update(place=None)
    places = [When(pk=pk, then=Value(place)) for place, pk in enumerate(tasks, start=1)]
    if places:
        Task.objects.filter(project=project, pk__in=tasks).update(place=Case(*places))
