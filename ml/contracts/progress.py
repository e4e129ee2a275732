"""One line of progress, printed by a run as JSON on its standard output."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    stage: `prepare`, `plan`, `preprocess`, `train`, `validate`, `predict`, `done`, `stopped` or `failed`.
    fraction: share of the whole run that is done, 0 to 1.
    message: one sentence for people.
    seconds_left: estimate, None while unknown.
    epoch, epochs: epochs finished and wanted; train_loss, val_loss and pseudo_dice (by label name) of that epoch.
    part: which of several trainings the epoch is of, such as `3d_fullres, fold 2`; empty where there is one.
    case_id: the case just predicted.
    memory_bytes: most memory that the process has held so far; gpu_memory_bytes: the same of its GPU.
    """

    stage: str
    fraction: float
    message: str = ""
    seconds_left: float | None = None
    epoch: int | None = None
    epochs: int | None = None
    train_loss: float | None = None
    val_loss: float | None = None
    pseudo_dice: dict[str, float] = field(default_factory=dict)
    case_id: str | None = None
    part: str = ""
    memory_bytes: int | None = None
    gpu_memory_bytes: int | None = None
