"""Jobs of annotation, called by name."""

from __future__ import annotations

from celery import shared_task

from backend.accounts.models import Project
from backend.annotation import effort, selectors, services
from backend.annotation.models import Revision


@shared_task(name="annotation.open_tasks")
def open_tasks(project_id: int) -> None:
    """Open a task for every volume of a project that wants one and has none."""
    project = Project.objects.get(pk=project_id)
    services.open_tasks(project=project, volumes=selectors.volumes_without_task(project))


@shared_task(name="annotation.count_origins")
def count_origins(revision_id: int) -> None:
    """Count where the voxels of a revision come from, for the lists that show it."""
    effort.origins_of(Revision.objects.select_related("mask__volume", "task").get(pk=revision_id))
