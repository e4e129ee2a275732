"""A second look at a case, beside its draft: what the encoder makes of it, and how far views of it disagree.

The look goes over tiles that hardly overlap, where nnU-Net's own prediction goes over each place four times (2-D) or
eight times (3-D): it costs a fraction of the draft, and leaves the draft as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import torch
from nnunetv2.inference.sliding_window_prediction import compute_steps_for_sliding_window
from numpy.typing import NDArray

from ml.nnunet.running import StopFlag
from ml.query.uncertainty import Disagreement

_SLICES_AT_ONCE = 8


@dataclass(frozen=True)
class Look:
    """features (D) float32: mean over the case of the deepest features. disagreement: None where there was one view."""

    features: NDArray[np.float32]
    disagreement: float | None


class Looker:
    """Looks at cases with one network, or with those of several folds.

    patch: nnU-Net's patch, two- or three-dimensional. mirror_axes: axes of the patch along which images may be turned
    round; each gives one more view. gammas: as in `ml.contracts.PredictSpec`.
    """

    def __init__(
        self,
        networks: Sequence[torch.nn.Module],
        patch: Sequence[int],
        device: torch.device,
        stop: StopFlag,
        *,
        mirror_axes: Sequence[int] = (),
        gammas: Sequence[float] = (),
    ) -> None:
        self._networks = tuple(networks)
        self._patch = tuple(int(side) for side in patch)
        self._device = device
        self._stop = stop
        self._mirror_axes = tuple(mirror_axes)
        self._gammas = tuple(gammas)

    @torch.inference_mode()
    def look(self, tensor: torch.Tensor, *, features_only: bool = False) -> Look:
        """Look at a preprocessed case (C, Z, Y, X)."""
        sum_of_features: Any = 0.0
        tiles = 0
        informed = weight = 0.0
        encoder: Any = self._networks[0].encoder
        views = len(self._networks) * (1 + len(self._mirror_axes) + len(self._gammas))
        for network in self._networks:
            network.to(self._device).eval()
        with torch.autocast(self._device.type, enabled=self._device.type == "cuda"):
            for batch in self._batches(tensor):
                self._stop.check()
                deepest = encoder(batch)[-1]
                sum_of_features = sum_of_features + deepest.float().flatten(2).mean(dim=2).sum(dim=0)
                tiles += len(batch)
                if views > 1 and not features_only:
                    more, by = self._disagreement(batch)
                    informed, weight = informed + more, weight + by
        features = (sum_of_features / tiles).cpu().numpy().astype(np.float32)
        disagree = views > 1 and not features_only
        return Look(features, (informed / weight if weight > 0 else 0.0) if disagree else None)

    def _disagreement(self, batch: torch.Tensor) -> tuple[float, float]:
        """Mutual information summed over voxels, weighted by the probability of foreground, and the sum of weights."""
        sums = Disagreement()
        for network, view in product(self._networks, self._views(batch)):
            turned, back = view
            logits = network(turned)
            probabilities = torch.softmax(torch.flip(logits, back) if back else logits, dim=1).float().cpu().numpy()
            sums.add(probabilities.swapaxes(0, 1))
        weights = 1.0 - sums.mean()[0]
        return float((weights * sums.information()).sum(dtype=np.float64)), float(weights.sum(dtype=np.float64))

    def _views(self, batch: torch.Tensor) -> Iterator[tuple[torch.Tensor, tuple[int, ...]]]:
        yield batch, ()
        for axis in self._mirror_axes:
            yield torch.flip(batch, (axis + 2,)), (axis + 2,)
        for gamma in self._gammas:
            yield _with_gamma(batch, gamma), ()

    def _batches(self, tensor: torch.Tensor) -> Iterator[torch.Tensor]:
        """Tiles (N, C, *patch): of a 2-D network several slices together."""
        lacking = [max(0, side - n) for side, n in zip(self._patch, tensor.shape[-len(self._patch) :], strict=True)]
        padded = torch.nn.functional.pad(tensor, [n for end in reversed(lacking) for n in (0, end)])
        flat = len(self._patch) == 2
        steps = compute_steps_for_sliding_window(tuple(padded.shape[2 if flat else 1 :]), self._patch, 1.0)
        for starts in product(*steps):
            box = tuple(slice(start, start + side) for start, side in zip(starts, self._patch, strict=True))
            tile = padded[(slice(None), slice(None), *box)] if flat else padded[(slice(None), *box)][None]
            if not flat:
                yield tile.to(self._device)
                continue
            for first in range(0, tile.shape[1], _SLICES_AT_ONCE):
                yield tile[:, first : first + _SLICES_AT_ONCE].swapaxes(0, 1).to(self._device)


def _with_gamma(batch: torch.Tensor, gamma: float) -> torch.Tensor:
    """Grey values (N, C, …) bent by an exponent between the least and the greatest of each channel.

    As nnU-Net's augmentation does in training. A mere factor would change nothing: instance normalisation undoes it.
    """
    places = tuple(range(2, batch.ndim))
    low = batch.amin(places, keepdim=True)
    extent = (batch.amax(places, keepdim=True) - low).clamp_min(1e-7)
    return ((batch - low) / extent) ** gamma * extent + low
