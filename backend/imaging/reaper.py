"""Finds imports that nobody works on any more, and files that nobody will come back for."""

from __future__ import annotations

import logging
import shutil
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.core.jobs import enqueue
from backend.core.locks import try_lock
from backend.imaging import services
from backend.imaging.models import ImportRun
from backend.imaging.quarantine.services import drop_expired
from backend.imaging.uploads.services import drop_abandoned

logger = logging.getLogger(__name__)
ABANDONED_AFTER = timedelta(days=1)


def reap(*, stuck_after_s: float) -> None:
    """One look at everything: lost imports, abandoned uploads, files left behind, studies held too long."""
    take_up_lost_imports(older_than_s=stuck_after_s)
    drop_abandoned(before=timezone.now() - ABANDONED_AFTER)
    drop_expired()
    sweep_folders()


def take_up_lost_imports(*, older_than_s: float) -> int:
    """Send the job again of every import that shows no progress and whose lock is free. Returns how many.

    One from the command line ends instead: only the person who gave the folder can give it again.
    """
    before = timezone.now() - timedelta(seconds=older_than_s)
    begun = ImportRun.objects.filter(state__in=services.UNFINISHED, updated_at__lt=before)
    stuck = list(begun.exclude(state=ImportRun.State.WAITING, asked_at=None).values_list("pk", flat=True))
    return sum(_take_up(pk) for pk in stuck)


def sweep_folders() -> None:
    """Remove what processes that died left on the disk: outputs of the reading, and files of imports that ended."""
    before = time.time() - ABANDONED_AFTER.total_seconds()
    for folder in _folders(Path(settings.BLOB_DIR) / ".reading"):
        if folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)
    left = {folder.name for folder in _folders(Path(settings.UPLOAD_DIR)) if folder.name.isdigit()}
    for run in ImportRun.objects.filter(pk__in=left).exclude(state__in=services.UNFINISHED):
        services.remove_files(run)


def _take_up(import_id: int) -> bool:
    with try_lock(services.LOCK, import_id) as free, transaction.atomic():
        if not free:
            return False
        run = ImportRun.objects.select_for_update(of=("self",)).get(pk=import_id)
        if run.state not in services.UNFINISHED:
            return False
        logger.warning("import.lost import=%s state=%s", run.pk, run.state)
        if run.folder:
            run.save(update_fields=["updated_at"])
            enqueue("imaging.run_import", import_id=run.pk)
        else:
            services.end_import(
                import_id=run.pk,
                message="The import was stopped before its end; studies above are in.",
                action="Import the folder again: what is in is left as it is.",
            )
    return True


def _folders(place: Path) -> list[Path]:
    return [path for path in place.iterdir() if path.is_dir()] if place.is_dir() else []
