"""One training of many: one configuration on one fold, gone on from its own checkpoints and kept when it ends."""

from __future__ import annotations

import json
import resource
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ml.contracts import Progress, TrainSpec
from ml.contracts.presets import Configuration
from ml.nnunet.checkpoints import Checkpoints
from ml.nnunet.dataset import Fold, RawDataset
from ml.nnunet.environment import seed_everything
from ml.nnunet.files import write_text
from ml.nnunet.model import StoredModel, Weights, read_model, take_over, write_model
from ml.nnunet.running import Pace, Report, StopFlag
from ml.nnunet.trainer import RunTrainer

_TELL_EVERY_S = 2.0


@dataclass(frozen=True)
class Unit:
    """A configuration and a fold. number: of this unit among all, from 0; of: how many there are."""

    configuration: Configuration
    fold: Fold
    number: int
    of: int

    @property
    def part(self) -> str:
        """How people are told which training this is; nothing where there is one."""
        return f"{self.configuration}, fold {self.fold.index}" if self.of > 1 else ""


@dataclass(frozen=True)
class Workshop:
    """What every unit of a run shares. share: first and last share of the run that the trainings take, 0 to 1."""

    spec: TrainSpec
    dataset: RawDataset
    device: torch.device
    work: Path
    report: Report
    stop: StopFlag
    share: tuple[float, float]


@dataclass(frozen=True)
class Finished:
    """A unit that has been trained."""

    model: StoredModel
    pseudo_dice: dict[str, float]


def train_unit(shop: Workshop, unit: Unit, plans: dict[str, Any], warm: StoredModel | None) -> Finished:
    """Train the unit, or read what an earlier attempt has finished. Raises Stopped after a checkpoint."""
    folder = shop.work / "trained" / unit.configuration / f"fold_{unit.fold.index}"
    note = folder / "pseudo_dice.json"
    if note.is_file():
        return Finished(read_model(folder, sha256=None), json.loads(note.read_bytes()))
    trainer = _trainer(shop, unit, plans, warm)
    shop.stop.check()
    if trainer.current_epoch < trainer.num_epochs:
        trainer.run_training()
    finished = Finished(_model(shop, unit, plans, trainer), trainer.last_epoch()[2])
    write_model(folder, finished.model)
    write_text(note, json.dumps(finished.pseudo_dice))
    return finished


def _trainer(shop: Workshop, unit: Unit, plans: dict[str, Any], warm: StoredModel | None) -> RunTrainer:
    seed_everything(shop.spec.seed + unit.number)
    checkpoints = Checkpoints(shop.work / "checkpoints" / unit.configuration / f"fold_{unit.fold.index}")
    # nnU-Net reads `fold` as an index into splits_final.json, which holds this run's folds alone
    trainer = RunTrainer(
        plans | {"continue_training": False},
        unit.configuration,
        shop.dataset.folds.index(unit.fold),
        shop.dataset.description,
        shop.device,
    )
    narrator = _Narrator(shop, unit)
    trainer.equip(shop.spec.settings, checkpoints=checkpoints, stop=shop.stop, on_iteration=narrator)
    trainer.initialize()
    saved = checkpoints.newest()
    if saved is not None:
        trainer.resume(saved)
        wanted = trainer.num_epochs * trainer.num_iterations_per_epoch
        narrator.say(f"Going on from iteration {trainer.iterations_done} of {wanted}")
    elif warm is not None:
        taken, all_tensors = take_over(trainer.bare_network, _weights_for(warm, unit.fold.index))
        narrator.say(f"Starting from an earlier model: {taken} of {all_tensors} tensors fit")
    narrator.start(trainer)
    return trainer


def _weights_for(warm: StoredModel, fold: int) -> Weights:
    return warm.folds.get(fold) or next(iter(warm.folds.values()))


def _model(shop: Workshop, unit: Unit, plans: dict[str, Any], trainer: RunTrainer) -> StoredModel:
    weights = {name: tensor.detach().cpu() for name, tensor in trainer.bare_network.state_dict().items()}
    axes = trainer.inference_allowed_mirroring_axes
    return StoredModel(plans, shop.dataset.description, unit.configuration, {unit.fold.index: weights}, axes)


class _Narrator:
    """Turns iterations into progress: one line per epoch, and one every few seconds in between."""

    def __init__(self, shop: Workshop, unit: Unit) -> None:
        self.shop, self.unit = shop, unit
        self.told_at = 0.0
        self.pace = Pace(0)

    def start(self, trainer: RunTrainer) -> None:
        """Start the clock behind the estimates, after what an earlier attempt has done."""
        self.per_unit = trainer.num_epochs * trainer.num_iterations_per_epoch
        done = self._done(trainer)
        self.pace = Pace(self.per_unit * self.unit.of, skipped=done)

    def say(self, message: str) -> None:
        """Tell what the unit starts from."""
        low, high = self.shop.share
        begun = low + (high - low) * self.unit.number / self.unit.of
        self.shop.report(Progress("train", round(begun, 4), self._placed(message), part=self.unit.part))

    def __call__(self, trainer: RunTrainer) -> None:
        per_epoch = trainer.num_iterations_per_epoch
        ends_epoch, now = not trainer.losses, time.monotonic()
        if not ends_epoch and now - self.told_at < _TELL_EVERY_S:
            return
        self.told_at = now
        epoch, epochs = trainer.current_epoch, trainer.num_epochs
        if ends_epoch:
            train_loss, val_loss, dice = trainer.last_epoch()
            line = self._line(trainer, f"Epoch {epoch} of {epochs}")
            line = replace(line, train_loss=train_loss, val_loss=val_loss, pseudo_dice=dice)
        else:
            line = self._line(trainer, f"Epoch {epoch + 1} of {epochs}, iteration {len(trainer.losses)} of {per_epoch}")
        self.shop.report(line)

    def _line(self, trainer: RunTrainer, message: str) -> Progress:
        low, high = self.shop.share
        done = self._done(trainer)
        return Progress(
            stage="train",
            fraction=round(low + (high - low) * self.pace.fraction(done), 4),
            message=self._placed(message),
            seconds_left=self.pace.seconds_left(done),
            epoch=trainer.current_epoch,
            epochs=trainer.num_epochs,
            part=self.unit.part,
            memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            gpu_memory_bytes=torch.cuda.max_memory_reserved() if self.shop.device.type == "cuda" else None,
        )

    def _done(self, trainer: RunTrainer) -> int:
        return self.unit.number * self.per_unit + trainer.iterations_done

    def _placed(self, message: str) -> str:
        return f"{message} ({self.unit.part})" if self.unit.part else message
