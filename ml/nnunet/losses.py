"""Losses by name. Each takes logits (B, C, …) and labels (B, 1, …) and leaves voxels of the ignore label out.

dice_ce: nnU-Net's own. dice_focal, focal_tversky and dice_boundary give small labels, such as lesions and vessels, more
weight, each in its own way.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from nnunetv2.training.loss.compound_losses import DC_and_CE_loss
from nnunetv2.training.loss.dice import MemoryEfficientSoftDiceLoss
from nnunetv2.utilities.helpers import softmax_helper_dim1
from scipy.ndimage import distance_transform_edt
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ml.contracts.presets import Loss

FOCAL_GAMMA = 2.0
TVERSKY_MISSED, TVERSKY_MADE_UP, TVERSKY_GAMMA = 0.7, 0.3, 4 / 3
BOUNDARY_WEIGHT = 0.01
_SMOOTH = 1e-5


def make_loss(name: Loss, *, batch_dice: bool, ignore_label: int | None) -> nn.Module:
    """Loss of that name, for one resolution. batch_dice: overlap over the batch as one picture, as nnU-Net plans."""
    return _MAKERS[name](batch_dice, ignore_label)


def _dice(batch_dice: bool) -> nn.Module:
    dice: nn.Module = MemoryEfficientSoftDiceLoss(
        apply_nonlin=softmax_helper_dim1, batch_dice=batch_dice, do_bg=False, smooth=_SMOOTH, ddp=False
    )
    return dice


def _dice_and_ce(batch_dice: bool, ignore_label: int | None) -> nn.Module:
    options = {"batch_dice": batch_dice, "smooth": _SMOOTH, "do_bg": False, "ddp": False}
    loss: nn.Module = DC_and_CE_loss(
        options, {}, weight_ce=1, weight_dice=1, ignore_label=ignore_label, dice_class=MemoryEfficientSoftDiceLoss
    )
    return loss


class FocalLoss(nn.Module):
    """Mean over voxels of (1 - p)^γ · -log p, with p the probability of the true label.

    Source: Lin et al., Focal loss for dense object detection, ICCV 2017.
    """

    def __init__(self, ignore_label: int | None, gamma: float = FOCAL_GAMMA) -> None:
        super().__init__()
        self.ignore_label, self.gamma = ignore_label, gamma

    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Scalar loss; 0 where every voxel is ignored."""
        known = _known(labels, self.ignore_label)
        true_labels = torch.where(known, labels, 0)[:, 0].long()
        surprise = cross_entropy(logits, true_labels, reduction="none")
        weighed = (1 - torch.exp(-surprise)) ** self.gamma * surprise * known[:, 0]
        return weighed.sum() / known.sum().clamp(min=1)


class DiceAndFocal(nn.Module):
    """Soft Dice and focal loss, one of each."""

    def __init__(self, batch_dice: bool, ignore_label: int | None) -> None:
        super().__init__()
        self.dc, self.focal, self.ignore_label = _dice(batch_dice), FocalLoss(ignore_label), ignore_label

    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Scalar loss."""
        known = _known(labels, self.ignore_label)
        dice: Tensor = self.dc(logits, torch.where(known, labels, 0), loss_mask=known)
        focal: Tensor = self.focal(logits, labels)
        return dice + focal


class FocalTversky(nn.Module):
    """Mean over labels of (1 - TI)^(1/γ), TI = TP / (TP + α FN + β FP): missed voxels cost more than made-up ones.

    Source: Abraham and Khan, A novel focal Tversky loss function, ISBI 2019, with their α = 0.7, β = 0.3, γ = 4/3.
    """

    def __init__(self, batch_dice: bool, ignore_label: int | None) -> None:
        super().__init__()
        self.batch_dice, self.ignore_label = batch_dice, ignore_label

    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Scalar loss."""
        known = _known(labels, self.ignore_label)
        share, truth = torch.softmax(logits, 1)[:, 1:], _one_hot(labels, known, logits.shape[1])[:, 1:]
        axes = tuple(range(2, logits.ndim)) if not self.batch_dice else (0, *range(2, logits.ndim))
        hit = (share * truth * known).sum(axes)
        missed = ((1 - share) * truth * known).sum(axes)
        made_up = (share * (1 - truth) * known).sum(axes)
        index = (hit + _SMOOTH) / (hit + TVERSKY_MISSED * missed + TVERSKY_MADE_UP * made_up + _SMOOTH)
        return ((1 - index).clamp(min=0) + _SMOOTH).pow(1 / TVERSKY_GAMMA).mean()


class BoundaryLoss(nn.Module):
    """Mean over voxels and labels of probability times signed distance to the label's border, in patch diagonals.

    Outside a label the distance is positive, inside negative; a label that the patch does not hold is left out.
    Source: Kervadec et al., Boundary loss for highly unbalanced segmentation, MIDL 2019.
    """

    def __init__(self, ignore_label: int | None) -> None:
        super().__init__()
        self.ignore_label = ignore_label

    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Scalar loss; 0 where no label is in the patches."""
        known = _known(labels, self.ignore_label)
        distances = torch.from_numpy(_signed_distances(torch.where(known, labels, 0), logits.shape[1]))
        weighed = torch.softmax(logits, 1)[:, 1:] * distances.to(logits.device) * known
        return weighed.sum() / (known.sum() * (logits.shape[1] - 1)).clamp(min=1)


class DiceAndBoundary(nn.Module):
    """nnU-Net's Dice and cross-entropy, and the boundary loss at a weight that a training raises."""

    def __init__(self, batch_dice: bool, ignore_label: int | None) -> None:
        super().__init__()
        self.region, self.boundary = _dice_and_ce(batch_dice, ignore_label), BoundaryLoss(ignore_label)
        self.weight = BOUNDARY_WEIGHT

    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Scalar loss."""
        region: Tensor = self.region(logits, labels)
        boundary: Tensor = self.boundary(logits, labels)
        return region + self.weight * boundary


_MAKERS: dict[Loss, Callable[[bool, int | None], nn.Module]] = {
    "dice_ce": _dice_and_ce,
    "dice_focal": DiceAndFocal,
    "focal_tversky": FocalTversky,
    "dice_boundary": DiceAndBoundary,
}


def _known(labels: Tensor, ignore_label: int | None) -> Tensor:
    return torch.ones_like(labels, dtype=torch.bool) if ignore_label is None else labels != ignore_label


def _one_hot(labels: Tensor, known: Tensor, classes: int) -> Tensor:
    shape = (labels.shape[0], classes, *labels.shape[2:])
    true_labels = torch.where(known, labels, 0).long()
    return torch.zeros(shape, device=labels.device).scatter_(1, true_labels, 1.0)


def _signed_distances(labels: Tensor, classes: int) -> np.ndarray:
    """Distances (B, C-1, …) float32 in patch diagonals."""
    maps = labels[:, 0].detach().cpu().numpy().astype(np.uint8)
    distances = np.zeros((maps.shape[0], classes - 1, *maps.shape[1:]), dtype=np.float32)
    diagonal = float(np.linalg.norm(maps.shape[1:]))
    for sample, patch in enumerate(maps):
        for value in np.unique(patch[patch > 0]):
            inside = patch == value
            if inside.all():
                continue
            away = distance_transform_edt(~inside) - np.maximum(distance_transform_edt(inside) - 1, 0)
            distances[sample, value - 1] = away / diagonal
    return distances
