"""Finds runs that nobody works on any more and sets them going again."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from backend.annotation.services import open_missing_tasks
from backend.core.jobs import enqueue, send_waiting
from backend.exports.services import requeue_stuck_files
from backend.imaging import reaper as imaging
from backend.imaging.derived.services import requeue_stuck_channels
from backend.imaging.registration.running import requeue_stuck_registrations
from backend.learning import endings
from backend.learning.leases import MAX_ATTEMPTS
from backend.learning.models import Run
from backend.learning.states import RunState

logger = logging.getLogger(__name__)

STUCK_AFTER_S = 60.0
RUN_STUCK_AFTER_S = 40.0
"""With a look every 15 s, a run whose job was lost goes on within a minute."""
_JOBS = {RunState.PREPARING: "learning.prepare_run", RunState.COLLECTING: "learning.collect_run"}


def reap(*, stuck_after_s: float = STUCK_AFTER_S) -> None:
    """One look at everything: lost leases, jobs and imports, tasks never opened, and jobs the broker did not take."""
    take_back_lost_runs()
    requeue_stuck_runs(older_than_s=min(stuck_after_s, RUN_STUCK_AFTER_S))
    requeue_stuck_files(older_than_s=stuck_after_s)
    requeue_stuck_channels(older_than_s=stuck_after_s)
    requeue_stuck_registrations(older_than_s=stuck_after_s)
    open_missing_tasks(older_than_s=stuck_after_s)
    imaging.reap(stuck_after_s=stuck_after_s)
    send_waiting()


@transaction.atomic
def take_back_lost_runs() -> int:
    """Queue runs whose lease ran out; the third loss parks the run. Returns how many there were."""
    lost = Run.objects.select_for_update(skip_locked=True, of=("self",)).select_related("round")
    runs = list(lost.filter(state=RunState.RUNNING, lease_until__lt=Now()))
    for run in runs:
        logger.warning("run.lost run=%s holder=%s attempt=%s", run.pk, run.holder, run.attempt)
        if run.cancel_requested:
            endings.cancel(run)
        elif run.attempt >= MAX_ATTEMPTS:
            endings.fail(
                run,
                f"The process or its machine was lost {run.attempt} times; look at the end of the run's log and the "
                "machine's memory, then retry the round.",
            )
        else:
            run.state, run.holder, run.lease_until, run.message = RunState.QUEUED, "", None, "Waiting to go on"
            run.save(update_fields=["state", "holder", "lease_until", "message", "updated_at"])
    return len(runs)


@transaction.atomic
def requeue_stuck_runs(*, older_than_s: float) -> int:
    """Send the job again of every run that waits for one and shows no progress. Returns how many there were."""
    before = timezone.now() - timedelta(seconds=older_than_s)
    runs = Run.objects.select_for_update(skip_locked=True).filter(state__in=_JOBS, updated_at__lt=before)
    found = list(runs)
    for run in found:
        run.save(update_fields=["updated_at"])
        enqueue(_JOBS[RunState(run.state)], queue="gpu", run_id=run.pk)
    return len(found)
