"""The door to the job queue: jobs are named, never imported, and leave only after commit."""

from __future__ import annotations

import logging
from typing import Any, Literal

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from backend.core.models import OutboxJob

logger = logging.getLogger(__name__)

Queue = Literal["cpu", "gpu"]


def enqueue(name: str, *, queue: Queue = "cpu", **arguments: Any) -> None:
    """Write the job into the outbox with the running transaction; send it when that commits."""
    row = OutboxJob.objects.create(name=name, queue=queue, arguments=arguments)
    transaction.on_commit(lambda: _try(row.pk))


def send_waiting(*, limit: int = 100) -> int:
    """Send what the broker did not take the first time. Returns how many left."""
    waiting = OutboxJob.objects.values_list("pk", flat=True)[:limit]
    return sum(_try(pk) for pk in list(waiting))


def _try(pk: int) -> bool:
    """A job may be sent twice when this process dies between send and delete: jobs are safe to run twice."""
    try:
        with transaction.atomic():
            row = OutboxJob.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            if row is None:
                return False
            current_app.send_task(row.name, kwargs=row.arguments, queue=row.queue, retry=False)
            row.delete()
    except (OperationalError, ConnectionError) as error:
        logger.warning("job.unsent outbox=%s reason=%s", pk, error)
        return False
    return True
