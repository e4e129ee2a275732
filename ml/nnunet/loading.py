"""Patches for training: nnU-Net's loaders, with patches that stay inside the image."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from batchgenerators.dataloading.nondet_multi_threaded_augmenter import NonDetMultiThreadedAugmenter
from batchgenerators.dataloading.single_threaded_augmenter import SingleThreadedAugmenter
from nnunetv2.training.dataloading.data_loader import nnUNetDataLoader
from nnunetv2.utilities.default_n_proc_DA import get_allowed_n_proc_DA


class Loader(Protocol):
    """An endless source of batches: `data` (B, C, …), `target` (B, 1, …) per resolution, `keys`."""

    def __next__(self) -> dict[str, Any]: ...


class InsideLoader(nnUNetDataLoader):  # type: ignore[misc]  # nnU-Net carries no types
    """Centres a patch on a labelled voxel as far as the image reaches.

    nnU-Net 2.8 clips such a patch at the lower border alone, so on small images half of it can be padding.
    """

    def get_bbox(self, data_shape: Any, *arguments: Any, **keywords: Any) -> tuple[list[int], list[int]]:
        """Lower and upper corner of a patch in an image of that shape; the margin for rotations may lie outside."""
        lows, _ = super().get_bbox(data_shape, *arguments, **keywords)
        highest = [self._highest(axis, size) for axis, size in enumerate(data_shape)]
        inside = [int(min(low, high)) for low, high in zip(lows, highest, strict=True)]
        return inside, [low + int(side) for low, side in zip(inside, self.patch_size, strict=True)]

    def _highest(self, axis: int, size: int) -> int:
        padding = max(int(self.need_to_pad[axis]), self.patch_size[axis] - size)
        return int(size + padding // 2 + padding % 2 - self.patch_size[axis])


def open_loader(loader: InsideLoader, device: torch.device, *, share: float = 1.0) -> Loader:
    """Start a loader: in this process on a CPU, in nnU-Net's number of processes (or a share of them) beside a GPU."""
    if device.type == "cpu":
        within: Loader = SingleThreadedAugmenter(loader, None)
        return within
    processes = max(1, round(get_allowed_n_proc_DA() * share))
    cached = max(3, processes // 2)
    beside: Loader = NonDetMultiThreadedAugmenter(
        loader, None, processes, num_cached=cached, pin_memory=True, wait_time=0.002
    )
    return beside


def close_loader(loader: Loader | None) -> None:
    """End a loader's processes, which would otherwise keep this one alive for ever."""
    if isinstance(loader, NonDetMultiThreadedAugmenter):
        loader._finish()
