"""One line of progress, printed by a run as JSON on its standard output."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    stage: `prepare`, `plan`, `preprocess`, `train`, `predict`, `done`, `stopped` or `failed`.
    fraction: share of the whole run that is done, 0 to 1.
    message: one sentence for people.
    seconds_left: estimate, None while unknown.
    epoch, epochs: epochs finished and wanted; train_loss, val_loss and pseudo_dice (by label name) of that epoch.
    case_id: the case just predicted.
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
