"""Phantoms into a project, through the import that everybody uses."""

from __future__ import annotations

import shutil

from backend.accounts.models import Project, User
from backend.annotation import selectors
from backend.annotation.models import Task
from backend.annotation.services import open_tasks
from backend.config.demo.phantoms import Scan, on_grid, patient_id
from backend.core.errors import Conflict
from backend.imaging.keys import key_of
from backend.imaging.models import ImportRun, Partition
from backend.imaging.services import import_folder
from ml.labelmaps import LabelArray


def task_of(project: Project, seed: int) -> Task | None:
    """The task of a phantom that was imported; None before that."""
    source_key = key_of(project).digest("patient", patient_id(seed), "")
    tasks = Task.objects.filter(project=project, patient__source_key=source_key, reading=1)
    return tasks.select_related("volume", "patient", "head", "assignee").first()


def bring_in(project: Project, actor: User, scan: Scan, partition: Partition) -> Task:
    """Import a scan, remove its DICOM, open its task; safe to repeat. Raises Conflict when the import refuses it."""
    run = import_folder(
        project=project,
        folder=scan.folder,
        started_by=actor,
        source=f"phantom {scan.seed}",
        partition=partition.value,
    )
    if run.state != ImportRun.State.DONE:
        said = "; ".join(line["message"] for line in run.report if line["level"] == "error")
        raise Conflict(f"Phantom {scan.seed} could not be imported: {said}")
    shutil.rmtree(scan.folder)
    open_tasks(project=project, volumes=selectors.volumes_without_task(project))
    task = task_of(project, scan.seed)
    if task is None:
        raise Conflict(f"Phantom {scan.seed} was imported, but no task was opened for it.")
    return task


def truth_of(task: Task, scan: Scan) -> LabelArray:
    """The phantom's exact labels (Z, Y, X) on the grid of the imported volume."""
    return on_grid(scan.labels, scan.geometry, task.volume.geometry)
