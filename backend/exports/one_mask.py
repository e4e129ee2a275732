"""One mask out of the platform, as a file that other programs read."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.db import transaction

from backend.accounts.models import User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.annotation.masks import load_labels
from backend.annotation.models import Revision, Task
from backend.annotation.selectors import labels_of, revision_of, visible_tasks
from backend.annotation.slice_ranges import write_ranges
from backend.audit.models import record
from backend.core.errors import Conflict, NotFound
from backend.exports.authorship import authorship_of
from backend.exports.dicom_seg import About, Described, Kind, write_seg
from backend.exports.sources import sources_of
from backend.imaging.keys import key_of
from backend.imaging.models import Partition
from ml.labelmaps import LabelArray
from ml.volumes import write_nifti

VERSION = "0.1.0"
Form = Literal["nifti", "binary", "labelmap"]


@dataclass(frozen=True)
class MaskFile:
    """A file to download."""

    name: str
    content_type: str
    content: bytes


def task_for(user: User, task_id: int) -> Task:
    """A task whose mask the user may take out. Raises NotFound or NotAllowed."""
    task = visible_tasks(user).select_related("project", "patient", "approved").filter(pk=task_id).first()
    if task is None:
        raise NotFound("There is no such task, or you may not see it.")
    require(user, task.project, Capability.EXPORT)
    return task


@transaction.atomic
def take_out(*, user: User, task: Task, number: int | None, form: Form) -> MaskFile:
    """The mask of a revision: the approved one by default, else the newest. What leaves is put into the audit.

    Raises NotAllowed without the capability, NotFound for a revision that the task does not have, Conflict where
    nothing is drawn, or where a DICOM SEG cannot be made.
    """
    require(user, task.project, Capability.EXPORT)
    revision = revision_of(task, task.approved.number if number is None and task.approved else number)
    if revision is None:
        raise Conflict("Nothing is drawn in this case yet.")
    labels = load_labels(revision.mask)
    file = _nifti(task, revision, labels) if form == "nifti" else _seg(task, revision, labels, form)
    record(
        actor=user,
        action="mask.exported",
        project_id=task.project_id,
        subject=task,
        revision=revision.number,
        mask=revision.mask.sha256,
        form=form,
        partition=task.partition,
        slices=write_ranges(task.slices or ()),
    )
    return file


def _nifti(task: Task, revision: Revision, labels: LabelArray) -> MaskFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mask.nii.gz"
        write_nifti(path, labels, revision.mask.volume.geometry)
        return MaskFile(f"{_stem(task, revision)}.nii.gz", "application/gzip", path.read_bytes())


def _seg(task: Task, revision: Revision, labels: LabelArray, kind: Kind) -> MaskFile:
    known = labels_of(task.project)
    ways = authorship_of(revision, [label.value for label in known])
    key = key_of(task.project)
    state = "approved" if task.approved_id == revision.pk else "not approved"
    about = About(
        series_uid=key.uid(f"masks of task {task.pk}"),
        instance_uid=key.uid(f"mask {revision.pk} {revision.mask.sha256} {kind}"),
        dimension_uid=key.uid(f"dimensions of task {task.pk}"),
        description=f"Mask, revision {revision.number}, {state}{_part(task, revision)}",
        at=revision.created_at,
        version=VERSION,
    )
    described = [Described(label.value, label.name, ways[label.value]) for label in known]
    content = write_seg(labels, described, sources_of(revision.mask.volume), about, kind)
    return MaskFile(f"{_stem(task, revision)}.dcm", "application/dicom", content)


def _stem(task: Task, revision: Revision) -> str:
    """Of a file's name: a benchmark case says that it is one, so that it is not trained on by mistake.

    So does a case of some slices, since the others may hold anything.
    """
    side = "-benchmark" if task.partition == Partition.BENCHMARK else ""
    part = "" if task.slices is None else f"-{len(task.slices)}-of-{revision.mask.volume.size_z}-slices"
    return f"{task.patient.pseudonym}{side}-task{task.pk}-revision{revision.number}{part}"


def _part(task: Task, revision: Revision) -> str:
    return "" if task.slices is None else f", {len(task.slices)} of {revision.mask.volume.size_z} slices"
