from dataclasses import dataclass

import pytest

from backend.learning.states import RoundKind, RoundState, RunKind, RunState
from backend.learning.steps import StepState, steps_of

DONE, WAITING, RUNNING, FAILED, SKIPPED = (
    StepState.DONE,
    StepState.WAITING,
    StepState.RUNNING,
    StepState.FAILED,
    StepState.SKIPPED,
)


@dataclass
class FakeRun:
    state: str
    fraction: float = 0.5
    message: str = ""
    seconds_left: float | None = None
    error: str = ""


def runs(**states):
    return {RunKind(kind).value: FakeRun(state) for kind, state in states.items()}


@pytest.mark.parametrize(
    ("state", "verdict", "by_kind", "expected"),
    [
        (RoundState.TRAINING, "", {"train": RunState.PREPARING}, [DONE, RUNNING, WAITING, WAITING, WAITING]),
        (RoundState.TRAINING, "", {"train": RunState.QUEUED}, [DONE, RUNNING, WAITING, WAITING, WAITING]),
        (
            RoundState.SCORING,
            "",
            {"train": RunState.DONE, "score": RunState.RUNNING},
            [DONE, DONE, RUNNING, WAITING, WAITING],
        ),
        (
            RoundState.DRAFTING,
            "Promoted",
            {"train": RunState.DONE, "score": RunState.DONE, "draft": RunState.COLLECTING},
            [DONE, DONE, DONE, DONE, RUNNING],
        ),
        (
            RoundState.DRAFTING,
            "Promoted without a comparison",
            {"train": RunState.DONE, "draft": RunState.RUNNING},
            [DONE, DONE, SKIPPED, DONE, RUNNING],
        ),
        (
            RoundState.HELD,
            "Held back",
            {"train": RunState.DONE, "score": RunState.DONE},
            [DONE, DONE, DONE, DONE, SKIPPED],
        ),
        (RoundState.FAILED, "", {"train": RunState.FAILED}, [DONE, FAILED, SKIPPED, SKIPPED, SKIPPED]),
        (RoundState.CANCELLED, "", {"train": RunState.CANCELLED}, [DONE, SKIPPED, SKIPPED, SKIPPED, SKIPPED]),
        (
            RoundState.DONE,
            "Promoted",
            {"train": RunState.DONE, "score": RunState.DONE, "draft": RunState.DONE},
            [DONE, DONE, DONE, DONE, DONE],
        ),
    ],
)
def test_a_round_shows_five_steps_that_follow_its_runs(state, verdict, by_kind, expected):
    steps = steps_of(RoundKind.TRAIN, state, 8, verdict, runs(**by_kind))
    assert [step.name for step in steps] == ["freeze", "train", "score", "promote", "draft"]
    assert [step.state for step in steps] == expected


def test_a_running_step_tells_how_far_it_is():
    run = FakeRun(RunState.RUNNING, 0.25, "Epoch 2 of 6", 40.0)
    step = steps_of(RoundKind.TRAIN, RoundState.TRAINING, 8, "", {RunKind.TRAIN: run})[1]
    assert (step.fraction, step.message, step.seconds_left) == (0.25, "Epoch 2 of 6", 40.0)


def test_a_failed_step_tells_why():
    run = FakeRun(RunState.FAILED, error="The memory ran out.")
    assert steps_of(RoundKind.TRAIN, RoundState.FAILED, 8, "", {RunKind.TRAIN: run})[1].message == "The memory ran out."


def test_the_freeze_step_tells_how_many_cases():
    assert steps_of(RoundKind.TRAIN, RoundState.TRAINING, 8, "", {})[0].message == "8 approved cases"


def test_a_round_of_another_kind_shows_the_steps_that_it_takes():
    adopting = steps_of(RoundKind.ADOPT, RoundState.ADOPTING, 0, "", {RunKind.ADOPT: FakeRun(RunState.QUEUED)})
    assert [step.name for step in adopting] == ["adopt", "score", "promote", "draft"]
    assert [step.state for step in adopting] == [RUNNING, WAITING, WAITING, WAITING]
    drafting = steps_of(RoundKind.DRAFT, RoundState.DRAFTING, 0, "By hand", {RunKind.DRAFT: FakeRun(RunState.RUNNING)})
    assert [(step.name, step.state) for step in drafting] == [("draft", RUNNING)]
