"""How a run's process is started on this machine."""

from __future__ import annotations

import os
import signal
import socket
import sys

from backend.config.env import ROOT
from backend.core.processes import die_with_parent
from backend.learning import places
from backend.learning.states import RunKind
from backend.learning.supervisor import Pace, Supervisor

NICENESS = 5
"""Trainings step back behind the pages that people look at."""


def command(kind: RunKind, run_id: int) -> list[str]:
    """What a person would type to repeat the run."""
    verb = kind.value if kind in {RunKind.TRAIN, RunKind.ADOPT} else "predict"
    order, out = str(places.spec_path(run_id)), str(places.out_folder(run_id))
    return [sys.executable, "-m", "ml.cli", verb, "--spec", order, "--out", out]


def make_supervisor(pace: Pace | None = None) -> Supervisor:
    """Supervisor of this machine's device."""
    return Supervisor(
        command=command,
        holder=f"{socket.gethostname()}:{os.getpid()}",
        folder=ROOT,
        pace=pace,
        before_exec=_before_exec,
    )


_die_with_supervisor = die_with_parent(signal.SIGTERM)


def _before_exec() -> None:
    os.nice(NICENESS)
    if _die_with_supervisor is not None:
        _die_with_supervisor()
