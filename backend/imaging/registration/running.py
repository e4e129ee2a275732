"""Carrying out a registration under a lock: it tells how far it is, can be cancelled, and may be run twice."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils import timezone

from backend.core.errors import DomainError
from backend.core.jobs import enqueue
from backend.core.locks import try_lock
from backend.imaging.derived.recipes import digest_of
from backend.imaging.models import JobState, Registration
from backend.imaging.registration.moving import MovedPhase, fields_of, move_phase, reduced_phase
from backend.imaging.registration.services import JOB, UNFINISHED

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
TELL_EVERY_S = 1.0


class Cancelled(Exception):
    """Somebody does not want it any more."""


def run(*, registration_id: int) -> None:
    """Register the phases, unless that is done or another worker is at it."""
    with try_lock(JOB, registration_id) as alone:
        row = _begin(registration_id) if alone else None
        if row is not None:
            _run(row)


def requeue_stuck_registrations(*, older_than_s: float) -> int:
    """Send the job again of every unfinished registration that nobody has worked on for a while."""
    before = timezone.now() - timedelta(seconds=older_than_s)
    with transaction.atomic():
        stuck = Registration.objects.select_for_update(skip_locked=True).filter(
            state__in=UNFINISHED, updated_at__lt=before
        )
        for row in stuck:
            row.save(update_fields=["updated_at"])
            enqueue(JOB, registration_id=row.pk)
        return len(stuck)


class Telling:
    """Writes how far a registration is, now and then; raises Cancelled when somebody asked to stop."""

    def __init__(self, row: Registration, phases: int) -> None:
        self._row = row
        self._phases = phases
        self._at = 0.0
        self.done = 0

    def __call__(self, share: float) -> None:
        if time.monotonic() - self._at < TELL_EVERY_S:
            return
        self._at = time.monotonic()
        rows = Registration.objects.filter(pk=self._row.pk, state=JobState.RUNNING)
        if not rows.filter(cancel_requested=False).exists():
            raise Cancelled
        rows.update(progress=(self.done + share) / self._phases, updated_at=timezone.now())


def _run(row: Registration) -> None:
    try:
        _finish(row, _moved(row))
    except Cancelled:
        _end(row, JobState.CANCELLED, "Cancelled.")
    except DomainError as error:
        _end(row, JobState.FAILED, error.message)
    except SoftTimeLimitExceeded:
        _end(row, JobState.FAILED, "It took longer than a job may: try the rigid one, or when the server is free.")
    except Exception as error:
        _end(row, JobState.FAILED, f"It could not be made ({type(error).__name__}); the worker's log has more.")
        raise


def _moved(row: Registration) -> list[MovedPhase]:
    phases = list(row.volume.phases.order_by("index"))
    if row.inputs != [digest_of(phase) for phase in phases]:
        raise Cancelled
    first, others = phases[0], phases[1:]
    telling = Telling(row, len(others))
    telling(0.0)
    fixed = reduced_phase(row.volume, first)
    moved = []
    for phase in others:
        deformable = row.method == Registration.Method.DEFORMABLE
        moved.append(move_phase(row.volume, first, fixed, phase, deformable=deformable, on_step=telling))
        telling.done += 1
    return moved


@transaction.atomic
def _begin(registration_id: int) -> Registration | None:
    rows = Registration.objects.select_for_update(of=("self",)).select_related("volume")
    row = rows.filter(pk=registration_id, state__in=UNFINISHED).first()
    if row is None:
        return None
    if row.attempts >= MAX_ATTEMPTS:
        row.state = JobState.FAILED
        row.message = f"The worker was lost {row.attempts} times while it registered; look at the machine's memory."
        row.save(update_fields=["state", "message", "updated_at"])
        return None
    row.state, row.attempts, row.progress, row.began_at = JobState.RUNNING, row.attempts + 1, 0.0, timezone.now()
    row.save(update_fields=["state", "attempts", "progress", "began_at", "updated_at"])
    return row


def _finish(row: Registration, moved: list[MovedPhase]) -> None:
    first = row.volume.phases.get(index=0)
    Registration.objects.filter(pk=row.pk, state=JobState.RUNNING).update(
        state=JobState.READY,
        message="",
        progress=1.0,
        phases=[fields_of(first), *(phase.phase for phase in moved)],
        report=[phase.report for phase in moved],
        pictures={str(phase.report["index"]): phase.pictures for phase in moved},
        updated_at=timezone.now(),
    )
    logger.info("registration.made registration=%s volume=%s", row.pk, row.volume_id)


def _end(row: Registration, state: JobState, sentence: str) -> None:
    Registration.objects.filter(pk=row.pk, state=JobState.RUNNING).update(
        state=state, message=sentence[:300], updated_at=timezone.now()
    )
