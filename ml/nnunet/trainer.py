"""nnU-Net's trainer with our clock: stops within an iteration, resumes there, and tells how far it is.

The network is the one that the plan describes, so the weights load under the stock trainer's name and no trainer of
ours has to be found by name again. (Looking for any name but the stock one imports all of nnU-Net's trainers, timm and
torchvision with them, which fails where torchvision was built for another torch, as beside a CPU build.)
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from nnunetv2.training.data_augmentation.compute_initial_patch_size import get_patch_size
from nnunetv2.training.loss.deep_supervision import DeepSupervisionWrapper
from nnunetv2.training.lr_scheduler.polylr import PolyLRScheduler
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer
from torch._dynamo import OptimizedModule

from ml.contracts import Preset
from ml.nnunet import randomness
from ml.nnunet.checkpoints import Checkpoints
from ml.nnunet.errors import RunError, Stopped
from ml.nnunet.loading import InsideLoader, Loader, close_loader, open_loader
from ml.nnunet.losses import BOUNDARY_WEIGHT, DiceAndBoundary, make_loss
from ml.nnunet.running import StopFlag

CHECKPOINT_EVERY_S = 300.0
_ROTATION = math.radians(15.0)
_SCALING = (0.85, 1.25)


class RunTrainer(nnUNetTrainer):  # type: ignore[misc]  # nnU-Net carries no types
    """Trains one fold as a preset says. Call `equip`, then `start_from` once or never, then `run_training`."""

    def __init__(
        self,
        plans: dict[str, Any],
        configuration: str,
        fold: int,
        dataset_json: dict[str, Any],
        device: torch.device,
    ) -> None:
        super().__init__(plans, configuration, fold, dataset_json, device)
        self.losses: list[float] = []
        self._resumed: dict[str, Any] | None = None
        self._saved_at = time.monotonic()

    def equip(
        self, preset: Preset, *, checkpoints: Checkpoints, stop: StopFlag, on_iteration: Callable[[RunTrainer], None]
    ) -> None:
        """Give the trainer its length, its place for checkpoints and its two wires to the outside."""
        self.preset, self.checkpoints, self.stop, self.on_iteration = preset, checkpoints, stop, on_iteration
        self.num_epochs = preset.epochs
        self.num_iterations_per_epoch = preset.iterations_per_epoch
        self.num_val_iterations_per_epoch = preset.validation_iterations
        if preset.learning_rate is not None:
            self.initial_lr = preset.learning_rate
        if preset.oversample_foreground is not None:
            self.oversample_foreground_percent = preset.oversample_foreground

    @property
    def bare_network(self) -> torch.nn.Module:
        """The network without the wrapper of torch.compile."""
        network = self.network
        return network._orig_mod if isinstance(network, OptimizedModule) else network

    @property
    def iterations_done(self) -> int:
        """Training iterations done so far, over all epochs."""
        return int(self.current_epoch * self.num_iterations_per_epoch + len(self.losses))

    def _build_loss(self) -> torch.nn.Module:
        """The preset's loss on every resolution that nnU-Net supervises, each half as heavy as the finer one."""
        if self.preset.loss == "dice_ce":
            stock: torch.nn.Module = super()._build_loss()
            return stock
        loss = make_loss(
            self.preset.loss,
            batch_dice=self.configuration_manager.batch_dice,
            ignore_label=self.label_manager.ignore_label,
        )
        if not self.enable_deep_supervision:
            return loss
        weights = np.array([0.5**level for level in range(len(self._get_deep_supervision_scales()))])
        weights[-1] = 0 if len(weights) > 1 else 1
        wrapped: torch.nn.Module = DeepSupervisionWrapper(loss, weights / weights.sum())
        return wrapped

    def _weigh_boundary(self) -> None:
        """Raise the weight of the boundary loss by a hundredth with each epoch, as its authors do."""
        loss = getattr(self.loss, "loss", self.loss)
        if isinstance(loss, DiceAndBoundary):
            loss.weight = min(1.0, BOUNDARY_WEIGHT * (self.current_epoch + 1))

    def configure_optimizers(self) -> tuple[torch.optim.Optimizer, Any]:
        """AdamW where the preset gives a learning rate, nnU-Net's SGD otherwise; polynomial decay in both."""
        if self.preset.learning_rate is None:
            stock: tuple[torch.optim.Optimizer, Any] = super().configure_optimizers()
            return stock
        optimizer = torch.optim.AdamW(self.network.parameters(), self.initial_lr, weight_decay=self.weight_decay)
        return optimizer, PolyLRScheduler(optimizer, self.initial_lr, self.num_epochs)

    def configure_rotation_dummyDA_mirroring_and_inital_patch_size(  # noqa: N802 nnU-Net's name
        self,
    ) -> tuple[Any, bool, Any, tuple[int, ...] | None]:
        """Without mirroring, patients also keep their way up: small rotations in the plane, no mirror axes.

        nnU-Net turns square patches by up to 180 degrees, which hides what lies left, right, front and back.
        """
        rotation, in_plane, patch, mirror_axes = super().configure_rotation_dummyDA_mirroring_and_inital_patch_size()
        if self.preset.mirroring:
            return rotation, in_plane, patch, mirror_axes
        self.inference_allowed_mirroring_axes = None
        final = list(self.configuration_manager.patch_size)
        if len(final) == 2 or in_plane:
            rotation = (-_ROTATION, _ROTATION)
            patch = get_patch_size(final, rotation, rotation, rotation, _SCALING)
            if in_plane:
                patch[0] = final[0]
        return rotation, in_plane, patch, None

    def get_dataloaders(self) -> tuple[Loader, Loader]:
        """Loaders of training and validation batches, augmented as nnU-Net does."""
        scales, manager = self._get_deep_supervision_scales(), self.label_manager
        rotation, in_plane, wide_patch, axes = self.configure_rotation_dummyDA_mirroring_and_inital_patch_size()
        patch = self.configuration_manager.patch_size
        labels = {"foreground_labels": manager.foreground_labels, "ignore_label": manager.ignore_label}
        augment = self.get_training_transforms(
            patch,
            rotation,
            scales,
            axes,
            in_plane,
            use_mask_for_norm=self.configuration_manager.use_mask_for_norm,
            **labels,
        )
        train, validation = self.get_tr_and_val_datasets()
        return (
            open_loader(self._loader(train, wide_patch, augment), self.device),
            open_loader(
                self._loader(validation, patch, self.get_validation_transforms(scales, **labels)),
                self.device,
                share=0.5,
            ),
        )

    def _loader(self, cases: Any, patch: Any, transforms: Any) -> InsideLoader:
        return InsideLoader(
            cases,
            self.batch_size,
            patch,
            self.configuration_manager.patch_size,
            self.label_manager,
            oversample_foreground_percent=self.oversample_foreground_percent,
            transforms=transforms,
        )

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint's state. Call after `initialize`, before `run_training`."""
        self.bare_network.load_state_dict(state["network_weights"])
        self.optimizer.load_state_dict(state["optimizer_state"])
        if self.grad_scaler is not None and state["grad_scaler_state"] is not None:
            self.grad_scaler.load_state_dict(state["grad_scaler_state"])
        self.logger.load_checkpoint(state["logging"])
        self.current_epoch, self.losses = state["epoch"], list(state["losses"])
        self.inference_allowed_mirroring_axes = state["mirroring_axes"]
        self._resumed = state

    def run_training(self) -> None:
        """Train to the last epoch. Raises Stopped after a checkpoint when a stop is asked for."""
        self.on_train_start()
        if self._resumed is not None:
            randomness.restore(self._resumed["randomness"])
        try:
            while self.current_epoch < self.num_epochs:
                self._run_epoch()
        except Stopped:
            self.save()
            raise
        finally:
            close_loader(self.dataloader_train)
            close_loader(self.dataloader_val)

    def save(self) -> None:
        """Put a verified checkpoint aside."""
        scaler = self.grad_scaler
        state = {
            "network_weights": self.bare_network.state_dict(),
            "optimizer_state": self.optimizer.state_dict(),
            "grad_scaler_state": scaler.state_dict() if scaler is not None else None,
            "logging": _plain(self.logger.get_checkpoint()),
            "epoch": self.current_epoch,
            "losses": self.losses,
            "mirroring_axes": self.inference_allowed_mirroring_axes,
            "randomness": randomness.capture(),
        }
        self.checkpoints.save(state, step=self.iterations_done)
        self._saved_at = time.monotonic()

    def last_epoch(self) -> tuple[float, float, dict[str, float]]:
        """Training loss, validation loss and pseudo Dice by label name of the epoch that ended last."""
        dice = self.logger.get_value("dice_per_class_or_region", step=-1)
        names = {value: name for name, value in self.dataset_json["labels"].items()}
        by_name = {
            names[value]: round(float(score), 4)
            for value, score in zip(self.label_manager.foreground_labels, dice, strict=True)
            if not math.isnan(score)
        }
        train_loss, val_loss = (float(self.logger.get_value(key, step=-1)) for key in ("train_losses", "val_losses"))
        return round(train_loss, 4), round(val_loss, 4), by_name

    def on_train_start(self) -> None:
        """Open the data loaders. nnU-Net also writes a figure and a debug file here."""
        if not self.was_initialized:
            self.initialize()
        self.dataloader_train, self.dataloader_val = self.get_dataloaders()
        self.set_deep_supervision_enabled(self.enable_deep_supervision)

    def on_epoch_end(self) -> None:
        """Close the epoch with a checkpoint. nnU-Net also draws a figure and keeps the epoch of the best Dice."""
        self.logger.log("epoch_end_timestamps", time.time(), self.current_epoch)
        self.current_epoch, self.losses = self.current_epoch + 1, []
        self.save()

    def _run_epoch(self) -> None:
        self.on_epoch_start()
        self.on_train_epoch_start()
        self._weigh_boundary()
        while len(self.losses) < self.num_iterations_per_epoch:
            self.stop.check()
            loss = float(self.train_step(next(self.dataloader_train))["loss"])
            if not math.isfinite(loss):
                raise RunError(f"The training diverged in epoch {self.current_epoch + 1}: lower the learning rate.")
            self.losses.append(loss)
            self.on_iteration(self)
            if time.monotonic() - self._saved_at > CHECKPOINT_EVERY_S:
                self.save()
        self.on_train_epoch_end([{"loss": np.asarray(loss)} for loss in self.losses])
        with torch.no_grad():
            self.on_validation_epoch_start()
            steps = range(self.num_val_iterations_per_epoch)
            self.on_validation_epoch_end([self.validation_step(next(self.dataloader_val)) for _ in steps])
        self.on_epoch_end()
        self.on_iteration(self)


def _plain(log: dict[str, Any]) -> Any:
    """The trainer's log without numpy scalars, which a safe load would refuse."""
    return json.loads(json.dumps(log, default=float))
