"""A round carried out inside this process: the same services, jobs and supervisor, stepped here in turn.

Where workers and a supervisor run beside it, they share the work: every step is claimed through its row.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from celery import current_app

from backend.config.runs import make_supervisor
from backend.learning.models import Round, Run
from backend.learning.states import ROUND_ENDS, RunState
from backend.learning.supervisor import Pace

JOBS = {RunState.PREPARING: "learning.prepare_run", RunState.COLLECTING: "learning.collect_run"}
PACE = Pace(reap_s=15.0)
STEP_S = 0.2

Told = Callable[[Run], None]


def carry_out(turn: Round, told: Told) -> Round:
    """Work until the round has ended, and return it. told: called with its active run about five times a second."""
    current_app.loader.import_default_modules()
    supervisor = make_supervisor(PACE)
    try:
        while turn.state not in ROUND_ENDS:
            for run in turn.runs.filter(state__in=JOBS):
                current_app.tasks[JOBS[RunState(run.state)]].apply(kwargs={"run_id": run.pk}, throw=True)
            supervisor.step()
            active = turn.runs.order_by("-pk").first()
            if active is not None:
                told(active)
            time.sleep(STEP_S)
            turn.refresh_from_db()
    finally:
        supervisor.stop()
    return turn
