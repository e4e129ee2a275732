"""Jobs of this app: the only ones who open the gateway. Each may be delivered twice, or to two workers at once."""

from __future__ import annotations

from collections.abc import Callable

from celery import shared_task
from django.db import transaction

from backend.core.errors import DomainError
from backend.core.locks import try_lock
from backend.learning import collecting, endings, preparing
from backend.learning.models import Run
from backend.learning.states import RunState


@shared_task(name="learning.prepare_run")
def prepare_run(run_id: int) -> None:
    """Write a run's input and order."""
    _work_on(run_id, RunState.PREPARING, preparing.prepare)


@shared_task(name="learning.collect_run")
def collect_run(run_id: int) -> None:
    """Take in a run's result."""
    _work_on(run_id, RunState.COLLECTING, collecting.collect)


def _work_on(run_id: int, state: RunState, act: Callable[[Run], None]) -> None:
    with try_lock("learning.run", run_id) as alone:
        run = preparing.begin_job(run_id, state) if alone else None
        if run is None:
            return
        try:
            act(run)
        except DomainError as error:
            _fail(run, error.message)
        except OSError as error:
            _fail(run, f"A file could not be read or written ({error.strerror}): free space, then retry.")
            raise
        except Exception as error:
            _fail(run, f"The run could not be {_DONE[state]} ({type(error).__name__}): the worker's log says more.")
            raise


_DONE = {RunState.PREPARING: "prepared", RunState.COLLECTING: "collected"}


@transaction.atomic
def _fail(run: Run, sentence: str) -> None:
    locked = Run.objects.select_for_update(of=("self",)).select_related("round").filter(pk=run.pk, state=run.state)
    found = locked.first()
    if found is not None:
        endings.fail(found, sentence)
