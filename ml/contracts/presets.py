"""Training presets: nnU-Net settings by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """Settings of one training.

    configuration: nnU-Net configuration (`2d`, `3d_fullres`) that the plan starts from.
    epochs, iterations_per_epoch, validation_iterations: length of the training.
    patch_yx, batch_size, features: network and patch of a small 2-D plan; None keeps what nnU-Net planned.
    learning_rate: AdamW with polynomial decay for small plans; None keeps nnU-Net's SGD.
    mirroring: augment and predict with mirror images; off keeps left and right apart.
    oversample_foreground: share of patches centred on a labelled voxel, 0 to 1; None keeps nnU-Net's third.
    """

    name: str
    configuration: str
    epochs: int
    iterations_per_epoch: int
    validation_iterations: int
    patch_yx: tuple[int, int] | None = None
    batch_size: int | None = None
    features: tuple[int, ...] | None = None
    learning_rate: float | None = None
    mirroring: bool = False
    oversample_foreground: float | None = None

    def __post_init__(self) -> None:
        if min(self.epochs, self.iterations_per_epoch, self.validation_iterations) < 1:
            raise ValueError(f"preset {self.name!r}: epochs and iterations count from 1")
        if (self.patch_yx or self.features) and self.configuration != "2d":
            raise ValueError(f"preset {self.name!r}: patch_yx and features are for the 2d configuration")
        step = 2 ** (len(self.features) - 1) if self.features else 1
        if self.patch_yx and any(side % step for side in self.patch_yx):
            raise ValueError(f"preset {self.name!r}: patch {self.patch_yx} must be a multiple of {step}")


PRESETS: dict[str, Preset] = {
    "smoke": Preset("smoke", "2d", 2, 4, 1, (96, 96), 4, (8, 16, 32), 5e-3, oversample_foreground=1.0),
    "demo": Preset("demo", "2d", 14, 50, 5, (96, 96), 4, (16, 32, 64, 128), 1e-2, oversample_foreground=0.5),
    "draft": Preset("draft", "3d_fullres", 250, 250, 50),
}


def preset(name: str) -> Preset:
    """Preset of that name. Raises ValueError naming the known ones."""
    if name not in PRESETS:
        raise ValueError(f"unknown preset {name!r}; known: {', '.join(PRESETS)}")
    return PRESETS[name]
