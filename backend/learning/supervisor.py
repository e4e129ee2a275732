"""Runs one process at a time on one device: claims a run, watches its process, and writes what becomes of it."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.learning import leases, places
from backend.learning.child import Child
from backend.learning.leases import Lease, LeaseLost
from backend.learning.reaper import reap
from backend.learning.states import RunKind

logger = logging.getLogger(__name__)

DONE, MISUNDERSTOOD, STOPPED = 0, 2, 75
"""Exit codes of `python -m ml.cli`."""

Command = Callable[[RunKind, int], Sequence[str]]


@dataclass(frozen=True)
class Pace:
    """Times in seconds.

    lease: how long a silent supervisor keeps its run. look: how often it extends the lease and sees whether the run is
    still wanted. grace: between asking a process to stop and killing it; with a look, a cancelled process is gone
    within 15 s. reap, stuck_after: how often lost runs are looked for, and when a job counts as lost.
    """

    lease_s: float = 30.0
    look_s: float = 1.0
    reap_s: float = 15.0
    grace_s: float = 12.0
    stuck_after_s: float = 60.0


class Supervisor:
    """Call `step` again and again, and `stop` at the end.

    command: argument list for a run's kind and id. holder: name of this supervisor. folder: where the process starts.
    before_exec: called in the child before it becomes the command.
    """

    def __init__(
        self,
        *,
        command: Command,
        holder: str,
        folder: Path,
        pace: Pace | None = None,
        before_exec: Callable[[], None] | None = None,
    ) -> None:
        self.holder = holder
        self._command = command
        self._folder = folder
        self._pace = pace or Pace()
        self._before_exec = before_exec
        self._work: _Work | None = None
        self._reaped_at = float("-inf")

    @property
    def is_busy(self) -> bool:
        """True while a process runs."""
        return self._work is not None

    def step(self) -> None:
        """Do what is due now, without waiting."""
        if time.monotonic() - self._reaped_at >= self._pace.reap_s:
            self._reaped_at = time.monotonic()
            reap(stuck_after_s=self._pace.stuck_after_s)
        if self._work is None:
            self._claim()
        else:
            self._watched(self._watch)

    def stop(self) -> None:
        """End the process and give the run back; it goes on from its checkpoint with whoever claims it next."""
        work = self._work
        if work is None:
            return
        work.child.terminate()
        if not work.child.wait(self._pace.grace_s):
            work.child.kill()
            work.child.wait(self._pace.grace_s)
        self._watched(self._give_back)
        self._drop()

    def lost_database(self) -> None:
        """Call when a step could not reach the database: past its lease, this supervisor may not go on."""
        work = self._work
        if work is not None and time.monotonic() - work.looked_at > self._pace.lease_s:
            logger.warning("run.given_up run=%s", work.lease.run_id)
            self._drop()

    def _claim(self) -> None:
        lease = leases.claim(holder=self.holder, lease_s=self._pace.lease_s)
        if lease is None:
            return
        logger.info("run.claimed run=%s kind=%s token=%s", lease.run_id, lease.kind, lease.token)
        try:
            child = Child(
                self._command(lease.kind, lease.run_id),
                log=places.log_path(lease.run_id),
                folder=self._folder,
                before_exec=self._before_exec,
            )
        except OSError as error:
            leases.fail(lease, f"The process could not be started ({error}); mend that and retry.", resumable=True)
            return
        self._work = _Work(lease, child, looked_at=time.monotonic())

    def _watch(self, work: _Work) -> None:
        code = work.child.exit_code()
        lines = work.child.lines()
        if lines:
            leases.tell(work.lease, lines)
        if code is not None:
            self._conclude(work, code)
            self._drop()
            return
        if time.monotonic() - work.looked_at >= self._pace.look_s:
            self._look(work, time.monotonic())

    def _look(self, work: _Work, now: float) -> None:
        unwanted = leases.renew(work.lease, lease_s=self._pace.lease_s)
        work.looked_at = now
        if unwanted and work.asked_to_stop_at is None:
            work.asked_to_stop_at = now
            work.child.terminate()
        elif work.asked_to_stop_at is not None and now - work.asked_to_stop_at >= self._pace.grace_s:
            work.child.kill()

    def _conclude(self, work: _Work, code: int) -> None:
        logger.info("run.exited run=%s code=%s", work.lease.run_id, code)
        if leases.renew(work.lease, lease_s=self._pace.lease_s):
            leases.cancelled(work.lease)
        elif code == DONE:
            leases.finish(work.lease)
        else:
            leases.fail(work.lease, _why(work.child, code), resumable=code != MISUNDERSTOOD)

    def _give_back(self, work: _Work) -> None:
        code = work.child.exit_code()
        if leases.renew(work.lease, lease_s=self._pace.lease_s):
            leases.cancelled(work.lease)
        elif code == DONE:
            leases.finish(work.lease)
        else:
            leases.give_back(work.lease)

    def _watched(self, act: Callable[[_Work], None]) -> None:
        work = self._work
        if work is None:
            return
        try:
            act(work)
        except LeaseLost:
            logger.warning("run.lease_lost run=%s token=%s", work.lease.run_id, work.lease.token)
            self._drop()

    def _drop(self) -> None:
        """Make sure that the process is gone, and forget it."""
        if self._work is not None:
            self._work.child.kill()
            self._work.child.wait(self._pace.grace_s)
            self._work.child.close()
            self._work = None


@dataclass
class _Work:
    lease: Lease
    child: Child
    looked_at: float
    asked_to_stop_at: float | None = None


def _why(child: Child, code: int) -> str:
    """One sentence on why a process ended early."""
    if child.last is not None and child.last.stage == "failed":
        return child.last.message
    if code == STOPPED:
        return "The process was stopped from outside; it can go on where it was."
    if code == -signal.SIGKILL:
        return "The process was killed, most likely because memory ran out: choose a smaller preset or free memory."
    if code < 0:
        return f"The process ended by signal {signal.Signals(-code).name}; the end of the run's log says more."
    return f"The process ended with code {code} and no explanation; the end of the run's log may say more."
