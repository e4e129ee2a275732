"""Registrations: what is put to use takes the place of the original phases, and gives it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.audit.models import record
from backend.core.errors import Conflict, InvalidInput
from backend.core.jobs import enqueue
from backend.imaging import pins
from backend.imaging.derived.recipes import digest_of
from backend.imaging.models import JobState, Phase, Registration, Volume
from backend.imaging.registration.moving import fields_of

JOB = "imaging.register_phases"
UNFINISHED = [JobState.WAITING, JobState.RUNNING]


@transaction.atomic
def start_registration(*, user: User, volume: Volume, method: str) -> Registration:
    """Have the phases moved onto the first one. Nothing changes until the result is put to use.

    Raises NotAllowed, InvalidInput for another method or a single phase, Conflict while one runs or is in use.
    """
    locked = _locked(user, volume)
    if method not in Registration.Method.values:
        raise InvalidInput(f"method needs rigid or deformable, got {method[:20]!r}.")
    phases = list(locked.phases.order_by("index"))
    if len(phases) < 2:
        raise InvalidInput("A registration needs two phases or more; this volume has one.")
    if locked.registrations.filter(in_use=True).exists():
        raise Conflict("A registration is in use: stop using it first, since the phases are moved already.")
    if locked.registrations.filter(state__in=UNFINISHED).exists():
        raise Conflict("A registration of this volume is under way: wait for it, or cancel it.")
    inputs = [digest_of(phase) for phase in phases]
    row = Registration.objects.create(volume=locked, method=method, inputs=inputs, started_by=user)
    _tell(user, row, "registration.started")
    enqueue(JOB, registration_id=row.pk)
    return row


@transaction.atomic
def cancel_registration(*, user: User, registration: Registration) -> Registration:
    """Stop a registration that waits or runs. Raises Conflict when it has ended."""
    _locked(user, registration.volume)
    row = Registration.objects.select_for_update(of=("self",)).select_related("volume").get(pk=registration.pk)
    if row.state not in UNFINISHED:
        raise Conflict("This registration has ended already.")
    row.cancel_requested = True
    if row.state == JobState.WAITING:
        row.state, row.message = JobState.CANCELLED, "Cancelled before it began."
    row.save(update_fields=["cancel_requested", "state", "message", "updated_at"])
    _tell(user, row, "registration.cancelled")
    return row


@transaction.atomic
def use_registration(*, user: User, registration: Registration) -> Registration:
    """Let the moved phases take the place of the original ones, everywhere. Raises Conflict where that cannot be."""
    volume = _locked(user, registration.volume)
    row = Registration.objects.select_for_update(of=("self",)).select_related("volume").get(pk=registration.pk)
    phases = list(volume.phases.select_for_update().order_by("index"))
    sentence = why_not_usable(row, volume, phases)
    if sentence:
        raise Conflict(sentence)
    row.originals = [fields_of(phase) for phase in phases]
    _take_place(phases, row.phases)
    row.in_use = True
    row.save(update_fields=["originals", "in_use", "updated_at"])
    _tell(user, row, "registration.used")
    return row


@transaction.atomic
def stop_using(*, user: User, registration: Registration) -> Registration:
    """Give the original phases their place back. Raises Conflict when it is not in use, or the phases must stay."""
    volume = _locked(user, registration.volume)
    row = Registration.objects.select_for_update(of=("self",)).select_related("volume").get(pk=registration.pk)
    if not row.in_use:
        raise Conflict("This registration is not in use.")
    pins.require_unpinned(volume)
    _take_place(list(volume.phases.select_for_update().order_by("index")), row.originals)
    row.in_use, row.originals = False, []
    row.save(update_fields=["originals", "in_use", "updated_at"])
    _tell(user, row, "registration.stopped")
    return row


def why_not_usable(row: Registration, volume: Volume, phases: Sequence[Phase]) -> str:
    """Why a registration cannot be put to use, as a sentence; empty when it can."""
    if row.state != JobState.READY:
        return "This registration is not finished."
    if row.in_use:
        return "This registration is in use already."
    if volume.registrations.filter(in_use=True).exists():
        return "Another registration is in use: stop using that one first."
    if row.inputs != [digest_of(phase) for phase in phases]:
        return "The phases were changed after this registration was made: register them again."
    if not any(entry["better"] for entry in row.report):
        return "No phase became more like the first one, so there is nothing to use."
    return pins.why_pinned(volume)


def _take_place(phases: Sequence[Phase], fields: Sequence[dict[str, Any]]) -> None:
    for phase, values in zip(phases, fields, strict=True):
        Phase.objects.filter(pk=phase.pk).update(**values, updated_at=timezone.now())


def _locked(user: User, volume: Volume) -> Volume:
    rows = Volume.objects.select_for_update(of=("self",), no_key=True).select_related("study__patient__project")
    locked = rows.get(pk=volume.pk)
    require(user, locked.study.patient.project, Capability.MANAGE_CASES)
    return locked


def _tell(user: User, row: Registration, action: str) -> None:
    project_id = row.volume.study.patient.project_id
    record(actor=user, action=action, project_id=project_id, subject=row, volume=row.volume_id, method=row.method)
