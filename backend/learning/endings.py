"""How runs and rounds end, always together. Call inside a transaction with the run locked."""

from __future__ import annotations

from django.utils import timezone

from backend.accounts.models import User
from backend.audit.models import record
from backend.learning.models import Round, Run
from backend.learning.states import RoundState, RunState


def done(run: Run) -> None:
    """The run's result is in."""
    _end_run(run, RunState.DONE)


def fail(run: Run, sentence: str) -> None:
    """Park the run, and its round with it, until somebody retries. sentence: what went wrong and what to do."""
    _end_run(run, RunState.FAILED, error=sentence)
    end_round(run.round, RoundState.FAILED, error=sentence)


def cancel(run: Run, *, actor: User | None = None) -> None:
    """End the run and its round on somebody's wish."""
    _end_run(run, RunState.CANCELLED, error="")
    end_round(run.round, RoundState.CANCELLED, actor=actor)


def end_round(turn: Round, state: RoundState, *, error: str = "", actor: User | None = None) -> None:
    """Close a round in one of its ends."""
    turn.state, turn.error, turn.ended_at = state, error, timezone.now()
    turn.save(update_fields=["state", "error", "verdict", "ended_at", "updated_at"])
    record(
        actor=actor,
        action=f"round.{state.value}",
        project_id=turn.project_id,
        subject=turn,
        number=turn.number,
        verdict=turn.verdict,
        error=error,
    )


def _end_run(run: Run, state: RunState, *, error: str = "") -> None:
    run.state, run.error, run.ended_at = state, error, timezone.now()
    run.holder, run.lease_until, run.seconds_left = "", None, None
    run.save(update_fields=["state", "error", "ended_at", "holder", "lease_until", "seconds_left", "updated_at"])
