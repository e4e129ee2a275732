"""Celery jobs of imaging."""

from __future__ import annotations

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from backend.imaging import services
from backend.imaging.derived import services as derived
from backend.imaging.registration import running as registration

HOURS_S = 3600
MINUTES_S = 60


@shared_task(name="imaging.run_import", soft_time_limit=6 * HOURS_S, time_limit=6 * HOURS_S + 300)
def run_import(import_id: int) -> None:
    """Import the uploaded files of a run, for six hours at a time. Delivered twice, it has one effect."""
    try:
        services.run_import(import_id=import_id)
    except SoftTimeLimitExceeded:
        services.go_on_with_import(import_id=import_id)


@shared_task(name="imaging.derive", soft_time_limit=10 * MINUTES_S, time_limit=11 * MINUTES_S)
def derive(derived_id: int) -> None:
    """Make a derived channel that somebody asked for."""
    derived.make(derived_id=derived_id)


@shared_task(name="imaging.register_phases", soft_time_limit=2 * HOURS_S, time_limit=2 * HOURS_S + 5 * MINUTES_S)
def register_phases(registration_id: int) -> None:
    """Move the phases of a volume onto its first one."""
    registration.run(registration_id=registration_id)
