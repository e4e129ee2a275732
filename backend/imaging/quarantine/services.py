"""Trying studies of the quarantine again, and dropping them."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.audit.models import record
from backend.core.errors import Conflict
from backend.imaging import services as imports
from backend.imaging.models import HeldStudy, ImportRun
from backend.imaging.quarantine.keeping import remove_later

logger = logging.getLogger(__name__)
BUSY = {
    HeldStudy.State.RETRIED: "It is being tried again already.",
    HeldStudy.State.RESOLVED: "It has come in meanwhile.",
    HeldStudy.State.DROPPED: "It was dropped, and its files with it.",
}


@transaction.atomic
def retry(*, user: User, held: HeldStudy) -> ImportRun:
    """Import the files of a held study again; the job does it. Should it be refused again, it is held again.

    Raises NotAllowed, or Conflict when it is not held any more or its files could not be kept.
    """
    row = _locked(user, held)
    if not row.folder:
        raise Conflict("Its files could not be kept when it was refused; import it again from its source.")
    run = imports.open_retry(user=user, before=row.run, folder=row.folder)
    row.state, row.resolved_by = HeldStudy.State.RETRIED, run
    row.save(update_fields=["state", "resolved_by", "updated_at"])
    record(actor=user, action="study.retried", project_id=run.project_id, subject=row, import_id=run.pk)
    return run


@transaction.atomic
def drop(*, user: User, held: HeldStudy) -> HeldStudy:
    """Remove the files of a held study for good. Raises NotAllowed, or Conflict when it is not held any more."""
    row = _locked(user, held)
    _drop(row, user)
    return row


@transaction.atomic
def drop_expired() -> int:
    """Drop what was held for longer than the settings allow. Returns how many studies that were."""
    before = timezone.now() - timedelta(days=settings.QUARANTINE_DAYS)
    expired = HeldStudy.objects.select_for_update(of=("self",), skip_locked=True).select_related("run")
    rows = list(expired.filter(state=HeldStudy.State.HELD, updated_at__lt=before))
    for row in rows:
        _drop(row, None)
    return len(rows)


def _drop(row: HeldStudy, user: User | None) -> None:
    remove_later(row.folder)
    row.state, row.folder = HeldStudy.State.DROPPED, ""
    row.save(update_fields=["state", "folder", "updated_at"])
    record(actor=user, action="study.dropped", project_id=row.run.project_id, subject=row, files=row.files)


def _locked(user: User, held: HeldStudy) -> HeldStudy:
    row = HeldStudy.objects.select_for_update(of=("self",)).select_related("run__project").get(pk=held.pk)
    require(user, row.run.project, Capability.MANAGE_CASES)
    if row.state != HeldStudy.State.HELD:
        raise Conflict(BUSY[HeldStudy.State(row.state)], state=row.state)
    return row
