"""How long people work on a task: what the browser reports, bounded by the server's clock."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.permissions import lacks
from backend.accounts.roles import Capability, capabilities_of
from backend.annotation.models import Task, WorkPeriod
from backend.annotation.permissions import role_in

LONGEST = timedelta(hours=12)  # of one report; the browser sends one a minute, and a longer one when it was offline


@transaction.atomic
def report_activity(*, user: User, task: Task, key: str, seconds: int, span_s: int, ago_s: int = 0) -> int:
    """Add active seconds to a task. Returns how many of the report count.

    The stretch lasted span_s and ended ago_s before now; the browser's clock plays no part. Only time since the user's
    last period counts, on whatever task: what overlaps is cut off, and no more seconds count than the rest is long.
    A key counts once.

    Raises NotAllowed for somebody who neither draws nor reviews.
    """
    kind = _kind(user, task)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two windows of one person report in turn
    known = WorkPeriod.objects.filter(task=task, user=user, key=key).first()
    if known is not None:
        return known.seconds
    end = timezone.now() - timedelta(seconds=ago_s)
    last = WorkPeriod.objects.filter(user=user).aggregate(last=Max("ended_at"))["last"]
    begun = end - min(timedelta(seconds=span_s), LONGEST)
    start = begun if last is None else max(begun, last)
    counted = min(seconds, int((end - start).total_seconds()))
    if counted < 1:
        return 0
    WorkPeriod.objects.create(task=task, user=user, kind=kind, key=key, seconds=counted, started_at=start, ended_at=end)
    return counted


def _kind(user: User, task: Task) -> WorkPeriod.Kind:
    """Drawing for the assignee, reviewing for others who may."""
    role = role_in(user, task)
    able = capabilities_of(role)
    if task.assignee_id == user.pk and Capability.DRAW in able:
        return WorkPeriod.Kind.DRAW
    if Capability.REVIEW in able:
        return WorkPeriod.Kind.REVIEW
    raise lacks(role, Capability.REVIEW)
