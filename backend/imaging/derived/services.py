"""Asking for derived channels, and making them. A job that runs twice, or dies, has one effect."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.audit.models import record
from backend.core.errors import DomainError
from backend.core.jobs import enqueue
from backend.core.locks import try_lock
from backend.imaging.derived.making import MadeChannel, make_channel
from backend.imaging.derived.recipes import parameters_of
from backend.imaging.models import DerivedChannel, JobState, Volume
from ml.preprocessing.channels import recipe

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
HEARTBEAT_S = 2.0
JOB = "imaging.derive"
UNFINISHED = [JobState.WAITING, JobState.RUNNING]


@transaction.atomic
def derive(*, user: User, volume: Volume, key: str) -> DerivedChannel:
    """Have a channel made; one that is there or on its way is not made twice, one that is out of date is made anew.

    Raises NotAllowed without the capability, InvalidInput for a channel that the phases do not give.
    """
    locked = Volume.objects.select_for_update(of=("self",)).select_related("study__patient").get(pk=volume.pk)
    require(user, locked.study.patient.project, Capability.VIEW_CASES)
    parameters = parameters_of(list(locked.phases.order_by("index")), key)
    row = DerivedChannel.objects.filter(volume=locked, key=key).first()
    if row is not None and row.parameters == parameters and row.state in {*UNFINISHED, JobState.READY}:
        return row
    fresh = {"parameters": parameters, "state": JobState.WAITING, "message": "", "attempts": 0}
    cleared = {"chunks": [], "projections": {}, "codec": "", "slices_per_chunk": 0}
    row, _ = DerivedChannel.objects.update_or_create(volume=locked, key=key, defaults=fresh | cleared)
    record(
        actor=user,
        action="derived.asked",
        project_id=locked.study.patient.project_id,
        subject=row,
        volume=locked.pk,
        key=key,
    )
    enqueue(JOB, derived_id=row.pk)
    return row


def make(*, derived_id: int) -> None:
    """Make a channel that was asked for, unless it is there or another worker is making it."""
    with try_lock(JOB, derived_id) as alone:
        row = _begin(derived_id) if alone else None
        if row is not None:
            _make(row)


def requeue_stuck_channels(*, older_than_s: float) -> int:
    """Send the job again of every unfinished channel that nobody has worked on for a while. Returns how many."""
    before = timezone.now() - timedelta(seconds=older_than_s)
    with transaction.atomic():
        stuck = DerivedChannel.objects.select_for_update(skip_locked=True).filter(
            state__in=UNFINISHED, updated_at__lt=before
        )
        for row in stuck:
            row.save(update_fields=["updated_at"])
            enqueue(JOB, derived_id=row.pk)
        return len(stuck)


def _make(row: DerivedChannel) -> None:
    phases = list(row.volume.phases.order_by("index"))
    try:
        if parameters_of(phases, row.key) == row.parameters:
            _finish(row, make_channel(row.volume, phases, recipe(row.key), Heartbeat(row)))
        else:
            _fail(row, "The phases changed meanwhile: ask for it again.")
    except DomainError as error:
        _fail(row, error.message)
    except SoftTimeLimitExceeded:
        _fail(row, "It took longer than a job may: ask for it again when the server has less to do.")
    except Exception as error:
        _fail(row, f"It could not be made ({type(error).__name__}); the worker's log has more.")
        raise


class Heartbeat:
    """Shows now and then that a job is alive, so that nobody sends it again."""

    def __init__(self, row: DerivedChannel) -> None:
        self._row = row
        self._at = time.monotonic()

    def __call__(self) -> None:
        if time.monotonic() - self._at > HEARTBEAT_S:
            self._at = time.monotonic()
            DerivedChannel.objects.filter(pk=self._row.pk).update(updated_at=timezone.now())


@transaction.atomic
def _begin(derived_id: int) -> DerivedChannel | None:
    rows = DerivedChannel.objects.select_for_update(of=("self",)).select_related("volume")
    row = rows.filter(pk=derived_id, state__in=UNFINISHED).first()
    if row is None:
        return None
    if row.attempts >= MAX_ATTEMPTS:
        row.state = JobState.FAILED
        row.message = f"The worker was lost {row.attempts} times while it made this; look at the machine's memory."
        row.save(update_fields=["state", "message", "updated_at"])
        return None
    row.state, row.attempts = JobState.RUNNING, row.attempts + 1
    row.save(update_fields=["state", "attempts", "updated_at"])
    return row


def _finish(row: DerivedChannel, made: MadeChannel) -> None:
    """Write the result, unless somebody asked for something else under the same name meanwhile."""
    DerivedChannel.objects.filter(pk=row.pk, state=JobState.RUNNING, parameters=row.parameters).update(
        state=JobState.READY,
        message="",
        codec=made.blocks.codec,
        slices_per_chunk=made.blocks.slices_per_chunk,
        chunks=made.blocks.chunks,
        slope=made.scale.slope,
        intercept=made.scale.intercept,
        window_low=made.blocks.window_low,
        window_high=made.blocks.window_high,
        projections=made.projections,
        updated_at=timezone.now(),
    )
    logger.info("derived.made derived=%s volume=%s", row.pk, row.volume_id)


def _fail(row: DerivedChannel, sentence: str) -> None:
    DerivedChannel.objects.filter(pk=row.pk, state=JobState.RUNNING, parameters=row.parameters).update(
        state=JobState.FAILED, message=sentence[:300], updated_at=timezone.now()
    )
