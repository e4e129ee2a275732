"""The run rows as supervisors use them: claimed under a lease, written only with the newest token.

PostgreSQL's clock decides when a lease ends, so that supervisors on several machines agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now
from django.utils import timezone

from backend.core.errors import Conflict
from backend.core.jobs import enqueue
from backend.learning import endings
from backend.learning.models import Run, RunProgress
from backend.learning.states import RunKind, RunState
from ml.contracts import Progress

MAX_ATTEMPTS = 3
_MESSAGE_CHARACTERS = 300


class LeaseLost(Conflict):
    """Somebody else holds the run by now, or it was ended; what the old holder brings is refused."""

    code = "lease_lost"


@dataclass(frozen=True)
class Lease:
    """The right to a run. token: raised at every claim, so that an older holder can be told from this one."""

    run_id: int
    kind: RunKind
    token: int


@transaction.atomic
def claim(*, holder: str, lease_s: float) -> Lease | None:
    """Take the run that has waited longest, or None when none waits."""
    run = Run.objects.select_for_update(skip_locked=True).filter(state=RunState.QUEUED).order_by("pk").first()
    if run is None:
        return None
    Run.objects.filter(pk=run.pk).update(
        state=RunState.RUNNING,
        token=F("token") + 1,
        attempt=F("attempt") + 1,
        holder=holder,
        lease_until=_in(lease_s),
        started_at=run.started_at or timezone.now(),
        message="Starting the process",
        error="",
        updated_at=timezone.now(),
    )
    return Lease(run.pk, RunKind(run.kind), run.token + 1)


def renew(lease: Lease, *, lease_s: float) -> bool:
    """Extend the lease; True when somebody wants the run cancelled. Raises LeaseLost."""
    _write(lease, lease_until=_in(lease_s))
    return Run.objects.values_list("cancel_requested", flat=True).get(pk=lease.run_id)


@transaction.atomic
def tell(lease: Lease, lines: Sequence[Progress]) -> None:
    """Store progress: the last line in the run, and those that curves are drawn from as rows. Raises LeaseLost."""
    last = lines[-1]
    _write(
        lease,
        fraction=last.fraction,
        message=last.message[:_MESSAGE_CHARACTERS],
        seconds_left=last.seconds_left,
    )
    RunProgress.objects.bulk_create(
        RunProgress(run_id=lease.run_id, line=_as_json(line)) for line in lines if _is_kept(line)
    )


@transaction.atomic
def finish(lease: Lease) -> None:
    """The process is done: have its result collected. Raises LeaseLost."""
    _write(lease, state=RunState.COLLECTING, attempt=0, fraction=1, seconds_left=None, **_FREE)
    enqueue("learning.collect_run", queue="gpu", run_id=lease.run_id)


@transaction.atomic
def give_back(lease: Lease) -> None:
    """Let somebody go on with the run later; a supervisor's own end does not count as an attempt. Raises LeaseLost."""
    _write(lease, state=RunState.QUEUED, attempt=F("attempt") - 1, message="Waiting to go on", **_FREE)


@transaction.atomic
def fail(lease: Lease, sentence: str, *, resumable: bool) -> None:
    """The process failed: try again, or park the run after three attempts. Raises LeaseLost."""
    run = _locked(lease)
    if resumable and run.attempt < MAX_ATTEMPTS:
        again = f"Attempt {run.attempt} failed: {sentence}"[:_MESSAGE_CHARACTERS]
        _write(lease, state=RunState.QUEUED, error=sentence, message=again, **_FREE)
        return
    tried = f" ({run.attempt} attempts)" if run.attempt > 1 else ""
    endings.fail(run, f"{sentence}{tried}")


@transaction.atomic
def cancelled(lease: Lease) -> None:
    """The process is gone because somebody cancelled it. Raises LeaseLost."""
    endings.cancel(_locked(lease))


_FREE: dict[str, Any] = {"holder": "", "lease_until": None}


def _write(lease: Lease, **fields: Any) -> None:
    written = _held(lease).update(**fields, updated_at=timezone.now())
    if not written:
        raise _lost(lease)


def _locked(lease: Lease) -> Run:
    run = _held(lease).select_for_update().first()
    if run is None:
        raise _lost(lease)
    return run


def _held(lease: Lease) -> QuerySet[Run]:
    return Run.objects.filter(pk=lease.run_id, token=lease.token, state=RunState.RUNNING)


def _lost(lease: Lease) -> LeaseLost:
    return LeaseLost(f"Run {lease.run_id} is no longer held with token {lease.token}.", run=lease.run_id)


def _in(seconds: float) -> ExpressionWrapper[CombinedExpression]:
    return ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())


def _is_kept(line: Progress) -> bool:
    return line.train_loss is not None or line.case_id is not None or line.stage in {"plan", "stopped", "failed"}


def _as_json(line: Progress) -> dict[str, Any]:
    return asdict(line)
