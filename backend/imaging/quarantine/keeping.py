"""Studies into quarantine and out of it, while an import runs."""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import Project
from backend.audit.models import record
from backend.core.files import aside, folder_aside
from backend.imaging.models import HeldStudy, ImportRun
from backend.imaging.reading.messages import CaseSummary, SourceFile
from backend.imaging.reports import Line
from backend.imaging.uploads.staging import NAMES_FILE, file_name

logger = logging.getLogger(__name__)
NO_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP}
OPEN = (HeldStudy.State.HELD, HeldStudy.State.RETRIED)


def hold(run: ImportRun, case: CaseSummary, files: Sequence[SourceFile], reasons: Sequence[Line]) -> HeldStudy:
    """Keep the files of a study that was refused. A study that is held already stays one row, with what came last."""
    folder = _keep_files(run, case, files)
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=run.project_id)  # one at a time
        row = _open_rows(case).first() or HeldStudy(source_key=case.source_key, study_uid=case.study_uid)
        if row.folder not in {folder, run.folder}:
            remove_later(row.folder)
        row.run, row.state, row.resolved_by = run, HeldStudy.State.HELD, None
        row.subject, row.reasons = reasons[0].subject, [line.to_json() for line in reasons]
        row.files, row.folder = len(files), folder
        row.instances_key = hashlib.sha256("".join(sorted(case.series.values())).encode()).hexdigest()
        row.save()
        record(
            actor=run.started_by,
            action="study.held",
            project_id=run.project_id,
            subject=row,
            import_id=run.pk,
            files=row.files,
        )
    return row


@transaction.atomic
def resolve(run: ImportRun, case: CaseSummary) -> None:
    """The study is in: what was held of it is not needed any more."""
    for row in _open_rows(case).select_for_update():
        if row.folder != run.folder:
            remove_later(row.folder)
        row.state, row.resolved_by, row.folder = HeldStudy.State.RESOLVED, run, ""
        row.save(update_fields=["state", "resolved_by", "folder", "updated_at"])
        record(
            actor=run.started_by,
            action="study.held_resolved",
            project_id=run.project_id,
            subject=row,
            import_id=run.pk,
        )


def hold_again(run: ImportRun) -> None:
    """What a retry neither took in nor refused, such as one that was cancelled, is held as before."""
    HeldStudy.objects.filter(resolved_by=run, state=HeldStudy.State.RETRIED).update(
        state=HeldStudy.State.HELD, resolved_by=None
    )


def is_kept(folder: str) -> bool:
    """True for a folder in which a study is held."""
    return HeldStudy.objects.filter(folder=folder, state__in=OPEN).exists()


def remove_later(folder: str) -> None:
    """Remove a folder of the quarantine once the running transaction is sure."""
    if folder:
        transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))


def _open_rows(case: CaseSummary) -> QuerySet[HeldStudy]:
    return HeldStudy.objects.filter(source_key=case.source_key, study_uid=case.study_uid, state__in=OPEN)


def _keep_files(run: ImportRun, case: CaseSummary, files: Sequence[SourceFile]) -> str:
    """Folder that holds the files under numbers; empty when there is no room for them.

    They are linked where the disk allows it: an upload's own are removed with it, a server's stay where they are.
    """
    if run.folder and is_kept(run.folder):  # a retry: they lie in quarantine already
        return run.folder
    target = Path(settings.QUARANTINE_DIR) / f"{run.pk}-{case.number}"
    shutil.rmtree(target, ignore_errors=True)  # of an attempt that ended half-way
    try:
        with folder_aside(target) as part:
            for number, file in enumerate(files):
                _link(file.path, part / file_name(number))
            with aside(part / NAMES_FILE) as names:
                names.write_text(json.dumps({"names": [file.name for file in files]}))
    except OSError as error:
        logger.warning("study.not_kept import=%s error=%s", run.pk, error.errno)
        return ""
    return str(target)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NO_LINK:
            raise
        shutil.copyfile(source, target)
