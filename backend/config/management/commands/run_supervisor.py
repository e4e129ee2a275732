"""`manage.py run_supervisor`: carries out trainings and predictions, one at a time, until it is told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections

from backend.config.runs import make_supervisor
from backend.learning.supervisor import Supervisor

logger = logging.getLogger(__name__)

IDLE_S, BUSY_S, AFTER_ERROR_S = 1.0, 0.25, 2.0


class Command(BaseCommand):
    """Run supervisor of one device."""

    help = "Carry out trainings and predictions on this machine's device until SIGTERM; start one per device."

    def handle(self, *_: Any, **__: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        supervisor = make_supervisor()
        self.stdout.write(f"Run supervisor {supervisor.holder} is waiting for runs.")
        while not stop.is_set():
            stop.wait(_step(supervisor))
        supervisor.stop()
        self.stdout.write("Run supervisor stopped; its run goes on from there at the next start.")


def _step(supervisor: Supervisor) -> float:
    """One step; returns how long to wait before the next. A database that went away may come back."""
    try:
        supervisor.step()
    except (OperationalError, InterfaceError) as error:
        logger.warning("supervisor.no_database error=%s", error)
        supervisor.lost_database()
        close_old_connections()
        return AFTER_ERROR_S
    return BUSY_S if supervisor.is_busy else IDLE_S
