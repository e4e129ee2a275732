"""Losses against closed forms, MONAI's and nnU-Net's own, and what they leave out."""

import math

import numpy as np
import pytest
import torch
from monai.losses import FocalLoss as MonaiFocal
from monai.losses import TverskyLoss as MonaiTversky
from torch.nn.functional import one_hot

from ml.contracts.presets import LOSSES
from ml.nnunet.losses import BoundaryLoss, FocalLoss, FocalTversky, make_loss

CLASSES, IGNORE = 4, 4
SHAPES = [(9, 10), (5, 6, 7)]


def draw(shape, seed=0):
    """Logits (2, C, …) and labels (2, 1, …) by chance."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn((2, CLASSES, *shape), generator=generator)
    return logits, torch.randint(0, CLASSES, (2, 1, *shape), generator=generator).float()


def hot(labels):
    return one_hot(labels[:, 0].long(), CLASSES).movedim(-1, 1).float()


def sure(labels, size=30.0):
    """Logits of a network that is sure of these labels."""
    return hot(labels) * size


@pytest.mark.parametrize("shape", SHAPES)
def test_the_focal_loss_is_the_softmax_one_of_monai(shape):
    logits, labels = draw(shape)
    theirs = MonaiFocal(gamma=2.0, use_softmax=True, reduction="none")(logits, hot(labels)).sum(1).mean()
    assert FocalLoss(None)(logits, labels) == pytest.approx(float(theirs), rel=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("batch_dice", [True, False])
def test_the_tversky_index_is_that_of_monai(shape, batch_dice):
    logits, labels = draw(shape)
    share = torch.softmax(logits, 1)
    index = MonaiTversky(
        include_background=False,
        alpha=0.3,
        beta=0.7,
        smooth_nr=1e-5,
        smooth_dr=1e-5,
        batch=batch_dice,
        reduction="none",
    )(share, hot(labels))
    theirs = (index + 1e-5).pow(0.75).mean()
    assert FocalTversky(batch_dice, None)(logits, labels) == pytest.approx(float(theirs), rel=1e-4)


def test_a_missed_voxel_costs_more_than_a_made_up_one():
    labels = torch.zeros((1, 1, 8, 8))
    labels[..., 2:6, 2:6] = 1
    larger, smaller = labels.clone(), labels.clone()
    larger[..., 6, 2:6], smaller[..., 5, 2:6] = 1, 0
    loss = FocalTversky(batch_dice=False, ignore_label=None)
    assert loss(sure(smaller), labels) > loss(sure(larger), labels)


def test_the_boundary_loss_of_one_voxel_is_its_distance():
    labels = torch.zeros((1, 1, 1, 9))
    labels[..., 4] = 1
    diagonal = math.hypot(1, 9)
    loss = BoundaryLoss(None)
    for place in range(9):
        drawn = torch.zeros_like(labels)
        drawn[..., place] = 1
        expected = abs(place - 4) / diagonal / (9 * (CLASSES - 1))
        assert loss(sure(drawn, 60.0), labels) == pytest.approx(expected, abs=1e-6)


def test_the_boundary_loss_falls_as_a_disc_moves_to_its_place():
    y, x = np.mgrid[:32, :32]

    def disc(centre):
        return torch.from_numpy(((y - 16) ** 2 + (x - centre) ** 2 < 25).astype(np.float32))[None, None]

    losses = [float(BoundaryLoss(None)(sure(disc(centre)), disc(16))) for centre in (6, 9, 12, 16)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.01


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_loss_is_least_when_the_network_is_sure_and_right(name, shape):
    logits, labels = draw(shape)
    loss = make_loss(name, batch_dice=True, ignore_label=None)
    right, wrong = loss(sure(labels), labels), loss(sure((labels + 1) % CLASSES), labels)
    assert right < loss(logits, labels) < wrong


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_loss_is_blind_to_what_is_ignored_and_can_be_followed_downhill(name, shape):
    logits, labels = draw(shape)
    labels[:, :, : shape[0] // 2] = IGNORE
    loss = make_loss(name, batch_dice=True, ignore_label=IGNORE)
    other = logits.clone()
    other[:, :, : shape[0] // 2] += torch.randn_like(other[:, :, : shape[0] // 2])
    assert loss(logits, labels) == pytest.approx(float(loss(other, labels)), rel=1e-5)
    logits.requires_grad_(True)
    loss(logits, labels).backward()
    assert torch.isfinite(logits.grad).all()
    assert (logits.grad[:, :, : shape[0] // 2] == 0).all()
    assert logits.grad.abs().sum() > 0


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_bears_patches_without_a_label_and_patches_of_one(name):
    loss = make_loss(name, batch_dice=True, ignore_label=IGNORE)
    for value in (0, 2, IGNORE):
        assert torch.isfinite(loss(draw((6, 6))[0], torch.full((2, 1, 6, 6), float(value))))
