"""Train one fold as a spec says: check, plan, preprocess, train, write the model. Goes on where a stop left it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ml.contracts import Preset, Progress, TrainResult, TrainSpec, preset
from ml.nnunet.checkpoints import Checkpoints
from ml.nnunet.dataset import RawDataset, check_labels, read_dataset
from ml.nnunet.environment import (
    open_device,
    seed_everything,
    set_compilation,
    set_folders,
    worker_processes,
)
from ml.nnunet.errors import RunError
from ml.nnunet.files import write_text
from ml.nnunet.model import StoredModel, describe_weights, read_model, take_over, write_model
from ml.nnunet.planning import apply_preset, plan
from ml.nnunet.preparation import prepare_cases
from ml.nnunet.running import WORK, Pace, Report, StopFlag
from ml.nnunet.trainer import RunTrainer
from ml.nnunet.versions import versions

_PREPARED = 0.15
"""Share of the whole run that planning and preprocessing take; an estimate for the progress bar alone."""
_TELL_EVERY_S = 2.0


@dataclass(frozen=True)
class _Run:
    spec: TrainSpec
    preset: Preset
    dataset: RawDataset
    device: torch.device
    work: Path
    report: Report
    stop: StopFlag


def train(spec: TrainSpec, out: Path, report: Report, stop: StopFlag) -> TrainResult:
    """Train and leave `out/model` behind; `out/work` holds what a stopped training needs to go on.

    Raises RunError for a dataset, model or device that cannot be used, Stopped after a checkpoint.
    """
    began = time.monotonic()
    report(Progress("prepare", 0.0, "Checking the dataset"))
    dataset = read_dataset(Path(spec.dataset_dir), spec.fold)
    check_labels(dataset)
    run = _Run(spec, preset(spec.preset), dataset, open_device(spec.device), out / WORK, report, stop)
    set_folders(run.work)
    set_compilation(small_network=run.preset.features is not None)
    warm = _warm_model(spec)
    plans = _plan(run, warm)
    _preprocess(run, plans)
    trainer = _trainer(run, plans, warm)
    stop.check()
    if trainer.current_epoch < trainer.num_epochs:
        trainer.run_training()
    return _result(run, plans, trainer, out, time.monotonic() - began)


def _warm_model(spec: TrainSpec) -> StoredModel | None:
    if spec.warm_start_dir is None:
        return None
    return read_model(Path(spec.warm_start_dir), sha256=spec.warm_start_sha256)


def _plan(run: _Run, warm: StoredModel | None) -> dict[str, Any]:
    """Plan of this run: the one that an earlier attempt made, the warm model's, or a new one."""
    path = run.work / "plans.json"
    if not path.is_file():
        run.stop.check()
        run.report(Progress("plan", 0.02, f"Planning with {len(run.dataset.cases)} cases"))
        if warm is not None and _fits(warm, run):
            plans = warm.plans | {"dataset_name": run.dataset.name}
        else:
            plans = plan(run.dataset, processes=worker_processes(run.device), stop=run.stop)
        _need_configuration(plans, run.preset.configuration)
        apply_preset(plans, run.preset)
        write_text(path, json.dumps(plans))
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return stored


def _fits(warm: StoredModel, run: _Run) -> bool:
    """A plan is kept from round to round, so that weights keep their shapes, as long as the channels are the same."""
    same_channels = list(warm.description["channel_names"].values()) == list(run.dataset.channels)
    return same_channels and run.preset.configuration in warm.plans["configurations"]


def _need_configuration(plans: dict[str, Any], configuration: str) -> None:
    if configuration not in plans["configurations"]:
        known = ", ".join(plans["configurations"])
        raise RunError(f"nnU-Net plans no {configuration} for these volumes, only {known}: choose another preset.")


def _preprocess(run: _Run, plans: dict[str, Any]) -> None:
    preprocessed = run.work / "preprocessed" / run.dataset.name
    folder = preprocessed / plans["configurations"][run.preset.configuration]["data_identifier"]
    cases, start = len(run.dataset.cases), 0.05
    pace = None
    steps = prepare_cases(
        run.dataset,
        plans,
        run.preset.configuration,
        folder,
        processes=worker_processes(run.device),
        stop=run.stop,
    )
    for done in steps:
        pace = pace or Pace(cases, skipped=done)
        fraction = start + (_PREPARED - start) * pace.fraction(done)
        run.report(Progress("preprocess", round(fraction, 4), f"Preprocessed {done} of {cases} cases"))
    splits = [{"train": list(run.dataset.train), "val": list(run.dataset.validation)}]
    write_text(preprocessed / "splits_final.json", json.dumps(splits))


def _trainer(run: _Run, plans: dict[str, Any], warm: StoredModel | None) -> RunTrainer:
    seed_everything(run.spec.seed)
    checkpoints = Checkpoints(run.work / "checkpoints")
    # nnU-Net reads `fold` as an index into the splits written above, which hold this run's fold alone
    trainer = RunTrainer(
        plans | {"continue_training": False}, run.preset.configuration, 0, run.dataset.description, run.device
    )
    narrator = _Narrator(run)
    trainer.equip(run.preset, checkpoints=checkpoints, stop=run.stop, on_iteration=narrator)
    trainer.initialize()
    saved = checkpoints.newest()
    if saved is not None:
        trainer.resume(saved)
        done, wanted = trainer.iterations_done, run.preset.epochs * run.preset.iterations_per_epoch
        run.report(Progress("train", _PREPARED, f"Going on from iteration {done} of {wanted}"))
    elif warm is not None:
        taken, all_tensors = take_over(trainer.bare_network, warm.weights)
        run.report(
            Progress("train", _PREPARED, f"Starting from an earlier model: {taken} of {all_tensors} tensors fit")
        )
    narrator.start(trainer)
    return trainer


class _Narrator:
    """Turns iterations into progress: one line per epoch, and one every few seconds in between."""

    def __init__(self, run: _Run) -> None:
        self.run = run
        self.told_at = 0.0
        self.pace = Pace(0)

    def start(self, trainer: RunTrainer) -> None:
        """Start the clock behind the estimates, after what an earlier attempt has done."""
        self.pace = Pace(trainer.num_epochs * trainer.num_iterations_per_epoch, skipped=trainer.iterations_done)

    def __call__(self, trainer: RunTrainer) -> None:
        done, per_epoch = trainer.iterations_done, trainer.num_iterations_per_epoch
        ends_epoch, now = not trainer.losses, time.monotonic()
        if not ends_epoch and now - self.told_at < _TELL_EVERY_S:
            return
        self.told_at = now
        fraction = round(_PREPARED + (0.99 - _PREPARED) * self.pace.fraction(done), 4)
        left, epochs = self.pace.seconds_left(done), trainer.num_epochs
        epoch = trainer.current_epoch
        if ends_epoch:
            train_loss, val_loss, dice = trainer.last_epoch()
            message = f"Epoch {epoch} of {epochs}"
            line = Progress("train", fraction, message, left, epoch, epochs, train_loss, val_loss, dice)
        else:
            message = f"Epoch {epoch + 1} of {epochs}, iteration {len(trainer.losses)} of {per_epoch}"
            line = Progress("train", fraction, message, left, epoch, epochs)
        self.run.report(line)


def _result(run: _Run, plans: dict[str, Any], trainer: RunTrainer, out: Path, seconds: float) -> TrainResult:
    weights = {name: tensor.detach().cpu() for name, tensor in trainer.bare_network.state_dict().items()}
    axes = trainer.inference_allowed_mirroring_axes
    model = StoredModel(plans, run.dataset.description, run.preset.configuration, weights, axes)
    folder = out / "model"
    path = write_model(folder, run.spec.fold, model)
    digest, size = describe_weights(path)
    return TrainResult(
        model_dir=folder.name,
        weights_file=str(path.relative_to(folder)),
        weights_sha256=digest,
        weights_bytes=size,
        epochs=run.preset.epochs,
        training_cases=len(run.dataset.train),
        pseudo_dice=trainer.last_epoch()[2],
        seconds=round(seconds, 2),
        device=run.spec.device,
        versions=versions(),
    )
