"""The steps of a round as a person sees them, from the states of the round and its runs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from backend.learning.states import ROUND_ENDS, RoundKind, RoundState, RunKind, RunState


class StepState(StrEnum):
    """How far a step is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Step:
    """One step. fraction: 0 to 1; seconds_left: None while unknown."""

    name: str
    state: StepState
    fraction: float = 0.0
    message: str = ""
    seconds_left: float | None = None


class RunLike(Protocol):
    """What a step needs to know of a run."""

    state: str
    fraction: float
    message: str
    seconds_left: float | None
    error: str


_BEFORE_AND_AFTER = {
    RunState.PREPARING: "Writing the input",
    RunState.QUEUED: "Waiting for a free device",
    RunState.COLLECTING: "Taking the result in",
}


def steps_of(kind: str, state: str, cases: int, verdict: str, runs: Mapping[str, RunLike]) -> list[Step]:
    """Steps in their order. cases: of the frozen snapshot; verdict: empty until there is one; runs: by kind."""
    ended = state in ROUND_ENDS
    draft = _run_step("draft", runs.get(RunKind.DRAFT), missed=ended or state == RoundState.HELD)
    if kind == RoundKind.DRAFT:
        return [draft]
    if kind == RoundKind.ADOPT:
        begin = [_run_step("adopt", runs.get(RunKind.ADOPT), missed=ended)]
    else:
        frozen = Step("freeze", StepState.DONE, 1.0, f"{cases} approved cases")
        begin = [frozen, _run_step("train", runs.get(RunKind.TRAIN), missed=ended)]
    return [
        *begin,
        _run_step("score", runs.get(RunKind.SCORE), missed=ended or bool(verdict)),
        _promotion(verdict, ended=ended),
        draft,
    ]


def _run_step(name: str, run: RunLike | None, *, missed: bool) -> Step:
    if run is None:
        return Step(name, StepState.SKIPPED if missed else StepState.WAITING)
    state = RunState(run.state)
    if state is RunState.DONE:
        return Step(name, StepState.DONE, 1.0, run.message)
    if state is RunState.FAILED:
        return Step(name, StepState.FAILED, run.fraction, run.error)
    if state is RunState.CANCELLED:
        return Step(name, StepState.SKIPPED, run.fraction, "Cancelled")
    if state is RunState.RUNNING:
        return Step(name, StepState.RUNNING, run.fraction, run.message, run.seconds_left)
    fraction = run.fraction if state is RunState.COLLECTING else 0.0
    return Step(name, StepState.RUNNING, fraction, run.message or _BEFORE_AND_AFTER[state])


def _promotion(verdict: str, *, ended: bool) -> Step:
    if verdict:
        return Step("promote", StepState.DONE, 1.0, verdict)
    return Step("promote", StepState.SKIPPED if ended else StepState.WAITING)
