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


PRESETS: dict[str, Preset] = {
    "smoke": Preset("smoke", "2d", 2, 4, 1, (96, 96), 4, (8, 16, 32), 5e-3),
    "demo": Preset("demo", "2d", 6, 50, 5, (96, 96), 8, (16, 32, 64, 128), 5e-3),
    "draft": Preset("draft", "3d_fullres", 250, 250, 50),
}


def preset(name: str) -> Preset:
    """Preset of that name. Raises ValueError naming the known ones."""
    if name not in PRESETS:
        raise ValueError(f"unknown preset {name!r}; known: {', '.join(PRESETS)}")
    return PRESETS[name]
