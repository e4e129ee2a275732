"""States of rounds and runs, with the steps that a person sees."""

from __future__ import annotations

from enum import StrEnum


class RoundKind(StrEnum):
    """What a round is for."""

    TRAIN = "train"  # freeze, train, score, promote, draft
    ADOPT = "adopt"  # take a model from elsewhere in, score, promote, draft
    DRAFT = "draft"  # draft anew with a model that was promoted by hand


class RoundState(StrEnum):
    """Where a round stands. The first four follow one another; the rest are ends."""

    ADOPTING = "adopting"
    TRAINING = "training"
    SCORING = "scoring"
    DRAFTING = "drafting"
    DONE = "done"
    HELD = "held"  # the new model was worse: the old one stays
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunState(StrEnum):
    """Where a run stands."""

    PREPARING = "preparing"  # a job on the gpu queue writes its input and spec
    QUEUED = "queued"  # waits for the supervisor of a free device
    RUNNING = "running"
    COLLECTING = "collecting"  # a job on the gpu queue takes its result in
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunKind(StrEnum):
    """What a run does."""

    TRAIN = "train"
    ADOPT = "adopt"  # take a model out of a file
    SCORE = "score"  # predict the benchmark
    DRAFT = "draft"  # predict the pool


class ModelState(StrEnum):
    """What a model version is used for."""

    CANDIDATE = "candidate"
    ACTIVE = "active"
    HELD = "held"
    RETIRED = "retired"


ROUND_ENDS = frozenset({RoundState.DONE, RoundState.HELD, RoundState.FAILED, RoundState.CANCELLED})
RUN_ENDS = frozenset({RunState.DONE, RunState.FAILED, RunState.CANCELLED})
