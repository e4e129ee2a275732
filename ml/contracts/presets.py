"""Training presets: settings of a training as data. A name stands for settings; a spec carries the settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from ml.contracts.codec import from_value, to_json

Planner = Literal["default", "ResEncM", "ResEncL", "ResEncXL"]
Configuration = Literal["2d", "3d_fullres", "3d_lowres"]
Loss = Literal["dice_ce", "dice_focal", "focal_tversky", "dice_boundary"]

PLANNERS: tuple[Planner, ...] = get_args(Planner)
LOSSES: tuple[Loss, ...] = get_args(Loss)
CONFIGURATIONS: tuple[Configuration, ...] = get_args(Configuration)


@dataclass(frozen=True)
class Preset:
    """Settings of one training.

    configurations: nnU-Net configurations to train. Of several, the one with the best mean Dice over all validation
    cases is kept; those that nnU-Net does not plan for the data are left out, except the first.
    epochs, iterations_per_epoch, validation_iterations: length of the training of one fold.
    folds: folds to train, as indices into splits_final.json; masks are the mean of all of them.
    planner: nnU-Net's planner. gpu_memory_gb: memory that the plan may fill; None keeps the planner's own target.
    loss: name of the loss, see `ml.nnunet.losses`.
    warm_start: begin from the active model's weights where they fit.
    postprocess: look for rules on the validation cases that make masks better, and keep them with the model.
    patch_yx, batch_size, features: network and patch of a small 2-D plan; None keeps what nnU-Net planned.
    learning_rate: AdamW with polynomial decay for small plans; None keeps nnU-Net's SGD.
    mirroring: augment and predict with mirror images; off keeps left and right apart.
    oversample_foreground: share of patches centred on a labelled voxel, 0 to 1; None keeps nnU-Net's third.
    """

    name: str
    configurations: tuple[Configuration, ...]
    epochs: int
    iterations_per_epoch: int
    validation_iterations: int
    patch_yx: tuple[int, int] | None = None
    batch_size: int | None = None
    features: tuple[int, ...] | None = None
    learning_rate: float | None = None
    mirroring: bool = False
    oversample_foreground: float | None = None
    folds: tuple[int, ...] = (0,)
    planner: Planner = "default"
    gpu_memory_gb: float | None = None
    loss: Loss = "dice_ce"
    warm_start: bool = True
    postprocess: bool = False

    def __post_init__(self) -> None:
        self._check_lengths()
        self._check_network()

    def _check_lengths(self) -> None:
        if min(self.epochs, self.iterations_per_epoch, self.validation_iterations) < 1:
            raise ValueError(f"preset {self.name!r}: epochs and iterations count from 1")
        if not self.configurations or len(set(self.configurations)) != len(self.configurations):
            raise ValueError(f"preset {self.name!r}: configurations need one or more, each once")
        if not self.folds or min(self.folds) < 0 or len(set(self.folds)) != len(self.folds):
            raise ValueError(f"preset {self.name!r}: folds need one or more from 0, each once, got {self.folds}")

    def _check_network(self) -> None:
        if self.gpu_memory_gb is not None and self.gpu_memory_gb < 1:
            raise ValueError(f"preset {self.name!r}: gpu_memory_gb needs 1 or more, got {self.gpu_memory_gb}")
        if (self.patch_yx or self.features) and self.configurations != ("2d",):
            raise ValueError(f"preset {self.name!r}: patch_yx and features are for the 2d configuration")
        if self.features and self.planner != "default":
            raise ValueError(f"preset {self.name!r}: features are for the default planner")
        step = 2 ** (len(self.features) - 1) if self.features else 1
        if self.patch_yx and any(side % step for side in self.patch_yx):
            raise ValueError(f"preset {self.name!r}: patch {self.patch_yx} must be a multiple of {step}")


PRESETS: dict[str, Preset] = {
    "smoke": Preset("smoke", ("2d",), 2, 4, 1, (96, 96), 4, (8, 16, 32), 5e-3, oversample_foreground=1.0),
    "demo": Preset("demo", ("2d",), 14, 50, 5, (96, 96), 4, (16, 32, 64, 128), 1e-2, oversample_foreground=0.5),
    "draft": Preset("draft", ("3d_fullres",), 250, 250, 50),
    "final": Preset(
        "final",
        CONFIGURATIONS,
        1000,
        250,
        50,
        folds=(0, 1, 2, 3, 4),
        planner="ResEncL",
        warm_start=False,
        postprocess=True,
    ),
}


def preset(name: str, **changes: Any) -> Preset:
    """Preset of that name, with some settings changed. Raises ValueError naming the known ones, or the bad setting."""
    if name not in PRESETS:
        raise ValueError(f"unknown preset {name!r}; known: {', '.join(PRESETS)}")
    return replace(PRESETS[name], **changes) if changes else PRESETS[name]


def settings_of(name: str, changes: Mapping[str, Any]) -> Preset:
    """Preset of that name with changes as they come from JSON. Raises ValueError naming the setting that is wrong."""
    if "name" in changes:
        raise ValueError("a preset's name cannot be changed")
    return from_value(Preset, settings_json(preset(name)) | dict(changes))


def settings_json(settings: Preset) -> dict[str, Any]:
    """Settings as JSON holds them, by their names."""
    value: dict[str, Any] = json.loads(to_json(settings))
    return value
